import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { EpisodeRecord, StepView, StreamRecord } from "@episcope/records";
import { decodeNdjson, EpisodeTracker, encodeNdjson, VIEW_KINDS, type View } from "@episcope/records";
import type { CleanupPolicy, CleanupStep, Inventory, InventoryEpisode } from "@episcope/records/store";
import {
  emptyEpisode,
  paintingEpisode,
  sampleEpisodes,
  sampleViews,
  stepViewsOf,
} from "@episcope/records/testing";
import { roleProblem } from "../contract/check-role.js";
import { createRunHooks, type RunHooks } from "../contract/hooks.js";
import type { PluginContext } from "../contract/plugin.js";
import type { Format, HooksPlugin, RecordItem, Renderer, Sink, SinkItem } from "../contract/roles.js";
import { createPluginContext } from "./plugin-context.js";

/** The two functions of a test runner that the suites need; vitest, node:test and jest have them. */
export interface TestRunner {
  describe(name: string, define: () => void): void;
  it(name: string, run: () => void | Promise<void>): void;
}

type Make<Role> = () => Role | Promise<Role>;

const EXTENSION = /^[a-z0-9]+(\.[a-z0-9]+)*$/;

/**
 * What every renderer keeps to. `create` makes a new one for each test:
 *
 *     describeRenderer({ describe, it }, "ascii", () => ascii.create({}, createPluginContext()));
 */
export function describeRenderer({ describe, it }: TestRunner, name: string, create: Make<Renderer>): void {
  describe(`${name}, as a renderer`, () => {
    it("says what it makes and of which views", async () => {
      const renderer = await create();
      strictEqual(roleProblem("renderer", renderer), null);
      const { mediaType, extension, kinds } = renderer;
      match(mediaType, /^[a-z]+\/[a-z0-9.+-]+$/);
      match(extension, EXTENSION);
      ok(kinds.length > 0, "it names no kind of view");
      for (const kind of kinds) ok(VIEW_KINDS.includes(kind), `there is no kind of view '${kind}'`);
    });

    it("draws every view of its kinds, the same bytes each time, and leaves the view as it was", async () => {
      const [renderer, another] = [await create(), await create()];
      for (const view of sampleViews(renderer.kinds)) {
        const before = copyOf(view);
        const bytes = Uint8Array.from(await renderer.render(view));
        ok(bytes.length > 0, `nothing was drawn of a ${view.kind}`);
        deepStrictEqual(copyOf(view), before, `the ${view.kind} was changed`);
        ok(
          equal(await renderer.render(view), bytes),
          `a ${view.kind} looks otherwise when it is drawn again`,
        );
        ok(equal(await another.render(view), bytes), `a ${view.kind} depends on what was drawn before`);
      }
    });

    it("cannot tell a replayed step from a live one", async () => {
      const renderer = await create();
      if (!renderer.kinds.includes("step")) return;
      const records = paintingEpisode();
      const replayed = records.map((record) => decodeNdjson(encodeNdjson(record)) as EpisodeRecord);
      const again = stepViewsOf(replayed);
      for (const [at, view] of stepViewsOf(records).entries()) {
        const bytes = Uint8Array.from(await renderer.render(view));
        ok(equal(await renderer.render(again[at]!), bytes), `step ${at} differs`);
      }
    });
  });
}

/**
 * What every sink keeps to. `create` makes a new one for each test, with a place of its own to write to.
 *
 *     describeSink({ describe, it }, "sqlite", () => sqlite.create(options, createPluginContext({ fs })));
 */
export function describeSink({ describe, it }: TestRunner, name: string, create: Make<Sink>): void {
  describe(`${name}, as a sink`, () => {
    it("accepts record types and pictures", async () => {
      const sink = await create();
      strictEqual(roleProblem("sink", sink), null);
      ok(sink.accepts.length > 0, "it accepts nothing");
      await sink.close?.();
    });

    it("takes what it accepts, in batches of any size, and changes nothing of it", async () => {
      for (const size of [1, 7, 1000]) {
        const sink = await create();
        const items = sampleItems().filter((item) => sink.accepts.includes(item.type));
        const before = structuredClone(items);
        const { signal } = new AbortController();
        for (let at = 0; at < items.length; at += size) await sink.write(items.slice(at, at + size), signal);
        await sink.flush?.();
        await sink.close?.();
        ok(isDeepStrictEqual(items, before), "an item was changed");
      }
    });

    it("gives with flush() no state, or plain data that can be kept", async () => {
      const sink = await create();
      const items = sampleItems().filter((item) => sink.accepts.includes(item.type));
      if (items.length > 0) await sink.write(items, new AbortController().signal);
      const state = await sink.flush?.();
      if (state !== undefined)
        ok(isDeepStrictEqual(JSON.parse(JSON.stringify(state)), state), "it is no plain data");
      await sink.close?.();
    });

    it("closes without having been given anything, and flushes more than once", async () => {
      const sink = await create();
      await sink.flush?.();
      await sink.flush?.();
      await sink.close?.();
    });
  });
}

/**
 * What every format keeps to. `create` makes a new one for each test:
 *
 *     describeFormat({ describe, it }, "json", () => json.create({ compression: true }, createPluginContext()));
 */
export function describeFormat({ describe, it }: TestRunner, name: string, create: Make<Format>): void {
  describe(`${name}, as a format`, () => {
    const encode = async (format: Format, records: readonly EpisodeRecord[]): Promise<Uint8Array> => {
      const pieces: Uint8Array[] = [];
      for await (const piece of format.encode({ number: 1, records: () => records })) {
        pieces.push(Uint8Array.from(piece));
      }
      return Buffer.concat(pieces);
    };

    it("names its files", async () => {
      strictEqual(roleProblem("format", await create()), null);
    });

    it("writes every episode, the same bytes each time, and changes nothing of it", async () => {
      for (const { name: sample, records } of sampleEpisodes()) {
        const before = structuredClone(records);
        const bytes = await encode(await create(), records);
        ok(bytes.length > 0, `nothing was written of '${sample}'`);
        ok(
          equal(await encode(await create(), records), bytes),
          `'${sample}' differs when it is written again`,
        );
        ok(isDeepStrictEqual(records, before), `a record of '${sample}' was changed`);
      }
    });

    it("writes episodes without steps, and such whose producer died", async () => {
      const format = await create();
      for (const records of [emptyEpisode(), paintingEpisode().slice(0, -1), paintingEpisode().slice(0, 1)]) {
        ok((await encode(format, records)).length > 0);
      }
    });
  });
}

/**
 * What every cleanup policy keeps to. `create` makes a new one for each test:
 *
 *     describeCleanupPolicy({ describe, it }, "by_task", () => byTask.create({}, createPluginContext()));
 */
export function describeCleanupPolicy(
  { describe, it }: TestRunner,
  name: string,
  create: Make<CleanupPolicy>,
): void {
  describe(`${name}, as a cleanup policy`, () => {
    const plan = async (limit: number, inventory = sampleInventory()): Promise<readonly CleanupStep[]> =>
      (await create()).plan(inventory, { maxBytes: limit }, NOW);

    it("plans", async () => {
      strictEqual(roleProblem("cleanup-policy", await create()), null);
      deepStrictEqual([...(await plan(0, { episodes: [], totalBytes: 0 }))], []);
    });

    it("touches nothing while the total is within the limit", async () => {
      deepStrictEqual([...(await plan(sampleInventory().totalBytes))], []);
    });

    it("names only episodes that it was given and that have ended, each thing once, with its bytes and a reason", async () => {
      const { episodes } = sampleInventory();
      const seen = new Set<string>();
      for (const { run, episode, what, bytes, reason } of await plan(0)) {
        const place = `${run}/${episode}`;
        const known = episodes.find((one) => one.run === run && one.number === episode);
        ok(known !== undefined, `there is no ${place}`);
        ok(known.ended !== null, `${place} is still open`);
        ok(what === "pictures" || what === "episode", `what goes of ${place} is '${String(what)}'`);
        const most = what === "pictures" ? known.pictureBytes : known.pictureBytes + known.logBytes;
        ok(bytes > 0 && bytes <= most, `${place}: ${what} of ${bytes} bytes, but there are ${most}`);
        ok(typeof reason === "string" && reason !== "", `${place} goes without a reason`);
        ok(!seen.has(`${place} ${what}`), `${place} goes twice`);
        seen.add(`${place} ${what}`);
      }
    });

    it("plans the same for the same inventory, and leaves it as it was", async () => {
      const inventory = sampleInventory();
      const policy = await create();
      for (const maxBytes of [0, 2_500, 6_000]) {
        const first = structuredClone(policy.plan(inventory, { maxBytes }, NOW));
        deepStrictEqual(inventory, sampleInventory(), "the inventory was changed");
        deepStrictEqual(structuredClone(policy.plan(inventory, { maxBytes }, NOW)), first);
      }
    });
  });
}

const NOW = 1_767_400_000;

/** Episodes of two finished runs, good and bad ones, one without pictures and one that is open. */
export function sampleInventory(): Inventory {
  const episode = (
    run: string,
    number: number,
    { pictures = 1_000, log = 500, ended = NOW - 1_000 * number, success = false } = {},
  ): InventoryEpisode => ({ run, number, ended, success, pictureBytes: pictures, logBytes: log });
  const episodes = [
    episode("run_a", 1),
    episode("run_a", 2, { success: true }),
    episode("run_a", 3, { pictures: 0 }),
    episode("run_b", 1, { log: 2_000, ended: NOW - 50 }),
    { ...episode("run_b", 2), ended: null },
  ];
  const totalBytes = episodes.reduce((sum, one) => sum + one.pictureBytes + one.logBytes, 0);
  return { episodes, totalBytes };
}

/**
 * What every plugin of the kind `hooks` keeps to. `create` makes a new one for each test, with the context that it is given:
 *
 *     describeHooks({ describe, it }, "redact", (context) => redact.create({ key: "secret" }, context));
 */
export function describeHooks(
  { describe, it }: TestRunner,
  name: string,
  create: (context: PluginContext) => HooksPlugin | undefined | Promise<HooksPlugin | undefined>,
): void {
  describe(`${name}, as a plugin of hooks`, () => {
    it("gives nothing, or what is to be closed, also if it has heard nothing", async () => {
      const plugin = await create(createPluginContext());
      strictEqual(roleProblem("hooks", plugin), null);
      await plugin?.close?.();
    });

    it("hears a whole run without failing, and changes nothing of it", async () => {
      const errors: unknown[] = [];
      const hooks = createRunHooks((error) => errors.push(error));
      const plugin = await create(createPluginContext({ hooks }));
      const items = sampleItems();
      const before = structuredClone(items);
      await fireRun(hooks, items);
      await plugin?.close?.();
      ok(errors.length === 0, `a tap failed: ${errors.map(String).join("; ")}`);
      ok(isDeepStrictEqual(items, before), "a record or a picture was changed");
    });

    it("answers what it is asked with yes, no or nothing", async () => {
      const hooks = createRunHooks();
      const plugin = await create(createPluginContext({ hooks }));
      const isAnswer = (answer: unknown): boolean => answer === undefined || typeof answer === "boolean";
      for (const view of sampleViews(["step"]) as StepView[]) {
        const before = copyOf(view);
        ok(isAnswer(hooks.draw.call(view)), "draw is answered by true, false or undefined");
        deepStrictEqual(copyOf(view), before, "the view was changed");
      }
      for (const episode of sampleInventory().episodes)
        ok(isAnswer(hooks.protect.call(episode)), "protect is answered by true, false or undefined");
      await plugin?.close?.();
    });
  });
}

async function fireRun(hooks: RunHooks, items: readonly SinkItem[]): Promise<void> {
  const run = { name: "run_test", startTime: 1, configHash: "", config: {} };
  await hooks.runStart.promise(run);
  for (const item of items) {
    if (!("record" in item)) hooks.artifact.call(item);
    else if (item.record.type === "episode-start") hooks.episodeStart.call(item.record, item.episode!);
    else if (item.record.type === "step") hooks.step.call(item.record, item.episode!);
    else if (item.record.type === "episode-end") await hooks.episodeEnd.promise(item.record, item.episode!);
  }
  await hooks.cleanup.promise([
    { run: "run_a", episode: 1, what: "pictures", bytes: 1_000, reason: "pictures can be drawn again" },
  ]);
  await hooks.runEnd.promise(run);
}

/** Everything that a run of two episodes gives to sinks, in order: records and pictures of every kind. */
export function sampleItems(): SinkItem[] {
  const items: SinkItem[] = [
    runItem(0, { type: "run-start", seq: 0, run: "run_test", time: 1, config_hash: "", meta: {} }),
  ];
  let globalStep = -1;
  let position = 0;
  for (const [at, records] of [paintingEpisode("a"), emptyEpisode("b")].entries()) {
    const number = at + 1;
    let tracker: EpisodeTracker | undefined;
    for (const record of records) {
      let key = false;
      if (record.type === "episode-start") tracker = new EpisodeTracker(record, number);
      if (record.type === "step") {
        globalStep += 1;
        key = tracker!.step(record).reasons.length > 0;
      }
      position += 1;
      items.push({
        position,
        type: record.type,
        record,
        episode: number,
        global_step: globalStep < 0 ? null : globalStep,
        key,
        similarity: record.type === "episode-start" ? null : (tracker?.totals.final_similarity ?? null),
      });
      if (record.type === "step") items.push(...pictures(number, record.step, { position, globalStep, key }));
    }
    items.push(...pictures(number, null, { position, globalStep: Math.max(0, globalStep), key: false }));
  }
  items.push(
    runItem(position + 1, {
      type: "metrics",
      seq: 50,
      time: 2,
      step: 3,
      values: { loss: 0.5, odd: Number.NaN },
      histograms: HISTOGRAMS,
    }),
    runItem(position + 2, {
      type: "batch",
      seq: 51,
      time: 2,
      step: 3,
      arrays: { returns: [0.5, 1], lengths: [3, 4] },
    }),
    runItem(position + 3, { type: "run-end", seq: 52, time: 3, outcome: "finished", accounting: {} }),
  );
  return items;
}

const HISTOGRAMS = { weights: { values: [1, 2], bins: [-1, 0, 1] } };

/** 1x1 pixel, so that sinks which look inside find a picture. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=",
  "base64",
);
const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>');

function pictures(
  episode: number,
  step: number | null,
  {
    position,
    globalStep,
    key,
  }: { readonly position: number; readonly globalStep: number; readonly key: boolean },
): SinkItem[] {
  const picture = {
    position,
    view: step === null ? ("summary" as const) : ("step" as const),
    episode,
    task_id: "sample-painting",
    step,
    global_step: globalStep,
    key,
    path: null,
  };
  return [
    { ...picture, type: "picture/png", bytes: Uint8Array.from(PNG) },
    { ...picture, type: "picture/svg", bytes: Uint8Array.from(SVG) },
  ];
}

function runItem(position: number, record: StreamRecord): RecordItem {
  return {
    position,
    type: record.type,
    record,
    episode: null,
    global_step: null,
    key: false,
    similarity: null,
  };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

/** Steps of an episode view are an iterable, which a clone would lose. */
function copyOf(view: View): unknown {
  return view.kind === "episode" ? structuredClone(view.summary) : structuredClone(view);
}
