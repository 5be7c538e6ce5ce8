import * as nodeFs from "node:fs";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SinkItem } from "@episcope/core";
import {
  startWandbServer,
  WANDB_TEST_KEY,
  type WandbServer,
  type WandbServerOptions,
} from "@episcope/testing/wandb-server";
import { createWaiting, type Waiting } from "@episcope/tracker";
import { type Fault, immediateWaiting } from "@episcope/tracker/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { syncWandbDirectory, type WandbConfig, type WandbSink } from "../src/index.js";
// Inside: environment and time of the sink are given here.
import { createWandbSink } from "../src/sink.js";
import {
  createWorld,
  episodeEnd,
  episodeStart,
  OPTIONS,
  picture,
  png,
  runEnd,
  step,
  type World,
} from "./context.js";

let folder: string;
const servers: WandbServer[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "episcope-upload-"));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  rmSync(folder, { recursive: true });
});

async function serve(options: WandbServerOptions = {}): Promise<WandbServer> {
  const server = await startWandbServer(options);
  servers.push(server);
  return server;
}

function environmentFor(server: { readonly origin: string }): { [name: string]: string } {
  return { WANDB_BASE_URL: server.origin, WANDB_API_KEY: WANDB_TEST_KEY, NETRC: "/nowhere" };
}

interface Opened {
  readonly world: World;
  readonly sink: WandbSink;
  readonly run: string;
}

function open(
  env: { readonly [name: string]: string },
  options: Partial<WandbConfig> = {},
  waiting: Waiting = immediateWaiting(),
): Opened {
  const world = createWorld({ fs: nodeFs, runDir: folder });
  const sink = createWandbSink({ ...OPTIONS, log_frequency: 1, ...options }, world.context, { env, waiting });
  return { world, sink, run: sink.directory.slice(-8) };
}

const EPISODE: readonly SinkItem[] = [
  episodeStart(1, 0),
  ...Array.from({ length: 6 }, (_, index) => step(index, { reward: index === 2 ? Number.NaN : index / 8 })),
  picture(png(4, 4), { global_step: 5, step: 5 }),
  episodeEnd(1, 5),
  runEnd("finished"),
];

async function record({ sink, world }: Opened, items: readonly SinkItem[] = EPISODE): Promise<void> {
  await sink.write(items, world.context.signal);
  await sink.close?.();
}

function everythingWritten(): string {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => nodeFs.statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
}

describe("a run with a key", () => {
  it("is at the server when it is closed: rows, summary, config, files, exit code", async () => {
    const server = await serve();
    const opened = open(environmentFor(server), {
      entity: "team",
      group: "g",
      job_type: "train",
      notes: "n",
    });
    await record(opened);
    const stored = server.runs.get(opened.run)!;
    expect(server.rows(opened.run).map(({ _step }) => _step)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(stored.lines.get("wandb-history.jsonl")![2]).toContain('"reward":NaN');
    expect(server.rows(opened.run)[5]).toMatchObject({
      "episode/outcome": "success",
      "pictures/step": { width: 4 },
    });
    expect(JSON.parse(stored.lines.get("wandb-summary.json")![0]!)).toMatchObject({
      ...{ global_step: 5, "episode/success": 1, _wandb: { runtime: 0 } },
    });
    expect(stored.upserts[0]).toMatchObject({
      ...{ name: opened.run, project: "demo", entity: "team", displayName: "run_demo", tags: ["arc"] },
      ...{ groupName: "g", jobType: "train", notes: "n", host: null, program: null, commit: null },
    });
    const config = JSON.parse(String(stored.upserts.at(-1)!["config"]).replace("NaN", "null"));
    expect(config.episcope.value).toMatchObject({ seed: 7, agent: { api_key: "(masked)" } });
    expect(config._wandb.value.m).toEqual([
      { 1: "episode", 6: [3], 7: [] },
      { 2: "episode/*", 5: 1, 6: [1], 7: [] },
    ]);
    expect(config._wandb.value.t["3"]).not.toContain(4);
    const media = [...stored.files.keys()].filter((path) => path.startsWith("media/"));
    expect(media).toEqual([
      expect.stringMatching(/^media\/images\/pictures\/step_5_.*\.png$/),
      expect.stringMatching(/^media\/table\/episodes_5_.*\.table\.json$/),
    ]);
    expect(Buffer.from(stored.files.get(media[0]!)!)).toEqual(
      readFileSync(join(opened.sink.directory, "files", media[0]!)),
    );
    expect([...stored.files.keys()].sort()).toEqual(
      [...media, "config.yaml", "wandb-metadata.json", "wandb-summary.json"].sort(),
    );
    expect([...stored.uploaded].sort()).toEqual([...stored.files.keys()].sort());
    expect([stored.complete, stored.exitCode, server.offences]).toEqual([true, 0, []]);
    expect(opened.world.messages.join("\n")).toMatch(
      /info: {2}W&B run: .*\/entity1\/demo\/runs\/\w+ \(6 rows, 2 files\)/,
    );
    expect(readdirSync(opened.sink.directory)).toContain(`run-${opened.run}.wandb.synced`);
  });

  it("begins to arrive while it is recorded", async () => {
    const server = await serve();
    const opened = open(environmentFor(server), {}, createWaiting());
    await opened.sink.write(EPISODE.slice(0, 4), opened.world.context.signal);
    await expect.poll(() => server.runs.get(opened.run)?.upserts.length).toBe(1);
    await opened.sink.close?.();
    expect(server.runs.get(opened.run)!.exitCode).toBe(1);
  });

  it("leaves its key nowhere but in the headers to its own server", async () => {
    const server = await serve({
      fault: (request) => (request.method === "PUT" ? { kind: "status", status: 403 } : null),
    });
    const opened = open(environmentFor(server));
    await record(opened);
    expect(everythingWritten()).not.toContain(WANDB_TEST_KEY);
    expect(opened.world.messages.join("\n")).not.toContain(WANDB_TEST_KEY);
    expect(opened.world.messages.join("\n")).not.toContain("signature");
    expect(
      server.requests.map(({ path, body }) => path + Buffer.from(body).toString("latin1")).join(""),
    ).not.toContain(WANDB_TEST_KEY);
    expect(server.offences).toEqual([]);
  });

  it("takes the key from a file or from ~/.netrc", async () => {
    const server = await serve();
    writeFileSync(join(folder, "key"), `${WANDB_TEST_KEY}\n`);
    const { WANDB_API_KEY: _, ...env } = environmentFor(server);
    await record(open({ ...env, WANDB_API_KEY_FILE: join(folder, "key") }));
    writeFileSync(
      join(folder, ".netrc"),
      `machine ${new URL(server.origin).host} login user password ${WANDB_TEST_KEY}\n`,
    );
    await record(open({ WANDB_BASE_URL: server.origin, HOME: folder }));
    expect([...server.runs.values()].map(({ complete }) => complete)).toEqual([true, true]);
  });

  it("opens no connection where offline_mode or WANDB_MODE says so", async () => {
    const server = await serve();
    await record(open(environmentFor(server), { offline_mode: true }));
    await record(open({ ...environmentFor(server), WANDB_MODE: "offline" }));
    expect(server.requests).toEqual([]);
  });
});

describe("a server that fails", () => {
  /** Every kind of trouble that may pass, again and again. */
  const troubles: readonly Fault[] = [
    { kind: "status", status: 429, headers: { "retry-after": "1" } },
    { kind: "reset" },
    { kind: "status", status: 500 },
    { kind: "reset-after" },
    { kind: "torn-after" },
    { kind: "status", status: 502 },
    { kind: "status", status: 408 },
    { kind: "slow-after", ms: 1 },
  ];

  it("costs no row and doubles none", async () => {
    let count = 0;
    const server = await serve({
      fault: () => (count++ % 3 === 2 ? null : troubles[count % troubles.length]!),
    });
    const opened = open(environmentFor(server));
    for (let index = 0; index < 40; index += 1)
      await opened.sink.write([step(index)], opened.world.context.signal);
    await record(opened, [runEnd("finished")]);
    expect(server.rows(opened.run).map(({ global_step }) => global_step)).toEqual(
      Array.from({ length: 40 }, (_, index) => index),
    );
    expect([server.offences, server.runs.get(opened.run)!.complete]).toEqual([[], true]);
  });

  it("is waited for as long as Retry-After says", async () => {
    const waiting = immediateWaiting();
    const server = await serve({
      fault: (_, number) =>
        number === 0 ? { kind: "status", status: 429, headers: { "retry-after": "70" } } : null,
    });
    await record(open(environmentFor(server), {}, waiting));
    expect(waiting.asked).toContain(70_000);
  });

  it("is asked again after retry_delay, and what is wrong is said at the retry_attempts-th time", async () => {
    const waiting = immediateWaiting();
    const server = await serve({
      fault: (_, number) => (number < 3 ? { kind: "status", status: 503 } : null),
    });
    const opened = open(environmentFor(server), { retry_delay: 4, retry_attempts: 2 }, waiting);
    await record(opened);
    // Jittered by a quarter, then doubled.
    const [first, second] = waiting.asked as [number, number];
    expect([first >= 4000 && first <= 5000, second >= 8000 && second <= 10_000]).toEqual([true, true]);
    const told = (messages: readonly string[]) => messages.filter((message) => message.includes("503"));
    expect(told(opened.world.messages)).toHaveLength(1);
    const patient = open(
      environmentFor(
        await serve({ fault: (_, number) => (number < 3 ? { kind: "status", status: 503 } : null) }),
      ),
      { retry_attempts: 9 },
      immediateWaiting(),
    );
    await record(patient);
    expect(told(patient.world.messages)).toEqual([]);
  });

  it("holds up neither the recording nor, beyond finish_timeout, its end; `sync` brings the rest", async () => {
    const dead = await serve();
    await dead.close();
    const opened = open(environmentFor(dead), { finish_timeout: 0.2 }, createWaiting());
    await record(opened);
    expect(opened.world.messages.join("\n")).toMatch(
      /warn: .*not reached in time.*episcope sync .* or wandb sync /,
    );
    const server = await serve();
    const report = await sync(opened.sink.directory, environmentFor(server));
    expect(report).toMatchObject({ rows: 6, files: 2, missing: [], isComplete: true, error: null });
    expect(server.runs.get(opened.run)).toMatchObject({ complete: true, exitCode: 0 });
  });

  it.each([401, 403, 404, 413])("is asked once when it says %d", async (status) => {
    const server = await serve({
      fault: ({ path }) => (path.endsWith("/file_stream") ? { kind: "status", status } : null),
    });
    const opened = open(environmentFor(server));
    await record(opened);
    expect(server.requests.filter(({ path }) => path.endsWith("/file_stream"))).toHaveLength(1);
    const told = opened.world.messages.filter((message) => message.includes(`answered ${status}`));
    expect(told).toHaveLength(1);
    expect(opened.world.messages.at(-1)).toMatch(/the server refused it.*episcope sync/);
  });

  it("that answers with a GraphQL error is asked once", async () => {
    const server = await serve({ edit: () => ({ errors: [{ message: "no such project" }], data: null }) });
    const opened = open(environmentFor(server));
    await record(opened);
    expect(server.requests).toHaveLength(1);
    expect(opened.world.messages.join("\n")).toContain("W&B refused UpsertBucket: no such project");
    const report = await sync(opened.sink.directory, environmentFor(server));
    expect(report).toMatchObject({ isComplete: false, error: { code: "WANDB_REFUSED" } });
  });

  it("that refuses one file gets everything else, and the user is told which", async () => {
    const server = await serve({
      fault: ({ path }) => (path.includes("step_5") ? { kind: "status", status: 403 } : null),
    });
    const opened = open(environmentFor(server));
    await record(opened);
    const stored = server.runs.get(opened.run)!;
    expect([stored.complete, stored.uploaded.some((path) => path.includes("step_5"))]).toEqual([true, false]);
    expect(opened.world.messages.join("\n")).toMatch(
      /1 files were not uploaded, media\/images\/pictures\/step_5/,
    );
  });
});

function sync(directory: string, env: { readonly [name: string]: string }) {
  const { context } = createWorld();
  return syncWandbDirectory(directory, {
    fs: nodeFs,
    env,
    logger: context.logger,
    waiting: immediateWaiting(),
  });
}

describe("sync", () => {
  async function offlineRun(): Promise<Opened> {
    const opened = open({}, {});
    await record(opened);
    return opened;
  }

  it("sends a run that was recorded without a key, and nothing when it is called again", async () => {
    const { sink, run } = await offlineRun();
    const server = await serve();
    await sync(sink.directory, environmentFor(server));
    expect(server.rows(run)).toHaveLength(6);
    const before = server.requests.length;
    expect(await sync(sink.directory, environmentFor(server))).toMatchObject({ isComplete: true, rows: 6 });
    expect(server.requests).toHaveLength(before);
  });

  it("goes on where the server is, from another machine too", async () => {
    const { sink, run } = await offlineRun();
    const server = await serve();
    await sync(sink.directory, environmentFor(server));
    const stored = server.runs.get(run)!;
    stored.lines.get("wandb-history.jsonl")!.splice(4);
    nodeFs.rmSync(join(sink.directory, "upload-state.json"));
    const before = server.requests.length;
    await sync(sink.directory, environmentFor(server));
    const sent = server.requests.slice(before).map(({ body }) => Buffer.from(body).toString("utf8"));
    expect(sent.find((body) => body.includes("wandb-history.jsonl"))).toContain(
      '"wandb-history.jsonl":{"offset":4,',
    );
    expect(server.rows(run).map(({ _step }) => _step)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("ends a run whose process was killed with exit code 1, and what it had written is there", async () => {
    const opened = open({}, {});
    await opened.sink.write(EPISODE.slice(0, 5), opened.world.context.signal);
    const log = join(opened.sink.directory, `run-${opened.run}.wandb`);
    nodeFs.appendFileSync(log, "torn");
    const server = await serve();
    const report = await sync(opened.sink.directory, environmentFor(server));
    expect(report.isComplete).toBe(true);
    expect(server.rows(opened.run).map(({ _step }) => _step)).toEqual([0, 1, 2]);
    expect(server.runs.get(opened.run)!.exitCode).toBe(1);
  });

  it("refuses to add to a run that another program has written to", async () => {
    const { sink, run } = await offlineRun();
    const server = await serve();
    await sync(sink.directory, environmentFor(server));
    server.runs.get(run)!.lines.get("wandb-history.jsonl")!.push('{"_step":0}');
    nodeFs.rmSync(join(sink.directory, "upload-state.json"));
    expect((await sync(sink.directory, environmentFor(server))).error).toMatchObject({
      code: "WANDB_UPLOAD_DIVERGED",
    });
  });

  it("needs a key, and a directory with a log", async () => {
    const { sink } = await offlineRun();
    await expect(sync(sink.directory, { NETRC: "/nowhere" })).rejects.toMatchObject({
      code: "WANDB_KEY_MISSING",
    });
    await expect(sync(folder, { WANDB_API_KEY: "x" })).rejects.toMatchObject({
      code: "WANDB_UPLOAD_UNREADABLE",
    });
  });
});
