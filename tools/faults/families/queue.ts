import fs, { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  definePlugin,
  type HooksPlugin,
  type RunHooks,
  type Sink,
  type SinkItem,
  type StepInput,
} from "@episcope/core";
import type { EpiscopeError } from "@episcope/errors";
import { JournalReader, RunReader } from "@episcope/records/store";
import { randomNumbers } from "@episcope/records/testing";
import { lastNumber, startNode } from "../child-program.js";
import { openFaultRun } from "../open-recorder.js";
import { stepsOf } from "../read-back.js";
import { all, atLeast, atMost, type Figure, none, type Outcome, type Row, type RowContext } from "../row.js";
import { stepStream } from "../steps.js";

const stream = stepStream(10);
const START = { taskId: "t", initial: stream.initial, target: stream.target };
const POLICIES = ["catch_up", "block", "drop_oldest", "drop_newest", "drop_low_priority", "sample", "error"];

const breath = () => new Promise<void>((resolve) => setImmediate(resolve));

function sinkPlugin(name: string, sink: Sink) {
  return definePlugin({ kind: "sink", name, create: () => sink });
}

/** Q1: a full queue, by policy. */
async function fullQueue(context: RowContext): Promise<Outcome> {
  const steps = context.short ? 20_000 : 100_000;
  const figures: Figure[] = [];
  for (const policy of POLICIES) {
    let taken = 0;
    // A thousand a second.
    const slow = sinkPlugin("slow", {
      accepts: ["step"],
      write: async (batch) => {
        await new Promise((resolve) => setTimeout(resolve, batch.length));
        taken += batch.length;
      },
    });
    const { run } = await openFaultRun(
      context.scratch(),
      [
        `+logging.sinks.slow={_target_: slow, overflow: ${policy}}`,
        "logging.async_logger.shutdown_timeout=1",
        "logging.async_logger.queue_size=500",
      ],
      { plugins: [slow] },
    );
    const episode = run.startEpisode(START);
    for (let step = 0; step < steps; step++) {
      episode.step(stream.step(step), { priority: step % 3 });
      if (step % 100 === 99) await breath();
    }
    await episode.end();
    await run.close();
    const { accounting } = run.stats();
    const { accepted, written, dropped, reasons } = accounting["logging.sinks.slow"]!;
    const reasoned = Object.values(reasons).reduce((sum, count) => sum + count, 0);
    const listed = JSON.stringify(new RunReader(run.dir, { fs }).manifest.accounting["logging.sinks.slow"]);
    figures.push(
      all(`${policy}: offered = accepted`, accepted, steps),
      all(`${policy}: accepted = written + dropped`, accepted, written + dropped),
      all(`${policy}: dropped = the sum of its reasons`, dropped, reasoned),
      all(`${policy}: written = what the sink took`, written, taken),
      all(
        `${policy}: the manifest says the same`,
        Number(listed === JSON.stringify({ accepted, written, dropped, reasons })),
        1,
      ),
      none(`${policy}: records dropped by the journal`, accounting["journal"]!.dropped),
    );
  }
  return { figures };
}

/** Q2: sinks that fail in every way, beside one that works. */
async function hostileSinks(context: RowContext): Promise<Outcome> {
  let received = 0;
  const sinks = {
    throws: {
      write: () => {
        throw new Error("as asked");
      },
    },
    rejects: { write: () => Promise.reject(new Error("as asked")) },
    hangs: { write: () => new Promise<void>(() => {}) },
    "fails-to-close": {
      write: () => {},
      close: () => Promise.reject(new Error("as asked")),
    },
    good: {
      write: (batch: readonly SinkItem[]) => {
        received += batch.length;
      },
    },
  };
  const plugins = Object.entries(sinks).map(([name, sink]) =>
    sinkPlugin(name, { accepts: ["step"], ...sink }),
  );
  const nodes = Object.keys(sinks).map(
    (name) => `+logging.sinks.${name}={_target_: ${name}, overflow: block}`,
  );
  const steps = context.short ? 5_000 : 20_000;
  const started = performance.now();
  const { run, lines } = await openFaultRun(
    context.scratch(),
    [...nodes, "logging.async_logger.worker_timeout=0.5", "logging.async_logger.shutdown_timeout=5"],
    { plugins },
  );
  const episode = run.startEpisode(START);
  for (let step = 0; step < steps; step++) {
    episode.step(stream.step(step));
    if (step % 10 === 9) await breath();
  }
  await run.flush().catch(() => {});
  await episode.end();
  await run.close().catch(() => {});
  const seconds = (performance.now() - started) / 1000;
  const { accounting } = run.stats();
  const figures = [none("steps that the working sink did not get", steps - received)];
  for (const name of Object.keys(sinks)) {
    const { accepted, written, dropped } = accounting[`logging.sinks.${name}`]!;
    figures.push(all(`${name}: accepted = written + dropped`, accepted, written + dropped));
    const told = lines.filter((line) => line.includes(`logging.sinks.${name}`) && !line.startsWith("info"));
    if (name !== "good") {
      figures.push(
        atLeast(`${name}: messages`, told.length, 1),
        // A line a second; and the first failure, the quarantine, and what the closing run leaves to `episcope resume`.
        atMost(`${name}: messages`, told.length, Math.ceil(seconds) + 3, "lines"),
      );
    }
  }
  figures.push(none("steps lost", steps - stepsOf(run.dir).length));
  return { figures };
}

/** Q3: what a run leaves behind in its process. */
async function leaks(context: RowContext): Promise<Outcome> {
  // The first sixty warm up: compiled code and shapes are kept once for a process.
  const runs = 80;
  const child = startNode(context.child("open-and-close"), [context.scratch(), runs]);
  const { code, stdout, stderr, seconds } = await child.ended;
  if (code !== 0) throw new Error(`the child ended with ${code}: ${stderr.slice(-1000)}`);
  return {
    figures: [
      none(`timers, descriptors and threads left by ${runs} runs`, lastNumber(stdout, "resources")),
      none("listeners left on the process", lastNumber(stdout, "listeners")),
      atMost(
        "growth of the heap by a run, over the last 20",
        lastNumber(stdout, "heap") / 20 / 1024,
        32,
        "KiB",
      ),
      atMost(
        "process with a plugin that leaks a timer of its own ends, after its last run, within",
        seconds - lastNumber(stdout, "done"),
        60,
        "s",
      ),
    ],
  };
}

/** Q4, Q5: plugins that call back, and that write into what they are given. */
async function meddling(context: RowContext): Promise<Outcome> {
  const steps = 500;
  const record = async (overrides: readonly string[], plugins: readonly ReturnType<typeof meddler>[]) => {
    const { run } = await openFaultRun(context.scratch(), overrides, {
      plugins,
      clock: { now: () => 1_700_000_000, monotonic: () => performance.now() },
    });
    const episode = run.startEpisode(START);
    for (let step = 0; step < steps; step++) {
      episode.step(stream.step(step));
      if (step % 50 === 49) await breath();
    }
    await run.flush();
    await episode.end();
    await run.close();
    const manifest = new RunReader(run.dir, { fs }).episode(1);
    return {
      journal: readFileSync(join(run.dir, "episode_0001", "journal.epi")),
      totals: JSON.stringify(manifest.totals),
    };
  };
  const plain = await record([], []);
  const meddled = await record(
    ["+logging.sinks.tap={_target_: tap}", "+logging.sinks.write={_target_: write}"],
    [meddler("tap"), meddler("write")],
  );
  return {
    figures: [
      all("journal equal to that without them", Number(plain.journal.equals(meddled.journal)), 1),
      all("totals equal to those without them", Number(plain.totals === meddled.totals), 1),
      none("wrong steps", wrongSteps(meddled.journal, context)),
    ],
  };
}

function meddler(name: "tap" | "write") {
  const spoil = (value: unknown): void => {
    try {
      const record = value as {
        after?: { data: Uint8Array };
        info?: { similarity?: number };
        reward?: number;
      };
      record.after?.data.fill(9);
      record.reward = 1e9;
      if (record.info !== undefined) record.info.similarity = 1;
    } catch {
      // Frozen, which is one answer.
    }
  };
  if (name === "tap") {
    return definePlugin<"hooks">({
      kind: "hooks",
      name,
      create(_options, { hooks }: { readonly hooks: RunHooks }): HooksPlugin | undefined {
        hooks.step.tap("meddler", spoil);
        return undefined;
      },
    });
  }
  return definePlugin<"sink">({
    kind: "sink",
    name,
    create: () => ({
      accepts: ["step"],
      write: (batch) => {
        for (const item of batch) spoil("record" in item && item.record);
      },
    }),
  });
}

function wrongSteps(bytes: Buffer, context: RowContext): number {
  const path = join(context.scratch(), "journal.epi");
  fs.writeFileSync(path, bytes);
  using reader = new JournalReader(path, { fs });
  let wrong = 0;
  for (const record of reader.records()) if (record.type === "step" && !stream.matches(record)) wrong += 1;
  return wrong;
}

async function reentrant(context: RowContext): Promise<Outcome> {
  let depth = 0;
  let deepest = 0;
  let refused = 0;
  let call: () => { readonly accepted: boolean } = () => ({ accepted: true });
  const recursive = sinkPlugin("recursive", {
    accepts: ["step"],
    write: () => {
      depth += 1;
      deepest = Math.max(deepest, depth);
      if (!call().accepted) refused += 1;
      depth -= 1;
    },
  });
  const { run } = await openFaultRun(
    context.scratch(),
    ["+logging.sinks.recursive={_target_: recursive, overflow: block}", "logging.async_logger.queue_size=1"],
    { plugins: [recursive] },
  );
  const episode = run.startEpisode(START);
  call = () => episode.step(stream.step(0));
  for (let step = 0; step < 200; step++) {
    episode.step(stream.step(step));
    if (step % 20 === 19) await breath();
  }
  await run.flush();
  await episode.end();
  await run.close();
  return {
    figures: [
      { what: "depth", value: deepest, limit: 1, holds: "exactly" },
      atLeast("calls from inside that were refused", refused, 1),
      all("steps read back = steps from outside", stepsOf(run.dir).length, 200),
    ],
  };
}

/** Q6, Q7: many episodes; one very long one. */
async function manyEpisodes(context: RowContext): Promise<Outcome> {
  const episodes = context.short ? 2_000 : 12_000;
  const child = startNode(context.child("many-and-long"), [context.scratch(), "many", episodes]);
  const { code, stdout, stderr } = await child.ended;
  if (code !== 0) throw new Error(`the child ended with ${code}: ${stderr.slice(-1000)}`);
  return {
    figures: [
      atMost(`list ${episodes} episodes`, lastNumber(stdout, "list"), 500, "ms"),
      atMost("open one and read a step, longest of 200", lastNumber(stdout, "open"), 50, "ms of processor"),
      atMost("prune 100 of them, each", lastNumber(stdout, "prune"), 50, "ms"),
      {
        what: "cost of a step in the last tenth over that in the first",
        value: lastNumber(stdout, "flat"),
        limit: 1.1,
      },
      atMost("growth of memory", lastNumber(stdout, "growth") / 2 ** 20, 50, "MiB"),
    ],
  };
}

async function longEpisode(context: RowContext): Promise<Outcome> {
  const steps = context.short ? 200_000 : 1_000_000;
  const child = startNode(context.child("many-and-long"), [context.scratch(), "long", steps]);
  const { code, stdout, stderr } = await child.ended;
  if (code !== 0) throw new Error(`the child ended with ${code}: ${stderr.slice(-1000)}`);
  return {
    figures: [
      all(`steps in the episode`, lastNumber(stdout, "steps"), steps),
      atMost("seek, 99th of 100", lastNumber(stdout, "seek"), 20, "ms"),
      atMost("growth of memory while recording", lastNumber(stdout, "growth") / 2 ** 20, 50, "MiB"),
      none("wrong steps of 500 sought", lastNumber(stdout, "wrong")),
    ],
  };
}

/** Q8: values of all kinds. */
async function hostileValues(context: RowContext): Promise<Outcome> {
  const cases = 10_000;
  const random = randomNumbers(31);
  const { run, lines } = await openFaultRun(context.scratch());
  const episode = run.startEpisode(START);
  let threw = 0;
  let untyped = 0;
  let pathless = 0;
  const kept: { step: number; info: unknown }[] = [];
  for (let count = 0; count < cases; count++) {
    const value = hostileValue(random, 3);
    const input = { action: { operation: 1 }, after: stream.initial, reward: 0, info: { value } };
    const odd = random();
    const hostile = (
      odd < 0.02
        ? value
        : odd < 0.04
          ? { ...input, after: value }
          : odd < 0.06
            ? { ...input, reward: value }
            : input
    ) as StepInput;
    try {
      const { accepted, error } = episode.step(hostile);
      if (accepted) kept.push({ step: kept.length, info: hostile.info?.["value"] });
      else if (!/^[A-Z_]+$/.test(String((error as EpiscopeError | undefined)?.code))) untyped += 1;
      else if (hostile === input && !/info/.test(error!.message)) pathless += 1;
    } catch {
      threw += 1;
    }
  }
  await episode.end();
  await run.close();
  const steps = stepsOf(run.dir);
  let changed = 0;
  let told = 0;
  for (const { step, info } of kept) {
    if (isUsable(info)) changed += sameValue(steps[step]?.info["value"], info) ? 0 : 1;
    else told += 1;
  }
  return {
    figures: [
      none(`of ${cases} values: exceptions in the caller`, threw),
      none("refusals without a code", untyped),
      none("refusals that do not name the place", pathless),
      all("values that were kept: steps", steps.length, kept.length),
      none("usable values that came back different", changed),
      // What cannot be kept costs itself and not the step; it is said, once for its kind.
      atLeast(
        `messages about ${told} values that are none`,
        lines.filter((line) => /info/.test(line)).length,
        1,
      ),
    ],
  };
}

/** Whether a value can be recorded as it is: plain data and typed arrays, however deep the test nests them. */
function isUsable(value: unknown, isItem = false, depth = 0): boolean {
  if (depth > 20) return false;
  if (value === undefined) return !isItem;
  if (value === null || ["number", "string", "boolean"].includes(typeof value) || ArrayBuffer.isView(value))
    return true;
  if (typeof value !== "object") return false;
  try {
    if (Array.isArray(value)) return value.every((item) => isUsable(item, true, depth + 1));
    if (Object.prototype.toString.call(value) !== "[object Object]") return false;
    return Object.keys(value).every(
      (key) =>
        !["__proto__", "constructor", "prototype"].includes(key) &&
        isUsable((value as Record<string, unknown>)[key], false, depth + 1),
    );
  } catch {
    return false;
  }
}

function hostileValue(random: () => number, depth: number): unknown {
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  const makers: (() => unknown)[] = [
    () => Number.NaN,
    () => Number.POSITIVE_INFINITY,
    () => -0,
    () => 10n,
    () => cyclic,
    () => "x".repeat(1 + Math.floor(random() * 2000)),
    () => "\ud800 \u0000 \u202e </script>",
    () => new Float64Array([1, Number.NaN]),
    () => new Uint8Array(3),
    () => undefined,
    () => Symbol("s"),
    () => () => 1,
    () => new Date(0),
    () => new Map([[1, 2]]),
    () => ({
      get boom(): never {
        throw new Error("from a getter");
      },
    }),
    () =>
      new Proxy(
        {},
        {
          ownKeys() {
            throw new Error("from a proxy");
          },
        },
      ),
    () => JSON.parse('{"__proto__": {"polluted": 1}}'),
    () => ({ constructor: { prototype: 1 } }),
    () => random() * 1e9,
    () => Math.floor(random() * 2 ** 53),
    () => Number.MIN_VALUE,
    () => random() < 0.5,
    () => null,
  ];
  if (depth > 0 && random() < 0.3) {
    return Array.from({ length: Math.floor(random() * 12) }, () => hostileValue(random, depth - 1));
  }
  if (depth > 0 && random() < 0.3)
    return { a: hostileValue(random, depth - 1), b: hostileValue(random, depth - 1) };
  return makers[Math.floor(random() * makers.length)]!();
}

/** As in JSON, keys without a value are left out and items without one are null; typed arrays come back as lists. */
function sameValue(back: unknown, sent: unknown): boolean {
  if (ArrayBuffer.isView(sent)) return sameValue(back, Array.from(sent as Uint8Array));
  if (Array.isArray(sent))
    return (
      Array.isArray(back) &&
      back.length === sent.length &&
      sent.every((item, at) => sameValue(back[at], item))
    );
  if (typeof sent === "object" && sent !== null) {
    if (typeof back !== "object" || back === null) return false;
    const keys = Object.keys(sent).filter((key) => (sent as Record<string, unknown>)[key] !== undefined);
    return (
      Object.keys(back).length === keys.length &&
      keys.every((key) =>
        sameValue((back as Record<string, unknown>)[key], (sent as Record<string, unknown>)[key]),
      )
    );
  }
  return Object.is(back, sent);
}

/** Q9: a clock that goes where it likes. */
async function wildClock(context: RowContext): Promise<Outcome> {
  const runs = context.short ? 300 : 10_000;
  const random = randomNumbers(41);
  const base = context.scratch();
  const clock = {
    now: () => 1_700_000_000 + Math.floor(random() * 3) - 1,
    monotonic: () => performance.now(),
  };
  const dirs = new Set<string>();
  let outOfOrder = 0;
  for (let index = 0; index < runs; index++) {
    // Names are given before there are threads, which would take most of the time.
    const overrides = ["storage.run_name=null", "logging.async_logger.worker_threads=0"];
    const { run } = await openFaultRun(base, overrides, { clock });
    dirs.add(run.dir);
    if (index % 50 === 0) {
      const episode = run.startEpisode(START);
      for (let step = 0; step < 20; step++) episode.step(stream.step(step));
      await episode.end();
      await run.close();
      if (stepsOf(run.dir).some((record, at) => record.step !== at)) outOfOrder += 1;
    } else await run.close();
  }
  return {
    figures: [
      none(`collisions of ${runs} names in three seconds`, runs - dirs.size),
      none("runs read back in another order", outOfOrder),
    ],
  };
}

export const QUEUE_ROWS: readonly Row[] = [
  { id: "Q1", fault: "full queue, by policy", run: fullQueue },
  { id: "Q2", fault: "sinks that fail in every way", run: hostileSinks },
  { id: "Q3", fault: "what a run leaves behind", run: leaks },
  { id: "Q4", fault: "a sink that records", run: reentrant },
  { id: "Q5", fault: "plugins that change the step", run: meddling },
  { id: "Q6", fault: "many episodes", run: manyEpisodes },
  { id: "Q7", fault: "a very long episode", run: longEpisode },
  { id: "Q8", fault: "values of all kinds", run: hostileValues },
  { id: "Q9", fault: "a clock that jumps", run: wildClock },
];
