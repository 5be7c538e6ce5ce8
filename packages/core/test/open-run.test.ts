import { EpiscopeError } from "@episcope/errors";
import { createGrid } from "@episcope/records";
import { JournalReader, RunReader, readManifest } from "@episcope/records/store";
import { createManualClock } from "@episcope/records/testing";
import { collectLines } from "@episcope/testing/collect-lines";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, memorySink, painted, runOptions, target, textRenderer } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import {
  definePlugin,
  type Episode,
  type Format,
  openRun,
  type RecordItem,
  resumeRun,
  type SinkItem,
} from "../src/index.js";

const withoutFormat = { logging: { formats: { json: { _target_: "json", enabled: false } } } };
const mine = { sinks: { mine: { _target_: "memory" } } };

describe("a run", () => {
  it("keeps every step, draws key steps and a summary, and lists what it wrote", async () => {
    const disk = memoryDisk();
    const config = testConfig({ visualization: { output_formats: ["text"] }, ...withoutFormat });
    const run = await openRun(config, runOptions(disk));
    const episode = run.startEpisode({ taskId: "t1", initial: blank, target });
    for (let step = 1; step <= 4; step++) {
      const result = episode.step({
        action: { operation: 0 },
        after: painted(step),
        reward: 0.1,
        terminated: step === 4,
      });
      expect(result).toEqual({ accepted: true, seq: step + 1 });
    }
    await episode.end();
    await run.close();
    expect(disk.files()).toEqual([
      "outputs/test/.episcope/config.lock.json",
      "outputs/test/episode_0001/journal.epi",
      "outputs/test/episode_0001/step_000.txt",
      "outputs/test/episode_0001/step_001.txt",
      "outputs/test/episode_0001/step_002.txt",
      "outputs/test/episode_0001/step_003.txt",
      "outputs/test/episode_0001/summary.txt",
      "outputs/test/manifest.json",
      "outputs/test/outputs.json",
      "outputs/test/run.epi",
    ]);
    expect(disk.text("outputs/test/episode_0001/summary.txt")).toBe("success after 4");
    const manifest = readManifest(disk.fs, run.dir);
    expect(manifest).toMatchObject({
      run: "test",
      complete: true,
      accounting: { journal: { accepted: 8, written: 8 } },
      episodes: [
        { number: 1, outcome: "success", dir: "episode_0001", totals: { steps: 4 }, pictures: { count: 5 } },
      ],
    });
    const { journal } = run.stats().accounting;
    expect(journal).toEqual({ accepted: 8, written: 8, dropped: 0, reasons: {} });
  });

  it("dumps a step with its values and timings, by the producer's clock", async () => {
    const disk = memoryDisk();
    const clock = createManualClock();
    const config = testConfig({
      visualization: { state_dumps: true, step_pictures: "none" },
      ...withoutFormat,
    });
    const run = await openRun(config, runOptions(disk, { clock }));
    const episode = run.startEpisode({ taskId: "t1", initial: blank, target });
    for (const seconds of [0.25, 0.5]) {
      clock.advance(seconds);
      episode.step({ action: { operation: 0 }, after: painted(1), reward: 0.5 });
    }
    await episode.end();
    await run.close();
    const dump = (name: string) => JSON.parse(disk.text(`outputs/test/episode_0001/${name}.json`));
    expect(dump("step_000").timing).toEqual({ since_start: 0.25, since_previous: 0.25 });
    expect(dump("step_001")).toMatchObject({
      type: "step",
      step: 1,
      derived: { reward_total: 1 },
      timing: { since_start: 0.75, since_previous: 0.5 },
    });
  });

  it("gives a sink what it accepts, in order, with what the pipeline knows", async () => {
    const disk = memoryDisk();
    const items: SinkItem[] = [];
    const plugin = memorySink(["episode-start", "step", "episode-end", "metrics", "picture/txt"], items);
    const config = testConfig({
      visualization: { debug_level: "verbose", renderers: { txt: { _target_: "text" } } },
      logging: { ...withoutFormat.logging, ...mine },
    });
    const run = await openRun(config, runOptions(disk, { plugins: [textRenderer, plugin] }));
    const episode = run.startEpisode({ taskId: "t1", initial: blank, target });
    episode.step({ action: { operation: 0 }, after: painted(2), reward: 1 });
    run.metrics(7, { loss: 0.5 });
    await episode.end({ outcome: "truncated" });
    await run.close();
    const records = items.filter((item): item is RecordItem => "record" in item);
    expect(records.map((item) => [item.type, item.episode, item.global_step])).toEqual([
      ["episode-start", 1, null],
      ["step", 1, 0],
      ["metrics", null, 0],
      ["episode-end", 1, 0],
    ]);
    expect(records[1]).toMatchObject({ key: true, similarity: 0.5 });
    const pictures = items.filter((item) => !("record" in item));
    expect(pictures.map((item) => [item.type, "view" in item && item.view])).toEqual([
      ["picture/txt", "step"],
      ["picture/txt", "summary"],
    ]);
    // Drawn for the sink only: output_formats does not list it.
    expect(disk.files().filter((file) => file.endsWith(".txt"))).toEqual([]);
  });

  it("copies what it is given", async () => {
    const items: SinkItem[] = [];
    const config = testConfig({ logging: { ...withoutFormat.logging, ...mine } });
    const run = await openRun(config, runOptions(memoryDisk(), { plugins: [memorySink(["step"], items)] }));
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    const after = createGrid(2, 2, 3);
    const info = { note: ["a"] };
    episode.step({ action: { operation: 0 }, after, reward: 0, info });
    after.data.fill(9);
    info.note[0] = "changed";
    await run.flush({ outputs: true });
    const step = (items[0] as RecordItem).record;
    expect(step.type === "step" && [step.after.data[0], step.info["note"]]).toEqual([3, ["a"]]);
    await run.close();
  });

  it("keeps a step whose info cannot be kept, says so once, and counts it", async () => {
    const { logger, lines } = collectLines();
    const run = await openRun(testConfig(withoutFormat), runOptions(memoryDisk(), { logger }));
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    for (const info of [{ self: cyclic }, { big: 2n ** 64n }, { call: Math.max }]) {
      const result = episode.step({ action: { operation: 0 }, after: blank, reward: 0, info: info as never });
      expect(result.accepted).toBe(true);
    }
    expect(run.stats()).toMatchObject({ refused: 0, remarks: { value_as_text: 3 } });
    expect(lines.filter((line) => line.includes("info."))).toHaveLength(1);
    await run.close();
    expect(run.loadEpisode(1).steps[1]!.info).toEqual({ big: "18446744073709551616" });
    expect(lines.at(-1)).toContain("3 × values kept as texts");
  });

  it("says of an episode that goes on after its end that it does", async () => {
    const { logger, lines } = collectLines();
    const run = await openRun(testConfig(withoutFormat), runOptions(memoryDisk(), { logger }));
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    const step = { action: { operation: 0 }, after: blank, reward: 0 };
    for (const terminated of [false, true, false, false]) episode.step({ ...step, terminated });
    expect(run.stats().remarks).toEqual({ step_after_end: 2 });
    expect(lines.filter((line) => line.includes("step 2 comes after one that was terminated"))).toHaveLength(
      1,
    );
    await run.close();
  });

  it("never throws out of a step: what it cannot record is refused with the reason, and counted", async () => {
    const { logger, lines } = collectLines();
    const run = await openRun(testConfig(withoutFormat), runOptions(memoryDisk(), { logger }));
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    const hostile: unknown[] = [
      null,
      {},
      { action: { operation: 0 }, after: createGrid(2, 2), reward: "much" },
      { action: { operation: 0 }, after: { shape: [2, 2], data: new Uint8Array(3) }, reward: 0 },
      { action: { operation: 0 }, after: blank, reward: 0, done: true },
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("trap");
          },
        },
      ),
      {
        action: { operation: 0, selection: { kind: "mask", mask: new Uint8Array(3) } },
        after: blank,
        reward: 0,
      },
    ];
    for (const input of hostile) {
      const result = episode.step(input as never);
      expect(result.accepted).toBe(false);
      expect(result.error).toBeInstanceOf(EpiscopeError);
    }
    expect(episode.step({ action: { operation: 0 }, after: blank, reward: Number.NaN })).toEqual({
      accepted: true,
      seq: 2,
    });
    expect(run.stats().refused).toBe(hostile.length);
    expect(lines.length).toBeGreaterThan(0);
    await run.close();
  });

  it("refuses steps of an ended episode and of a closed run, without throwing", async () => {
    const run = await openRun(testConfig(withoutFormat), runOptions(memoryDisk()));
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    await episode.end();
    const step = { action: { operation: 0 }, after: blank, reward: 0 };
    expect(episode.step(step).error?.code).toBe("EPISODE_UNKNOWN");
    await expect(episode.end()).rejects.toMatchObject({ code: "EPISODE_UNKNOWN" });
    await run.close();
    await run.close();
    expect(run.metrics(0, { x: 1 }).error?.code).toBe("RUN_CLOSED");
    expect(() => run.startEpisode({ taskId: "t", initial: blank, target })).toThrow(
      expect.objectContaining({ code: "RUN_CLOSED" }),
    );
  });

  it("keeps episodes apart that are open at once", async () => {
    const items: SinkItem[] = [];
    const config = testConfig({ logging: { ...withoutFormat.logging, ...mine } });
    const run = await openRun(config, runOptions(memoryDisk(), { plugins: [memorySink(["step"], items)] }));
    const episodes = Array.from({ length: 8 }, (_, index) =>
      run.startEpisode({ taskId: `t${index}`, initial: blank, target, key: `env${index}` }),
    );
    expect(() => run.startEpisode({ taskId: "t", initial: blank, target, key: "env3" })).toThrow(
      expect.objectContaining({ code: "EPISODE_OPEN" }),
    );
    for (let step = 0; step < 5; step++) {
      for (const episode of episodes)
        episode.step({ action: { operation: 0 }, after: painted(step % 4), reward: 0 });
    }
    await run.close();
    const steps = (items as RecordItem[]).map((item) => item.record as { episode: string; step: number });
    for (let index = 0; index < 8; index++) {
      const own = steps.filter((record) => record.episode === `env${index}`).map((record) => record.step);
      expect(own).toEqual([0, 1, 2, 3, 4]);
    }
  });

  it("takes a foreign stream with the producer's seq and keys, and keeps its identity in the run's start", async () => {
    const items: SinkItem[] = [];
    const config = testConfig({ logging: { ...withoutFormat.logging, ...mine } });
    const plugin = memorySink(["run-start", "episode-start", "step", "run-end"], items);
    const run = await openRun(config, runOptions(memoryDisk(), { plugins: [plugin] }));
    const time = 1;
    run.record({ type: "run-start", seq: 0, run: "theirs", time, config_hash: "h", meta: { lang: "py" } });
    const start = { task_id: "t", pair_index: 0, mode: "train", initial: blank, target, meta: {} } as const;
    run.record({ type: "episode-start", seq: 1, episode: "k", time, ...start });
    const rest = {
      action: { operation: 1 },
      after: blank,
      reward: 0,
      terminated: false,
      truncated: false,
      info: {},
    };
    expect(run.record({ type: "step", seq: 5, episode: "k", step: 0, time, ...rest })).toEqual({
      accepted: true,
      seq: 5,
    });
    expect(run.record({ type: "step", seq: 6, episode: "other", step: 0, time, ...rest }).error?.code).toBe(
      "EPISODE_UNKNOWN",
    );
    run.record({ type: "run-end", seq: 9, time: 3, outcome: "interrupted", accounting: {} });
    await run.close();
    const records = (items as RecordItem[]).map((item) => item.record);
    expect(records[0]).toMatchObject({
      run: "test",
      meta: { lang: "py", producer: { run: "theirs", config_hash: "h" } },
    });
    expect(records.at(-1)).toMatchObject({ type: "run-end", seq: 9, outcome: "interrupted" });
    expect(records.at(-1)).toMatchObject({ accounting: { journal: { dropped: 0 } } });
  });
});

describe("closing", () => {
  const slowRun = async () => {
    const slow = definePlugin({
      kind: "sink",
      name: "memory",
      create: () => ({
        accepts: ["step"],
        write: () => new Promise<void>((resolve) => setTimeout(resolve, 30)),
      }),
    });
    const async_logger = { batch_size: 1, shutdown_timeout: 0.2 };
    const config = testConfig({ logging: { ...withoutFormat.logging, ...mine, async_logger } });
    const run = await openRun(config, runOptions(memoryDisk(), { plugins: [slow] }));
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    for (let step = 0; step < 20; step++)
      episode.step({ action: { operation: 0 }, after: painted(1), reward: 0 });
    return run;
  };

  it("writes everything, however long the sink takes", async () => {
    const run = await slowRun();
    await run.close();
    expect(run.stats().accounting["logging.sinks.mine"]).toMatchObject({ accepted: 20, written: 20 });
  });

  it("leaves what it has not got after shutdown_timeout to be resumed, also when it is interrupted in the middle", async () => {
    for (const first of ["finished", "interrupted"] as const) {
      const run = await slowRun();
      const closing = run.close(first);
      await Promise.all([closing, run.close("interrupted")]);
      const { accepted, written, dropped } = run.stats().accounting["logging.sinks.mine"]!;
      expect(dropped).toBe(0);
      expect(written).toBeGreaterThan(0);
      expect(accepted - written).toBeGreaterThan(5);
    }
  });
});

describe("the end of an episode", () => {
  const lines = definePlugin({
    kind: "format",
    name: "lines",
    options: {
      type: "object",
      additionalProperties: false,
      properties: { compression: { type: "boolean" } },
    },
    create: (options: { compression: boolean }): Format => ({
      extension: options.compression ? "txt.small" : "txt",
      *encode(episode) {
        for (const record of episode.records()) yield Buffer.from(`${record.type}\n`);
      },
    }),
  });
  const config = (compression: boolean) =>
    testConfig({ logging: { log_format: "lines", compression, formats: { lines: { _target_: "lines" } } } });

  it("seals the journal and exports it in the format that log_format names", async () => {
    for (const compression of [true, false]) {
      const disk = memoryDisk();
      const run = await openRun(config(compression), runOptions(disk, { plugins: [lines] }));
      const episode = run.startEpisode({ taskId: "t", initial: blank, target });
      episode.step({ action: { operation: 0 }, after: painted(1), reward: 0 });
      await episode.end();
      const file = `outputs/test/episode_0001/episode.txt${compression ? ".small" : ""}`;
      expect(disk.text(file)).toBe("episode-start\nstep\nepisode-end\n");
      using reader = new JournalReader("/project/outputs/test/episode_0001/journal.epi", { fs: disk.fs });
      expect(reader.sealed).toBe(true);
      expect([...reader.records()].map((record) => record.seq)).toEqual([1, 2, 3]);
      await run.close();
    }
  });

  it("makes no export with log_format=none, and a resumed run makes none either", async () => {
    const disk = memoryDisk();
    const run = await openRun(
      testConfig({ logging: { log_format: "none", formats: { lines: { _target_: "lines" } } } }),
      runOptions(disk, { plugins: [lines] }),
    );
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    episode.step({ action: { operation: 0 }, after: painted(1), reward: 0 });
    await episode.end();
    await run.close();
    const { exported } = await resumeRun(run.dir, runOptions(disk, { plugins: [lines] }));
    expect(exported).toBe(0);
    expect(disk.files().filter((file) => file.includes("episode_0001"))).toEqual([
      "outputs/test/episode_0001/journal.epi",
    ]);
    const reader = new RunReader(run.dir, { fs: disk.fs });
    expect(reader.episodes.map(({ files }) => files.map(({ path }) => path))).toEqual([["journal.epi"]]);
  });

  it("waits for pictures and sinks too with outputs: true, and not without", async () => {
    const disk = memoryDisk();
    const items: SinkItem[] = [];
    const slow = definePlugin({
      kind: "sink",
      name: "memory",
      create: () => ({
        accepts: ["episode-end", "picture/txt"],
        write: async (batch: readonly SinkItem[]) => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          items.push(...batch);
        },
      }),
    });
    const changes = {
      visualization: { debug_level: "verbose" as const, output_formats: ["text"] },
      logging: { ...withoutFormat.logging, ...mine, async_logger: { batch_size: 2 } },
    };
    const run = await openRun(testConfig(changes), runOptions(disk, { plugins: [textRenderer, slow] }));
    const play = async (options: Parameters<Episode["end"]>[0]): Promise<void> => {
      const episode = run.startEpisode({ taskId: "t", initial: blank, target });
      for (let step = 1; step <= 4; step++)
        episode.step({ action: { operation: 0 }, after: painted(step), reward: 0 });
      await episode.end(options);
    };
    await play({});
    expect(items.length).toBeLessThan(6);
    await play({ outputs: true });
    expect(items).toHaveLength(12);
    for (const name of ["step_003.txt", "summary.txt"])
      expect(disk.files()).toContain(`outputs/test/episode_0002/${name}`);
    const last = run.startEpisode({ taskId: "t", initial: blank, target }).end({ outputs: true });
    await Promise.all([last, run.close()]);
    expect(items).toHaveLength(14);
  });

  it("leaves the journal and goes on when a format fails", async () => {
    const disk = memoryDisk();
    const { logger, lines: messages } = collectLines();
    const broken = definePlugin({
      kind: "format",
      name: "broken",
      create: (): Format => ({
        extension: "x",
        *encode() {
          yield Buffer.from("half");
          throw new Error("cannot");
        },
      }),
    });
    const changes = { logging: { log_format: "broken", formats: { broken: { _target_: "broken" } } } };
    const run = await openRun(testConfig(changes), runOptions(disk, { plugins: [broken], logger }));
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    await episode.end();
    await run.close();
    expect(disk.files().filter((file) => file.includes("episode_0001"))).toEqual([
      "outputs/test/episode_0001/journal.epi",
    ]);
    expect(messages.join("\n")).toContain("logging.formats.broken could not export episode 1: cannot");
  });
});

describe("opening a run", () => {
  const code = async (promise: Promise<unknown>): Promise<string | undefined> =>
    promise.then(
      () => undefined,
      (error: EpiscopeError) => error.code,
    );

  it("names the package to install for a plugin that is not there", async () => {
    const config = testConfig({
      visualization: { output_formats: ["png"], renderers: { png: { _target_: "png" } } },
    });
    await expect(openRun(config, runOptions(memoryDisk()))).rejects.toMatchObject({
      code: "PLUGIN_NOT_INSTALLED",
      message: expect.stringContaining("visualization.renderers.png"),
      hint: expect.stringContaining("@episcope/plugin-png"),
    });
  });

  it("lists the nodes when a name selects none", async () => {
    const config = testConfig({ visualization: { output_formats: ["svgg"] } });
    await expect(openRun(config, runOptions(memoryDisk()))).rejects.toMatchObject({
      code: "NODE_UNKNOWN",
      message: expect.stringMatching(/Nodes: .*\btext\b/),
    });
  });

  it("refuses wrong options before anything is opened", async () => {
    const disk = memoryDisk();
    let created = 0;
    const strict = definePlugin({
      kind: "sink",
      name: "strict",
      options: {
        type: "object",
        additionalProperties: false,
        properties: { every: { type: "integer", default: 3 } },
      },
      create: () => {
        created += 1;
        return { accepts: [], write: () => {} };
      },
    });
    const config = testConfig({
      logging: { ...withoutFormat.logging, sinks: { s: { _target_: "strict", evry: 1 } } },
    });
    await expect(openRun(config, runOptions(disk, { plugins: [strict] }))).rejects.toMatchObject({
      code: "PLUGIN_OPTIONS_INVALID",
      message: expect.stringContaining("'logging.sinks.s.evry' is not a known key; did you mean 'every'?"),
    });
    expect(created).toBe(0);
    expect(disk.files()).toEqual([]);
  });

  it("refuses modules that the program does not allow, and names of another kind", async () => {
    const sink = (target_: string) =>
      testConfig({ logging: { ...withoutFormat.logging, sinks: { s: { _target_: target_ } } } });
    const options = () => runOptions(memoryDisk());
    expect(await code(openRun(sink("./my-sink.ts"), options()))).toBe("PLUGIN_NOT_ALLOWED");
    expect(await code(openRun(sink("left-pad#x"), options()))).toBe("PLUGIN_NOT_ALLOWED");
    expect(await code(openRun(sink("text"), options()))).toBe("PLUGIN_KIND_MISMATCH");
    expect(await code(openRun(sink("toString"), options()))).toBe("PLUGIN_UNKNOWN");
    expect(await code(openRun(sink("__proto__"), options()))).toBe("PLUGIN_UNKNOWN");
  });

  it("closes what it has opened when a later plugin cannot be built", async () => {
    let closed = 0;
    const first = definePlugin({
      kind: "sink",
      name: "first",
      create: () => ({ accepts: [], write: () => {}, close: () => void closed++ }),
    });
    const broken = definePlugin({
      kind: "sink",
      name: "broken",
      create: () => {
        throw new Error("no");
      },
    });
    const sinks = { a: { _target_: "first" }, b: { _target_: "broken" } };
    const config = testConfig({ logging: { ...withoutFormat.logging, sinks } });
    await expect(
      openRun(config, runOptions(memoryDisk(), { plugins: [first, broken] })),
    ).rejects.toMatchObject({
      code: "PLUGIN_CREATE_FAILED",
      message: expect.stringContaining("logging.sinks.b"),
    });
    expect(closed).toBe(1);
  });

  it("keeps its config from other users, and nothing else", async () => {
    const disk = memoryDisk();
    const run = await openRun(testConfig(), runOptions(disk, { saved: { configYaml: "a: 1\n" } }));
    await run.close();
    const rights = (path: string) => (disk.fs.statSync(`${run.dir}/${path}`).mode & 0o777).toString(8);
    expect([".hydra/config.yaml", ".episcope/config.lock.json", "manifest.json"].map(rights)).toEqual([
      "600",
      "600",
      "666",
    ]);
  });

  it("makes generated names unique, and never touches a recorded run", async () => {
    const disk = memoryDisk();
    const config = testConfig({ ...withoutFormat, storage: { run_name: null } });
    const first = await openRun(config, runOptions(disk));
    const second = await openRun(config, runOptions(disk));
    expect([first.name, second.name]).toEqual(["run_2026-01-02_03-04-05", "run_2026-01-02_03-04-05_2"]);
    await Promise.all([first.close(), second.close()]);
    const named = testConfig({ ...withoutFormat, storage: { run_name: first.name } });
    expect(await code(openRun(named, runOptions(disk)))).toBe("RUN_EXISTS");
  });

  it("hashes the settings, not the name", async () => {
    const hash = async (changes: Parameters<typeof testConfig>[0]) => {
      const run = await openRun(testConfig({ ...withoutFormat, ...changes }), runOptions(memoryDisk()));
      await run.close();
      return run.configHash;
    };
    expect(await hash({})).toBe(await hash({ storage: { run_name: "another" } }));
    expect(await hash({})).not.toBe(await hash({ storage: { max_episodes_per_run: 7 } }));
  });

  it("stops drawing past max_episodes_per_run, says so once, and goes on logging", async () => {
    const disk = memoryDisk();
    const { logger, lines } = collectLines();
    const config = testConfig({
      ...withoutFormat,
      visualization: { output_formats: ["text"] },
      storage: { max_episodes_per_run: 1 },
    });
    const run = await openRun(config, runOptions(disk, { logger }));
    for (let index = 0; index < 3; index++) {
      const episode = run.startEpisode({ taskId: "t", initial: blank, target });
      episode.step({ action: { operation: 0 }, after: painted(1), reward: 0 });
      await episode.end();
    }
    await run.close();
    expect(disk.files().filter((file) => file.endsWith(".txt"))).toHaveLength(2);
    expect(disk.files().filter((file) => file.endsWith("journal.epi"))).toHaveLength(3);
    expect(lines.filter((line) => line.includes("max_episodes_per_run"))).toHaveLength(1);
  });

  it.each([
    ["has none", [{}, {}], 1],
    ["brings some", [{}, { state: { score: 1 } }], 0],
  ])(
    "says once where include_full_states finds nothing to keep: a producer that %s",
    async (_, steps, said) => {
      const { logger, lines } = collectLines();
      const config = testConfig({ logging: { ...withoutFormat.logging, include_full_states: true } });
      const run = await openRun(config, runOptions(memoryDisk(), { logger }));
      await run.startEpisode({ taskId: "empty", initial: blank, target }).end();
      expect(lines.filter((line) => line.includes("include_full_states"))).toEqual([]);
      for (let index = 0; index < 2; index++) {
        const episode = run.startEpisode({ taskId: "t", initial: blank, target });
        for (const more of steps)
          episode.step({ action: { operation: 0 }, after: painted(1), reward: 0, ...more });
        if (index === 0) await episode.end();
      }
      await run.close();
      expect(lines.filter((line) => line.includes("include_full_states"))).toHaveLength(said);
    },
  );
});
