import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createManualClock } from "@episcope/records/testing";
import { collectLines } from "@episcope/testing/collect-lines";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, target } from "@episcope/testing/small-run";
import { afterAll, describe, expect, it } from "vitest";
import { definePlugin, type OpenRunOptions, openRun, type Run, type Sink } from "../src/index.js";

const folder = fs.mkdtempSync(join(tmpdir(), "episcope-sinks-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));
let count = 0;
const cwd = join(import.meta.dirname, "fixtures/plugins");
const FILE = { _target_: "./unruly-sink.ts" };
type Nodes = Parameters<typeof testConfig>[0] extends infer C
  ? C extends { logging?: { sinks?: infer S } }
    ? S
    : never
  : never;

interface Settings {
  readonly sinks: Nodes;
  /** Default false: nothing but sinks, which is quicker. */
  readonly journal?: boolean;
  readonly batch?: number;
  readonly queue?: number;
  readonly threads?: number;
  readonly timeout?: number;
  readonly shutdown?: number;
  readonly visualization?: object;
}

async function open(settings: Settings, more: OpenRunOptions = {}) {
  const { logger, lines } = collectLines();
  const config = testConfig({
    visualization: settings.visualization ?? {},
    logging: {
      structured_logging: settings.journal ?? false,
      formats: { json: { _target_: "json", enabled: false } },
      async_logger: {
        worker_threads: settings.threads ?? 1,
        worker_timeout: settings.timeout ?? 30,
        batch_size: settings.batch ?? 4,
        queue_size: settings.queue ?? 1000,
        shutdown_timeout: settings.shutdown ?? 30,
      },
      sinks: settings.sinks,
    },
    storage: { base_output_dir: folder, run_name: `run${count++}` },
  });
  const run = await openRun(config, { cwd, allowPlugins: ["."], logger, process: null, ...more });
  return { run, lines };
}

function take(run: Run, steps = 12) {
  const episode = run.startEpisode({ taskId: "t", initial: blank, target });
  for (let step = 0; step < steps; step++)
    episode.step({ action: { operation: 0 }, after: painted(step % 4), reward: step });
  return episode;
}

async function record(settings: Settings, more: OpenRunOptions = {}, steps = 12) {
  const { run, lines } = await open(settings, more);
  await take(run, steps).end();
  await run.close();
  return { run, lines };
}

// biome-ignore lint/suspicious/noExplicitAny: whatever it noted.
type Note = any;

/** What an `unruly-sink` noted. */
function notes(run: Run, name = "mine"): Note[] {
  return fs
    .readFileSync(join(run.dir, `${name}.log`), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** A sink that keeps the steps it gets, on this thread. */
function memory() {
  const got: unknown[] = [];
  const write: Sink["write"] = (batch) => {
    for (const item of batch) if ("record" in item && item.record.type === "step") got.push(item.record.step);
  };
  const plugin = definePlugin({
    kind: "sink",
    name: "memory",
    create: (): Sink => ({ accepts: ["step"], write }),
  });
  return { plugins: [plugin], got };
}

const written = (run: Run, name = "mine") => notes(run, name).flatMap((note) => note.write ?? []);
const created = (run: Run, name = "mine") => notes(run, name).flatMap((note) => note.create ?? []);
const range = (length: number) => Array.from({ length }, (_, index) => index);
const accounts = (run: Run, name = "mine") => run.stats().accounting[`logging.sinks.${name}`]!;
const codes = (run: Run, name = "mine") =>
  run
    .stats()
    .problems.filter(({ source }) => source === `logging.sinks.${name}`)
    .map(({ error }) => (error as { code: string }).code);

describe("a sink in a worker thread", () => {
  it("gets everything in order, in batches, and is flushed and closed", async () => {
    const { run } = await record({ sinks: { mine: FILE }, journal: true }, {}, 50);
    expect(created(run)).toEqual(["in a thread"]);
    expect(written(run)).toEqual(range(50));
    expect(notes(run).filter((note) => note.write?.length > 4)).toEqual([]);
    expect(notes(run).slice(-2)).toEqual(["flush", "close"]);
    expect(accounts(run)).toEqual({ accepted: 50, written: 50, dropped: 0, reasons: {} });
  });

  it("stands here without worker threads, with a clock or files of the program's own, or out of the program's memory", async () => {
    expect(created((await record({ sinks: { mine: FILE }, threads: 0 })).run)).toEqual(["here"]);
    expect(created((await record({ sinks: { mine: FILE } }, { clock: createManualClock() })).run)).toEqual([
      "here",
    ]);
    const wrapped = { fs: { ...fs, readdirSync: fs.readdirSync } };
    expect(created((await record({ sinks: { mine: FILE } }, wrapped)).run)).toEqual(["here"]);
    const { plugins, got } = memory();
    const sinks = { mine: FILE, memory: { _target_: "memory" } };
    const { run } = await record({ sinks }, { plugins });
    expect([created(run), got]).toEqual([["in a thread"], range(12)]);
  });

  it("gets a picture's bytes, and so does every other sink", async () => {
    const renderers = { odd: { _target_: "./odd-renderer.ts" } };
    const node = { ...FILE, accepts: ["picture/odd"] };
    const { run } = await record({
      sinks: { mine: node, other: node },
      visualization: { step_pictures: "all", summary_picture: false, output_formats: ["odd"], renderers },
    });
    expect(written(run)).toHaveLength(12);
    expect(written(run)[3]).toBe("picture/odd 3 true 3 similarity_jump new_best");
    expect(written(run, "other")).toEqual(written(run));
  });

  it("that cannot be made stops the run before it begins, with what it threw and its key", async () => {
    const opening = open({ sinks: { fine: FILE, mine: { ...FILE, how: "create" } } });
    const error = await opening.then(
      () => null,
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({
      code: "PLUGIN_CREATE_FAILED",
      message: expect.stringMatching(
        /^logging\.sinks\.mine: the plugin 'unruly' could not be built: no such table \(.*unruly-sink\.ts:\d+:\d+\)$/,
      ),
      cause: { code: "OF_ITS_OWN", hint: "Make one.", fields: { key: "x" } },
    });
  });

  it("keeps the run's own time out of the producer's: a step costs no more than a push", async () => {
    const { run } = await open({ sinks: { mine: { ...FILE, at: 0, how: "never" } }, shutdown: 0.01 });
    take(run, 100);
    expect(accounts(run)).toMatchObject({ accepted: 100, written: 0 });
    await run.close("interrupted");
  });
});

describe("a sink in a worker thread cannot hurt, when it", () => {
  /** Beside a well-behaved one. */
  const beside = async (options: object, settings: Partial<Settings> = {}, steps = 12) => {
    const { plugins, got } = memory();
    const sinks = { mine: { ...FILE, ...options }, memory: { _target_: "memory" } };
    const { run, lines } = await record({ ...settings, sinks }, { plugins }, steps);
    expect(got).toEqual(range(steps));
    expect(accounts(run, "memory")).toEqual({ accepted: steps, written: steps, dropped: 0, reasons: {} });
    const { accepted, written: done } = accounts(run);
    expect(accepted).toBe(steps);
    expect(done).toBe(written(run).length);
    return { run, lines };
  };

  it("throws now and then: the very batch comes again, and nothing twice", async () => {
    const { run } = await beside({ how: "throw", at: 5, times: 2 });
    expect(written(run)).toEqual(range(12));
    expect(notes(run).filter((note) => note.isAgain)).toEqual([{ write: [4, 5, 6, 7], isAgain: true }]);
    expect(created(run)).toHaveLength(1);
    expect(codes(run)).toEqual(["SINK_FAILED"]);
  });

  it("throws an error of its own: it keeps code, message, hint, fields and stack", async () => {
    const { run } = await beside({ how: "own-error", at: 5, times: 1 });
    const { cause } = run.stats().problems[0]!.error as { cause: Error };
    expect(cause).toMatchObject({
      name: "EpiscopeError",
      code: "OF_ITS_OWN",
      message: "no such table",
      hint: "Make one.",
      fields: { key: "x" },
      stack: expect.stringContaining("unruly-sink.ts"),
    });
  });

  it("rejects one batch for ever: that one is lost", async () => {
    const { run } = await beside({ how: "reject", at: 5 });
    expect(written(run)).toEqual([0, 1, 2, 3, 8, 9, 10, 11]);
    expect(accounts(run).reasons).toEqual({ failed: 4 });
  });

  it("fails ten times: quarantine with the reason", async () => {
    const { run, lines } = await beside({ how: "throw-always" }, { batch: 1 });
    // Three attempts each for three items, and the tenth failure.
    expect(accounts(run)).toMatchObject({ written: 0, dropped: 3, reasons: { failed: 3 } });
    expect(lines.join("\n")).toContain(
      "logging.sinks.mine gets nothing more in this run: it failed 10 times.",
    );
    expect(created(run)).toHaveLength(1);
  });

  it("hangs once: its thread is replaced, and the batch retried", async () => {
    const { run } = await beside({ how: "hang", at: 5, times: 1 }, { timeout: 0.5 });
    expect(written(run)).toEqual(range(12));
    expect(created(run)).toHaveLength(2);
    expect(run.stats().problems[0]!.error).toMatchObject({
      code: "SINK_FAILED",
      message: "logging.sinks.mine failed to write: a worker thread is gone: it did not write within 0.5 s.",
      cause: { code: "WORKER_ENDED" },
    });
  });

  it("hangs twice over one batch, or waits for ever: quarantine with the reason", async () => {
    for (const how of ["hang", "never"]) {
      const { run, lines } = await beside({ how, at: 5 }, { timeout: 0.5 });
      expect(written(run)).toEqual(range(4));
      expect(created(run)).toHaveLength(2);
      expect(accounts(run).reasons).toEqual({});
      expect(lines.join("\n")).toContain(
        "logging.sinks.mine gets nothing more in this run: it did not write within 0.5 s, twice.",
      );
    }
  });

  it("ends its thread once: another one takes the batch", async () => {
    const { run } = await beside({ how: "die", at: 5, times: 1 });
    expect(written(run)).toEqual(range(12));
    expect(created(run)).toHaveLength(2);
  });

  it("ends its thread once, and the next one before it has the batch: a third one takes it", async () => {
    const { run } = await record({ sinks: { mine: { ...FILE, how: "die-and-again", at: 5, times: 1 } } });
    expect([created(run).length, written(run)]).toEqual([3, range(12)]);
    expect(accounts(run)).toMatchObject({ written: 12, dropped: 0 });
  });

  it("ends its thread over one item: only that batch is lost", async () => {
    const { run, lines } = await beside({ how: "die", at: 5 }, { batch: 1 });
    expect(written(run)).toEqual(range(12).filter((step) => step !== 5));
    expect(created(run)).toHaveLength(3);
    expect(accounts(run).reasons).toEqual({ failed: 1 });
    expect(lines.join("\n")).toContain(
      "logging.sinks.mine failed to write: a worker thread is gone: it ended with code 3.",
    );
  });

  it("ends every thread: quarantine after three that replaced the first", async () => {
    const { run, lines } = await beside({ how: "die-always" });
    expect(created(run)).toHaveLength(4);
    expect(accounts(run).reasons).toEqual({ failed: 4 });
    expect(lines.join("\n")).toContain(
      "its thread ended 4 times in a row, at last because it ended with code 3.",
    );
  });

  it("throws where nobody catches it: the next batch finds another thread", async () => {
    const { run } = await beside({ how: "die-outside", at: 5, times: 1 }, { batch: 1 });
    expect(created(run).length).toBeGreaterThan(1);
    expect(written(run)).toContain(11);
  });

  it("leaks a timer: the run closes and leaves no thread behind", async () => {
    const threads = () => (fs.existsSync("/proc/self/task") ? fs.readdirSync("/proc/self/task").length : 0);
    const handles = () => process.getActiveResourcesInfo().filter((name) => /Port|Worker/.test(name));
    await beside({ how: "leak" });
    const before = threads();
    await beside({ how: "leak" });
    expect(threads()).toBeLessThanOrEqual(before);
    expect(handles()).toEqual([]);
  });

  it("hangs when it is closed: its time limit ends it, and the run is closed", async () => {
    const { run } = await record({ sinks: { mine: { ...FILE, how: "hang-at-close" } }, timeout: 0.5 });
    expect(written(run)).toEqual(range(12));
    expect(run.stats().problems[0]!.error).toMatchObject({
      message: "logging.sinks.mine failed to close: a worker thread is gone: it did not close within 0.5 s.",
    });
  });

  it("hangs when it is flushed: quarantine, and flush says no more than that", async () => {
    const { run, lines } = await open({ sinks: { mine: { ...FILE, how: "hang-at-flush" } }, timeout: 0.5 });
    take(run, 4);
    await run.flush({ outputs: true });
    await run.close();
    expect(accounts(run)).toMatchObject({ accepted: 4, dropped: 0 });
    expect(lines.join("\n")).toContain("gets nothing more in this run: it did not flush within 0.5 s.");
  });

  it("meets a full disk: that is to come later, at no cost of its own", async () => {
    const { run } = await beside({ how: "disk", at: 5 });
    expect(accounts(run).reasons).toEqual({});
    expect(codes(run)).toEqual(["DISK_SPACE"]);
    expect(run.stats().problems[0]!.error).toMatchObject({
      name: "DiskSpaceError",
      path: "/there",
      hint: "Free some.",
    });
  });

  it("has written a part of a batch: the rest comes again", async () => {
    const { run } = await beside({ how: "partial", at: 5, times: 1 });
    expect(written(run)).toEqual(range(12));
    expect(notes(run)).toContainEqual({ write: [5, 6, 7], isAgain: true });
  });
});

describe("the end of a run with a sink in a worker thread", () => {
  it("is as good where a journal is kept: a thread that dies is replaced, one that hangs is ended", async () => {
    const dies = await record({ sinks: { mine: { ...FILE, how: "die", at: 5, times: 1 } }, journal: true });
    expect([created(dies.run).length, written(dies.run)]).toEqual([2, range(12)]);
    expect(dies.run.stats().accounting["journal"]).toMatchObject({ written: 16, dropped: 0 });
    const { run } = await open({
      sinks: { mine: { ...FILE, how: "hang", at: 0 } },
      journal: true,
      shutdown: 0.2,
    });
    take(run);
    await run.close("interrupted");
    expect(accounts(run)).toMatchObject({ accepted: 12, written: 0, dropped: 0 });
    expect(run.stats().accounting["journal"]).toMatchObject({ written: 16, dropped: 0 });
  });

  it("comes in time although the sink hangs, and what is left waits", async () => {
    const sinks = { mine: { ...FILE, how: "hang", at: 0 }, memory: { _target_: "memory" } };
    const { plugins, got } = memory();
    // The time limit of a call is longer than the test's: only the shutdown can end it.
    const { run } = await open({ sinks, shutdown: 0.2, timeout: 3_600 }, { plugins });
    take(run);
    await run.close("interrupted");
    expect(accounts(run)).toEqual({
      accepted: 12,
      written: 0,
      dropped: 0,
      reasons: {},
    });
    expect(got).toEqual(range(12));
  });

  it("is told to the sink by its signal, which it may use to finish", async () => {
    const { run } = await open({ sinks: { mine: { ...FILE, how: "until-aborted", at: 0 } }, shutdown: 0.2 });
    take(run, 4);
    await run.close("interrupted");
    expect(notes(run).slice(1)).toEqual([
      // What it has opened is saved at once.
      "flush",
      { misbehaves: "until-aborted" },
      "aborted",
      "flush",
      "close",
    ]);
    expect(accounts(run)).toMatchObject({ written: 4, dropped: 0 });
  });
});

describe("a sink in a worker thread that taps hooks", () => {
  const taps = ["runStart", "episodeStart", "step", "episodeEnd", "runEnd"];
  const node = { ...FILE, taps };

  it("hears of them in order, before the batches that hold the same records", async () => {
    const { run } = await record({ sinks: { mine: node }, journal: true }, {}, 5);
    const heard = notes(run);
    expect(heard.filter((note) => note.hook).map((note) => note.hook)).toEqual([
      "runStart",
      "episodeStart",
      ...range(5).map(() => "step"),
      "episodeEnd",
      "runEnd",
    ]);
    expect(heard.filter((note) => note.hook === "step").map((note) => note.step)).toEqual(range(5));
    const at = (wanted: (note: Note) => boolean) => heard.findIndex(wanted);
    expect(at((note) => note.step === 3)).toBeLessThan(at((note) => note.write?.includes(3)));
    expect(heard.slice(-2)).toEqual(["close", { hook: "runEnd" }]);
  });

  it("costs no hook that it does not tap", async () => {
    const tapped: string[] = [];
    const spy = definePlugin({
      kind: "hooks",
      name: "spy",
      create: (_options, { hooks }) => {
        hooks.runStart.tap("spy", () => {
          for (const [name, hook] of Object.entries(hooks)) if (hook.taps.length > 0) tapped.push(name);
        });
        return undefined;
      },
    });
    const sinks = { spy: { _target_: "spy" }, mine: { ...FILE, taps: ["step"] } };
    await record({ sinks }, { plugins: [spy] });
    // The end is tapped by the cleanup, which sums up.
    expect(tapped).toEqual(["runStart", "step", "runEnd"]);
  });

  it("and fails in one: plugin and hook are named, and it hears of the rest", async () => {
    const { run } = await record({ sinks: { mine: { ...node, how: "tap", at: 2 } } });
    expect(run.stats().problems[0]).toMatchObject({
      source: "hooks",
      count: 1,
      error: {
        code: "HOOK_FAILED",
        fields: { plugin: "mine", hook: "step" },
        cause: { message: "tapped out" },
      },
    });
    expect(notes(run).filter((note) => note.hook === "step")).toHaveLength(12);
    expect(written(run)).toEqual(range(12));
  });

  it("and whose thread is replaced hears again of the run and of the episodes that are open", async () => {
    const { run } = await open({ sinks: { mine: { ...node, how: "die", at: 5, times: 1 } } });
    await take(run, 2).end();
    const episode = take(run, 6);
    await run.flush({ outputs: true });
    await episode.end();
    await run.close();
    const heard = notes(run);
    const again = heard.slice(heard.findLastIndex((note) => note.create));
    expect(again.slice(0, 3)).toEqual([
      { create: "in a thread" },
      { hook: "runStart" },
      { hook: "episodeStart", number: 2 },
    ]);
    expect(written(run)).toEqual([0, 1, ...range(6)]);
  });

  it("and hangs in one is ended by its time limit, and the run goes on", async () => {
    const { run } = await record({ sinks: { mine: { ...node, how: "hang-in-tap", at: 2 } }, timeout: 0.5 });
    expect(accounts(run).accepted).toBe(12);
    expect(
      run
        .stats()
        .problems.map(({ error }) => String(error))
        .join(),
    ).toContain("within 0.5 s");
  });

  it("is waited for by a producer that never waits, so that events do not pile up", async () => {
    const { run } = await record({ sinks: { mine: { ...node, accepts: [] } }, queue: 10 }, {}, 500);
    expect(notes(run).filter((note) => note.hook === "step")).toHaveLength(500);
    const mine = { ...node, accepts: [], how: "hang-in-tap", at: 2 };
    const { run: other } = await open({ sinks: { mine }, queue: 10, timeout: 0.5 });
    const started = performance.now();
    take(other, 30);
    const waited = performance.now() - started;
    await other.close();
    // For as long as the time limit says; the thread that replaced it hears of the rest.
    expect(waited).toBeGreaterThan(500);
    const steps = notes(other).flatMap((note) => (note.hook === "step" ? [note.step] : []));
    expect(steps.slice(0, 3)).toEqual([0, 1, 2]);
    expect(steps.at(-1)).toBe(29);
    expect(created(other)).toHaveLength(2);
  });
});

describe("a full queue in front of a worker thread", () => {
  it("blocks where the policy says so: a producer that never waits loses nothing, and the bound holds", async () => {
    const { run } = await open({ sinks: { mine: { ...FILE, overflow: "block" } }, queue: 20 });
    const episode = run.startEpisode({ taskId: "t", initial: blank, target });
    let most = 0;
    for (let step = 0; step < 500; step++) {
      episode.step({ action: { operation: 0 }, after: painted(step % 4), reward: 0 });
      const { accepted, written: done, dropped } = accounts(run);
      most = Math.max(most, accepted - done - dropped);
    }
    await run.close();
    expect(most).toBeLessThanOrEqual(20 + 4);
    expect(written(run)).toEqual(range(500));
    expect(accounts(run)).toMatchObject({ written: 500, dropped: 0 });
  });

  it("does not block for ever: a sink that fails meanwhile is tried again as ever", async () => {
    const mine = { ...FILE, overflow: "block", how: "throw", at: 50, times: 2 } as const;
    const { run } = await record({ sinks: { mine }, queue: 20 }, {}, 200);
    expect(written(run)).toEqual(range(200));
  });

  it("catches up by default: a producer that never waits loses nothing", async () => {
    const { run } = await record({ sinks: { mine: FILE }, queue: 20 }, {}, 500);
    expect(written(run)).toEqual(range(500));
    expect(accounts(run)).toEqual({ accepted: 500, written: 500, dropped: 0, reasons: {} });
  });

  it("drops where the policy says so, to the unit", async () => {
    const sinks = { mine: { ...FILE, overflow: "drop_low_priority" } } as const;
    const { run } = await record({ sinks, queue: 20 }, {}, 500);
    const { accepted, written: done, dropped, reasons } = accounts(run);
    expect([accepted, done + dropped, reasons]).toEqual([500, 500, { overflow: dropped }]);
    expect(written(run)).toHaveLength(done);
  });

  it("is not the thread's fault if the producer holds its own thread for longer than the time limit", async () => {
    const { run } = await open({ sinks: { mine: FILE }, timeout: 0.2, batch: 2 });
    take(run, 2);
    // Until the batch has left.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    const until = performance.now() + 400;
    while (performance.now() < until);
    await run.close();
    expect(written(run)).toEqual([0, 1]);
    expect([created(run).length, run.stats().problems]).toEqual([1, []]);
  });
});
