import type { PluginContext, SinkItem } from "@episcope/core";
import { createPluginContext } from "@episcope/core/testing";
import type { FileSystem } from "@episcope/records/store";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { presetConfig } from "@episcope/testing/preset-config";
import {
  type Fault,
  immediateWaiting,
  type ScriptedServer,
  startScriptedServer,
} from "@episcope/tracker/testing";
import { afterEach, describe, expect, it } from "vitest";
import trackio, { createTrackioSink, syncTrackioRun, type TrackioOptions } from "../src/index.js";

const OPTIONS: TrackioOptions = {
  ...{ project: "demo", server: null, group: null, log_frequency: 2, pictures: true },
  ...{ retry_delay: 1, finish_timeout: 30 },
};
const TOKEN = "secret-token";
const GRID = { shape: [1, 1] as const, data: Uint8Array.of(0) };

/** As far as the real server: it takes each row once, by its id, and a staged file once. */
interface Store {
  readonly rows: Map<
    string,
    { readonly step: number; readonly metrics: Record<string, unknown>; readonly config: unknown }
  >;
  readonly files: string[];
  readonly server: ScriptedServer;
}

const open: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(fault: (number: number) => Fault | null = () => null): Promise<Store> {
  const rows: Store["rows"] = new Map();
  const files: string[] = [];
  const staged = new Set<string>();
  const server = await startScriptedServer({
    fault: (_, number) => fault(number),
    answer({ path, headers, body }) {
      if (headers["x-trackio-write-token"] !== TOKEN)
        return { status: 400, body: { error: "A write_token is required" } };
      if (path === "/api/upload") {
        const place = `/tmp/upload-${staged.size}-${files.length}`;
        staged.add(place);
        return { body: { paths: [place] } };
      }
      const { kwargs } = JSON.parse(Buffer.from(body).toString("utf8"));
      if (path === "/api/bulk_upload_media") {
        for (const { uploaded_file: file } of kwargs.uploads) {
          if (!staged.delete(file.path)) return { status: 400, body: { error: "Uploaded file is missing." } };
          files.push(file.orig_name);
        }
      }
      if (path === "/api/bulk_log")
        for (const log of kwargs.logs) if (!rows.has(log.log_id)) rows.set(log.log_id, log);
      return { body: { data: null } };
    },
  });
  open.push(server);
  return { rows, files, server };
}

function world(): { readonly context: PluginContext; readonly fs: FileSystem; readonly messages: string[] } {
  const { fs } = memoryDisk();
  const messages: string[] = [];
  const say = (message: string): void => void messages.push(message);
  const run = { name: "mine", startTime: 98, configHash: "c0ffee", config: { agent: { api_key: "sk-1" } } };
  const logger = { debug: say, info: say, warn: say, error: say };
  return {
    fs,
    messages,
    context: createPluginContext({ fs, run, logger, paths: { runDir: "/run", episodeDir: String } }),
  };
}

function item(record: object, more: object = {}): SinkItem {
  const about = { position: 0, episode: 1, global_step: 0, key: false, similarity: null };
  return {
    ...about,
    type: (record as { type: string }).type,
    record: { seq: 0, ...record },
    ...more,
  } as SinkItem;
}

const step = (index: number): SinkItem =>
  item(
    {
      ...{ type: "step", episode: "e", step: index, time: index, action: { operation: 1 }, after: GRID },
      ...{ reward: index / 4, terminated: false, truncated: false, info: {} },
    },
    { global_step: index },
  );

const ITEMS: readonly SinkItem[] = [
  item({ type: "run-start", time: 99, meta: { lr: 0.5, token: "hf" } }),
  ...[0, 1, 2, 3].map(step),
  {
    ...{ position: 0, type: "picture/png", view: "step", episode: 1, task_id: "t", step: 2, global_step: 2 },
    ...{ key: false, bytes: Buffer.from("png"), path: null },
  },
  item({
    type: "metrics",
    time: 105,
    step: 7,
    values: { loss: Number.NaN },
    histograms: { loss: { values: [1], bins: [0, 1] } },
  }),
];

function environmentFor({ server }: Store): { readonly [name: string]: string } {
  return { TRACKIO_SERVER_URL: server.origin, TRACKIO_WRITE_TOKEN: TOKEN, NETRC: "/nowhere" };
}

async function record(context: PluginContext, env: { readonly [name: string]: string }): Promise<void> {
  const sink = createTrackioSink(OPTIONS, context, { env, waiting: immediateWaiting() });
  await sink.write(ITEMS, context.signal);
  await sink.close?.();
}

describe("a run", () => {
  it("is at the server when it is closed: numbers, pictures, what the agent is", async () => {
    const store = await serve();
    const { context, messages } = world();
    await record(context, environmentFor(store));
    const logs = [...store.rows.values()];
    expect(logs.map(({ step }) => step)).toEqual([0, 0, 2, 2, 7]);
    expect(logs[0]!.config).toMatchObject({
      lr: 0.5,
      token: "(masked)",
      episcope: { agent: { api_key: "(masked)" } },
    });
    expect(logs[1]!.metrics).toMatchObject({ reward: 0 });
    expect(logs[3]!.metrics["pictures/step"]).toEqual({
      ...{ _type: "trackio.image", file_path: `demo/mine/2/${store.files[0]}`, caption: "episode 1, step 2" },
    });
    expect(logs[4]!.metrics).toMatchObject({ loss: "NaN", loss_histogram: { _type: "trackio.histogram" } });
    expect(messages.at(-1)).toBe("Trackio: 5 rows are at the server");
  });

  it("is there once, whatever goes wrong on the way", async () => {
    const faults: readonly Fault[] = [
      ...([{ kind: "reset-after" }, { kind: "torn-after" }, { kind: "reset" }] as const),
      ...([
        { kind: "status", status: 503 },
        { kind: "status", status: 429 },
      ] as const),
    ];
    const store = await serve((number) => (number % 3 === 2 ? null : faults[number % faults.length]!));
    const { context } = world();
    await record(context, environmentFor(store));
    expect(store.rows.size).toBe(5);
    expect(new Set(store.files).size).toBe(1);
  });

  it("stays in the run without a server, and `sync` sends it, once", async () => {
    const store = await serve();
    const { context, fs, messages } = world();
    await record(context, { NETRC: "/nowhere" });
    expect(messages[0]).toContain("TRACKIO_SERVER_URL");
    const options = { fs, env: environmentFor(store), waiting: immediateWaiting() };
    expect(await syncTrackioRun("/run", options)).toEqual({ rows: 5, isComplete: true, error: null });
    const { length } = store.server.requests;
    await syncTrackioRun("/run", options);
    expect([store.rows.size, store.server.requests.length]).toEqual([5, length]);
    await expect(syncTrackioRun("/run", { fs, env: { NETRC: "/nowhere" } })).rejects.toMatchObject({
      code: "TRACKIO_SERVER_MISSING",
    });
  });

  it("goes on where it was interrupted, with the same rows under the same ids", async () => {
    const store = await serve();
    const { context } = world();
    const about = { env: environmentFor(store), waiting: immediateWaiting() };
    const killed = createTrackioSink(OPTIONS, context, about);
    await killed.write(ITEMS.slice(0, 3), context.signal);
    const state = (await killed.flush!()) as null;
    await killed.write(ITEMS.slice(3, 6), context.signal);
    await killed.close?.();
    const resumed = createTrackioSink(OPTIONS, { ...context, resume: { position: 3, state } }, about);
    await resumed.write(ITEMS.slice(3), context.signal);
    await resumed.close?.();
    expect([...store.rows.values()].map(({ step }) => step)).toEqual([0, 0, 2, 2, 7]);
  });

  it("is refused once where the token is wrong, and the token is nowhere but in the header", async () => {
    const store = await serve();
    const { context, fs, messages } = world();
    await record(context, {
      TRACKIO_SERVER_URL: `${store.server.origin}/?write_token=wrong-token`,
      NETRC: "/nowhere",
    });
    expect(store.server.requests).toHaveLength(1);
    expect(messages.join("\n")).toContain("answered 400");
    const written = (fs.readdirSync("/run/trackio") as string[])
      .filter((name) => name !== "media")
      .map((name) => fs.readFileSync(`/run/trackio/${name}`, "utf8"));
    const sent = store.server.requests.map(({ path, body }) => path + Buffer.from(body).toString());
    expect([...messages, ...written, ...sent].join("\n")).not.toContain("wrong-token");
  });
});

it("logging=trackio switches it; a token in the config is refused", () => {
  const { sinks } = presetConfig(["logging=trackio"]).logging as unknown as {
    readonly sinks: { readonly trackio: object };
  };
  expect(sinks.trackio).toEqual({ _target_: "trackio", ...OPTIONS, project: "episcope", log_frequency: 10 });
  const { server } = trackio.options!["properties"] as { readonly server: { readonly pattern: string } };
  expect(new RegExp(server.pattern).test("https://host/base")).toBe(true);
  expect(new RegExp(server.pattern).test("https://host/?write_token=x")).toBe(false);
});
