import { createHash } from "node:crypto";
import * as nodeFs from "node:fs";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SinkItem } from "@episcope/core";
import { CONSOLE_FILE } from "@episcope/core";
import { startWandbServer, WANDB_TEST_KEY, type WandbServer } from "@episcope/testing/wandb-server";
import { immediateWaiting } from "@episcope/tracker/testing";
import { afterEach, describe, expect, it } from "vitest";
// Inside: reads back what the sink writes, and gives the sink an environment.
import { decodeRecord, type LoggedArtifact } from "../src/format/decode-records.js";
import { readAtFrom, readRecords } from "../src/format/transaction-log.js";
import { syncWandbDirectory, type WandbConfig, type WandbSink } from "../src/index.js";
import { programCode } from "../src/run/program-code.js";
import { installedPackages } from "../src/run/requirements.js";
import { createWandbSink } from "../src/sink.js";
import {
  createWorld,
  episodeEnd,
  episodeStart,
  item,
  logPathOf,
  OPTIONS,
  picture,
  png,
  readLog,
  rowsOf,
  runEnd,
  START,
  step,
  text,
  type World,
} from "./context.js";

const OFFLINE = { env: { NETRC: "/nowhere" }, waiting: immediateWaiting() };
const summaryOf = (episode: number, globalStep: number) =>
  picture(png(3 + episode, 3), { view: "summary", episode, global_step: globalStep, step: null });

const ITEMS: readonly SinkItem[] = [
  ...[episodeStart(1, 0), step(0), step(1), episodeEnd(1, 1), summaryOf(1, 1)],
  ...[episodeStart(2, 1), step(2, { episode: 2 }), episodeEnd(2, 2), summaryOf(2, 2)],
  // Without a picture.
  ...[episodeStart(3, 2), step(3, { episode: 3 }), episodeEnd(3, 3)],
];

function open(world: World, options: Partial<WandbConfig> = {}, state: unknown = null): WandbSink {
  const resume = state === null ? null : { position: 0, state: JSON.parse(JSON.stringify(state)) };
  return createWandbSink({ ...OPTIONS, ...options }, { ...world.context, resume }, OFFLINE);
}

async function record(
  items: readonly SinkItem[],
  options: Partial<WandbConfig> = {},
  world: World = createWorld(),
): Promise<{ world: World; sink: WandbSink }> {
  const sink = open(world, options);
  await sink.write([...items, runEnd("finished")], world.context.signal);
  await sink.close?.();
  return { world, sink };
}

function artifactsIn({ fs }: World, directory: string): LoggedArtifact[] {
  const bytes = fs.readFileSync(logPathOf(fs, directory));
  return [...readRecords(readAtFrom(bytes))]
    .map((one) => decodeRecord(one))
    .flatMap((one) => (one.kind === "artifact" ? [one.artifact] : []));
}

/** The table of an artifact, as W&B's page reads it. */
function tableIn({ fs }: World, artifact: LoggedArtifact) {
  const entry = artifact.entries.find(({ path }) => path === "episodes.table.json")!;
  return JSON.parse(fs.readFileSync(entry.localPath).toString()) as {
    readonly columns: readonly string[];
    readonly data: readonly (readonly unknown[])[];
    readonly column_types: { readonly params: { readonly type_map: { readonly [column: string]: object } } };
  };
}

describe("the table of episodes", () => {
  it("has task, outcome, return, similarity, steps and summary picture, as a file of the run and as an artifact", async () => {
    const { world, sink } = await record(ITEMS);
    const [artifact, ...others] = artifactsIn(world, sink.directory);
    expect(others).toEqual([]);
    expect(artifact).toMatchObject({ type: "run_table", name: `run-${sink.directory.slice(-8)}-episodes` });
    const table = tableIn(world, artifact!);
    expect(table.columns).toEqual(["episode", "task", "outcome", "return", "similarity", "steps", "summary"]);
    expect(table.data.map((row) => row.slice(0, 6))).toEqual(
      [1, 2, 3].map((number) => [number, "007bbfb7", "success", 2, 1, 4]),
    );
    expect(table.data.map((row) => (row[6] as { width?: number } | null)?.width ?? null)).toEqual([
      4,
      5,
      null,
    ]);
    expect(table.column_types.params.type_map["task"]).toEqual({
      params: { allowed_types: [{ wb_type: "none" }, { wb_type: "string" }] },
      wb_type: "union",
    });
    for (const { path, digest, size, localPath } of artifact!.entries) {
      const bytes = world.fs.readFileSync(localPath);
      expect([path, createHash("md5").update(bytes).digest("base64"), bytes.length]).toEqual([
        path,
        digest,
        size,
      ]);
    }
    const summary = readLog(world.fs, logPathOf(world.fs, sink.directory)).findLast(
      ({ kind }) => kind === "summary",
    );
    const value = JSON.parse(summary!.values["episodes"]!);
    expect(value).toMatchObject({ _type: "table-file", ncols: 7, nrows: 3, log_mode: "IMMUTABLE" });
    expect(value.artifact_path).toBe(`wandb-client-artifact://${artifact!.clientId}/episodes.table.json`);
    const shown = JSON.parse(text(world.fs.readFileSync(join(sink.directory, "files", value.path))));
    expect(shown.data.map((row: unknown[]) => row[6])).toEqual(["Image", "Image", null]);
  });

  it("is that of a run that never stopped, wherever the run was killed", async () => {
    const whole = await record(ITEMS);
    const expected = tableIn(whole.world, artifactsIn(whole.world, whole.sink.directory)[0]!).data;
    for (let covered = 0; covered <= ITEMS.length; covered += 1) {
      const world = createWorld();
      const killed = open(world);
      await killed.write(ITEMS.slice(0, covered), world.context.signal);
      const state = await killed.flush!();
      await killed.write(ITEMS.slice(covered, covered + 2), world.context.signal);
      const resumed = open(world, {}, state);
      await resumed.write([...ITEMS.slice(covered), runEnd("finished")], world.context.signal);
      await resumed.close?.();
      expect(tableIn(world, artifactsIn(world, resumed.directory)[0]!).data).toEqual(expected);
    }
  });

  it("has ten thousand episodes at most; those of a longer run stand in the next table", async () => {
    const many = Array.from({ length: 10_002 }, (_, index) => episodeEnd(index + 1, index));
    const { world, sink } = await record(many);
    const numbers = artifactsIn(world, sink.directory).map((one) =>
      tableIn(world, one).data.map((row) => row[0]),
    );
    expect(numbers.map((some) => [some.length, some[0], some.at(-1)])).toEqual([
      [10_000, 1, 10_000],
      [2, 10_001, 10_002],
    ]);
  });

  it("takes SVG pages where pictures are SVG, and is left out where no episode ended", async () => {
    const svg = picture(Buffer.from("<svg/>"), {
      type: "picture/svg",
      view: "summary",
      global_step: 0,
      step: null,
    });
    const { world, sink } = await record([step(0), episodeEnd(1, 0), svg], { image_format: "svg" });
    const table = tableIn(world, artifactsIn(world, sink.directory)[0]!);
    expect(table.data[0]![6]).toMatchObject({ _type: "html-file" });
    const none = await record([step(0)]);
    expect(artifactsIn(none.world, none.sink.directory)).toEqual([]);
  });
});

describe("an animation of an episode", () => {
  it("is a video of the run", async () => {
    const world = createWorld();
    expect(open(world).accepts).not.toContain("picture/gif");
    const gif = Buffer.from("474946383961200010000000", "hex");
    const animation = picture(gif, { type: "picture/gif", view: "episode", global_step: 1, step: null });
    const { sink } = await record([step(1), animation], { log_animation: true }, world);
    expect(sink.accepts).toContain("picture/gif");
    const [row] = rowsOf(readLog(world.fs, logPathOf(world.fs, sink.directory)));
    const value = JSON.parse(row!["animations/episode"]!);
    expect(value).toMatchObject({ _type: "video-file", width: 32, height: 16, size: gif.length });
    expect(value.path).toMatch(/^media\/videos\/animations\/episode_1_.*\.gif$/);
    expect(world.fs.readFileSync(join(sink.directory, "files", value.path))).toEqual(gif);
  });
});

describe("the console of the program", () => {
  const chunk = (stream: string, line: string): string =>
    `${JSON.stringify({ time: START + 1.5, stream, text: line })}\n`;
  const output = (world: World, directory: string) =>
    [...readRecords(readAtFrom(world.fs.readFileSync(logPathOf(world.fs, directory))))]
      .map((one) => decodeRecord(one))
      .flatMap((one) => (one.kind === "output" ? [`${one.isError ? "!" : ""}${one.text}`] : []));

  it("is in the log line by line, progress bars as they ended", async () => {
    const world = createWorld();
    const sink = open(world);
    const path = join(world.context.paths.runDir, CONSOLE_FILE);
    world.fs.writeFileSync(
      path,
      chunk("stdout", "one\ntw") + chunk("stderr", "10 %\r20 %\r") + chunk("stdout", "o\n"),
    );
    await sink.write([step(0)], world.context.signal);
    expect(output(world, sink.directory)).toEqual(["one\n", "two\n"]);
    world.fs.appendFileSync(path, chunk("stderr", "30 %"));
    await sink.close?.();
    expect(output(world, sink.directory)).toEqual(["one\n", "two\n", "!30 %\n"]);
  });

  it("is there once, in a run that was killed and goes on", async () => {
    const world = createWorld();
    const path = join(world.context.paths.runDir, CONSOLE_FILE);
    const killed = open(world);
    world.fs.writeFileSync(path, chunk("stdout", "one\nhalf"));
    const state = await killed.flush!();
    world.fs.appendFileSync(path, chunk("stdout", " a line\n"));
    await killed.write([step(0)], world.context.signal);
    const resumed = open(world, {}, state);
    await resumed.write([step(0)], world.context.signal);
    await resumed.close?.();
    expect(output(world, resumed.directory)).toEqual(["one\n", "half a line\n"]);
  });
});

describe("what a run was made with", () => {
  it("is listed in requirements.txt, as the producer says", async () => {
    const start = (meta: object) =>
      item({ type: "run-start", seq: 0, time: START, run: "r", config_hash: "c", meta } as never, {});
    const { world, sink } = await record([start({ requirements: ["jax==0.10.0", "jaxarc==1.0.0"] })]);
    const file = world.fs.readFileSync(join(sink.directory, "files", "requirements.txt"));
    expect(text(file)).toBe("jax==0.10.0\njaxarc==1.0.0\n");
  });

  it("is read from the project's own manifest, with the versions that are installed", () => {
    const files: { [path: string]: string } = {
      "/p/package.json": '{"dependencies": {"a": "^1", "@s/b": "*"}, "devDependencies": {"gone": "1"}}',
      "/p/node_modules/a/package.json": '{"version": "1.2.3"}',
      "/p/node_modules/@s/b/package.json": '{"version": "2.0.0"}',
    };
    const fs = {
      readFileSync: (path: string) => {
        if (files[path] === undefined) throw new Error("ENOENT");
        return files[path];
      },
    };
    expect(installedPackages("/p", fs as never)).toEqual(["@s/b==2.0.0", "a==1.2.3"]);
    expect(installedPackages("/elsewhere", fs as never)).toEqual([]);
  });

  it("keeps the program where it is a file of the project", () => {
    const fs = { readFileSync: () => Buffer.from("train()") } as never;
    expect(programCode("/p", "/p/src/train.ts", fs)).toEqual({
      path: "src/train.ts",
      bytes: Buffer.from("train()"),
    });
    for (const program of [undefined, "/elsewhere/x.js", "/p/node_modules/.bin/x.js", "/p"]) {
      expect(programCode("/p", program, fs)).toBeNull();
    }
  });
});

describe("an artifact on its way to the server", () => {
  const closers: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  async function setUp(edit?: (operation: string, answer: object) => object) {
    const folder = mkdtempSync(join(tmpdir(), "episcope-wandb-artifacts-"));
    const world = createWorld({ fs: nodeFs, runDir: join(folder, "run") });
    const server: WandbServer = await startWandbServer(edit === undefined ? {} : { edit });
    closers.push(
      () => rmSync(folder, { recursive: true }),
      () => server.close(),
    );
    const { sink } = await record(ITEMS, {}, world);
    const env = { WANDB_BASE_URL: server.origin, WANDB_API_KEY: WANDB_TEST_KEY };
    const logger = world.context.logger;
    const sync = (directory: string, filesOf?: string) =>
      syncWandbDirectory(directory, {
        ...{ fs: nodeFs, env, logger, waiting: immediateWaiting() },
        ...(filesOf === undefined ? {} : { filesOf }),
      });
    return { world, server, sync, folder, directory: sink.directory };
  }

  it("arrives whole, once, without a path of this machine; from a moved directory too", async () => {
    const { server, sync, folder, directory } = await setUp();
    const moved = join(folder, "moved", directory.split("/").at(-1)!);
    cpSync(directory, moved, { recursive: true });
    const expected = readFileSync(join(directory, "files", readMedia(directory)));
    rmSync(directory, { recursive: true });
    expect(await sync(moved)).toMatchObject({ isComplete: true, missing: [], error: null });
    const [run] = [...server.runs.values()];
    const [artifact, ...others] = run!.artifacts;
    expect(others).toEqual([]);
    expect(artifact).toMatchObject({ type: "run_table", committed: true });
    const manifest = JSON.parse(text(artifact!.files.get("wandb_manifest.json")!));
    expect(Object.keys(manifest.contents).sort()).toEqual(
      [...artifact!.files.keys()].filter((path) => path !== "wandb_manifest.json").sort(),
    );
    for (const [path, { digest }] of Object.entries(
      manifest.contents as { [path: string]: { digest: string } },
    )) {
      expect(createHash("md5").update(artifact!.files.get(path)!).digest("base64")).toBe(digest);
    }
    expect(JSON.stringify(manifest)).not.toContain(folder);
    expect([...artifact!.files.values()].some((bytes) => Buffer.compare(bytes, expected) === 0)).toBe(true);
    const requests = server.requests.length;
    await sync(moved);
    expect(server.requests.length - requests).toBe(0);
  });

  it("holds the run's own files where that is asked for, once", async () => {
    const { server, sync, folder, directory } = await setUp();
    const runDir = join(folder, "run");
    nodeFs.mkdirSync(join(runDir, "episode_0001"));
    nodeFs.mkdirSync(join(runDir, ".episcope"));
    nodeFs.writeFileSync(join(runDir, "episode_0001/journal.epi"), "records");
    nodeFs.writeFileSync(join(runDir, ".episcope/lock"), "1");
    await sync(directory);
    for (let times = 0; times < 2; times += 1) {
      expect(await sync(directory, runDir)).toMatchObject({ isComplete: true, missing: [], error: null });
    }
    const [, files, ...others] = [...server.runs.values()][0]!.artifacts;
    expect(others).toEqual([]);
    expect(files).toMatchObject({
      type: "episcope-run",
      name: `run-${directory.slice(-8)}-files`,
      committed: true,
    });
    expect([...files!.files.keys()].sort()).toEqual(["episode_0001/journal.epi", "wandb_manifest.json"]);
  });

  it("is told of where the server has no artifacts, and the rows are complete", async () => {
    const { server, sync, directory } = await setUp((operation, answer) =>
      operation === "CreateArtifact" ? { errors: [{ message: "no such field" }] } : answer,
    );
    const report = await sync(directory);
    expect(report).toMatchObject({ isComplete: true, error: null });
    expect(report.missing).toEqual([expect.stringMatching(/^artifact run-.*-episodes$/)]);
    expect([...server.runs.values()][0]).toMatchObject({
      complete: true,
      artifacts: [{ committed: false }],
    });
  });

  function readMedia(directory: string): string {
    const rows = rowsOf(readLog(nodeFs, logPathOf(nodeFs, directory)));
    return JSON.parse(rows.find((row) => row["pictures/summary"] !== undefined)!["pictures/summary"]!).path;
  }
});
