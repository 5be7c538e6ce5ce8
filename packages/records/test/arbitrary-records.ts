import type {
  EpisodeRecord,
  Grid,
  PlainObject,
  PlainValue,
  Selection,
  StreamRecord,
} from "@episcope/records";
import { randomNumbers } from "@episcope/records/testing";
import fc from "fast-check";

const PLAIN = { noNullPrototype: true };

const number: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -200, max: 200 }) },
  { weight: 2, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.float() },
  { weight: 2, arbitrary: fc.integer({ min: -1e6, max: 1e6 }).map((value) => value / 1000) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(900), fc.integer({ min: 1, max: 900 })).map(([k, n]) => k / n) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_VALUE,
      2 ** 60,
    ),
  },
);

const text: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "NaN", "\\NaN", "\\\\Infinity", "-0", "\ud800", "a\udc00b", "﻿x", "x".repeat(300)),
);

const key: fc.Arbitrary<string> = text.filter(
  (name) => !["__proto__", "constructor", "prototype"].includes(name),
);

const { value } = fc.letrec<{ value: PlainValue; object: PlainObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.oneof(number, text, fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 12 }),
    fc.array(number, { maxLength: 12 }),
    tie("object"),
  ),
  object: fc.dictionary(key, tie("value"), { maxKeys: 6, noNullPrototype: true }),
}));
const object = fc.dictionary(key, value, { maxKeys: 5, noNullPrototype: true });

const side = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 8 }) }, fc.constantFrom(30, 64));

export const grid: fc.Arbitrary<Grid> = fc
  .tuple(side, side, fc.nat(0xffffffff), fc.constantFrom("none", "none", "some", "all"))
  .map(([rows, columns, seed, padding]) => {
    const next = randomNumbers(seed);
    const below = (limit: number) => Math.floor(next() * limit);
    const dense = below(3) === 0;
    const data = Uint8Array.from({ length: rows * columns }, () => (dense || below(8) === 0 ? below(16) : 0));
    if (padding === "none") return { shape: [rows, columns], data };
    const mask = Uint8Array.from({ length: rows * columns }, () => (padding === "all" ? 1 : below(2)));
    return { shape: [rows, columns], data, mask };
  });

const index = fc.integer({ min: -3, max: 70 });

function selection(before: Grid, after: Grid): fc.Arbitrary<Selection> {
  const size = before.data.length;
  return fc.oneof(
    fc
      .uint8Array({ minLength: size, maxLength: size, max: 1 })
      .map((mask): Selection => ({ kind: "mask", mask })),
    fc.uint8Array({ minLength: size, maxLength: size }).map((mask): Selection => ({ kind: "mask", mask })),
    fc.constant<Selection>({
      kind: "mask",
      mask: before.data.map((cell, at) => (cell === after.data[at] ? 0 : 1)),
    }),
    fc.tuple(index, index).map((point): Selection => ({ kind: "point", point })),
    fc.tuple(index, index, index, index).map((bbox): Selection => ({ kind: "bbox", bbox })),
  );
}

/** A grid near another: the same, a few cells changed, or any other. */
function successor(base: Grid): fc.Arbitrary<Grid> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant(base) },
    {
      weight: 4,
      arbitrary: fc
        .array(fc.tuple(fc.nat(base.data.length - 1), fc.nat(15)), { maxLength: 5 })
        .map((changes) => {
          const data = base.data.slice();
          for (const [at, cell] of changes) data[at] = cell;
          return { ...base, data };
        }),
    },
    { weight: 1, arbitrary: grid },
  );
}

const time = fc.oneof(
  fc.integer({ min: 1.7e12, max: 1.8e12 }).map((milliseconds) => milliseconds / 1000),
  fc.double({ noNaN: true }),
);
const info = fc.tuple(
  object,
  fc.option(number, { nil: undefined }),
  fc.option(fc.dictionary(key, number, { maxKeys: 3, noNullPrototype: true }), { nil: undefined }),
);

interface Moment {
  readonly after: Grid;
  readonly before: Grid | undefined;
  readonly selection: Selection | undefined;
}

function moments(initial: Grid, count: number): fc.Arbitrary<Moment[]> {
  if (count === 0) return fc.constant([]);
  return fc.tuple(fc.option(successor(initial), { nil: undefined }), fc.boolean()).chain(([own, given]) => {
    const before = given ? own : undefined;
    const base = before ?? initial;
    return successor(base).chain((after) =>
      fc
        .tuple(fc.option(selection(base, after), { nil: undefined }), moments(after, count - 1))
        .map(([chosen, rest]) => [{ after, before, selection: chosen }, ...rest]),
    );
  });
}

/** Whole episodes of up to `maxSteps` steps with every kind of value. */
export function episode(name: string, maxSteps = 8): fc.Arbitrary<EpisodeRecord[]> {
  return fc
    .tuple(grid, fc.nat(maxSteps))
    .chain(([initial, count]) =>
      fc.tuple(
        fc.constant(initial),
        moments(initial, count),
        fc.array(
          fc.tuple(time, number, info, fc.option(value, { nil: undefined }), fc.boolean(), fc.integer()),
          {
            minLength: count,
            maxLength: count,
          },
        ),
        fc.option(grid, { nil: null }),
        fc.option(grid, { nil: undefined }),
        text,
        object,
        time,
      ),
    )
    .map(([initial, steps, facts, target, input, task, meta, startTime]) => [
      {
        type: "episode-start",
        seq: 0,
        episode: name,
        time: startTime,
        task_id: task,
        pair_index: 1,
        mode: "test",
        initial,
        ...(input === undefined ? {} : { input }),
        target,
        meta,
      },
      ...steps.map(({ after, before, selection: chosen }, at): EpisodeRecord => {
        const [stepTime, reward, [free, similarity, metrics], state, flag, operation] = facts[at]!;
        return {
          type: "step",
          seq: at * 3 + 1,
          episode: name,
          step: at,
          time: stepTime,
          ...(before === undefined ? {} : { before }),
          action: {
            operation,
            ...(flag ? { name: task } : {}),
            ...(chosen === undefined ? {} : { selection: chosen }),
          },
          after,
          reward,
          terminated: flag,
          truncated: !flag,
          info: {
            ...free,
            ...(similarity === undefined ? { similarity: 0.5 } : { similarity }),
            success: flag,
            metrics: metrics ?? {},
          },
          ...(state === undefined ? {} : { state }),
        };
      }),
      {
        type: "episode-end",
        seq: steps.length * 3 + 1,
        episode: name,
        time: startTime,
        outcome: "aborted",
        totals: { steps: steps.length, reward: 1 / 3, final_similarity: null, best_similarity: -0 },
      },
    ]);
}

/** Records that belong to no episode. */
export const runRecord: fc.Arbitrary<StreamRecord> = fc.oneof(
  fc.tuple(fc.nat(), text, time, object).map(
    ([seq, run, at, meta]): StreamRecord => ({
      type: "run-start",
      seq,
      run,
      time: at,
      config_hash: run,
      meta,
    }),
  ),
  fc
    .tuple(
      fc.nat(),
      time,
      number,
      fc.dictionary(key, number, PLAIN),
      fc.option(fc.array(number, { minLength: 1 })),
    )
    .map(
      ([seq, at, step, values, bins]): StreamRecord => ({
        type: "metrics",
        seq,
        time: at,
        step,
        values,
        ...(bins === null ? {} : { histograms: { weights: { values: bins.slice(1), bins } } }),
      }),
    ),
  fc
    .tuple(fc.nat(), time, fc.dictionary(key, fc.array(number), PLAIN))
    .map(([seq, at, arrays]): StreamRecord => ({ type: "batch", seq, time: at, step: seq, arrays })),
  fc.tuple(fc.nat(), time, fc.nat()).map(
    ([seq, at, count]): StreamRecord => ({
      type: "run-end",
      seq,
      time: at,
      outcome: "interrupted",
      accounting: { journal: { accepted: count, written: count, dropped: 0, reasons: { full: count } } },
    }),
  ),
);

/** Records of any kind in an order that keeps each episode's own. */
export const stream: fc.Arbitrary<StreamRecord[]> = fc
  .tuple(episode("a"), episode("ü"), fc.array(runRecord, { maxLength: 5 }), fc.array(fc.nat(2)))
  .map(([first, second, others, order]) => {
    const queues: StreamRecord[][] = [[...first], [...second], [...others]];
    const records: StreamRecord[] = [];
    for (const at of order) {
      const next = queues[at]!.shift();
      if (next !== undefined) records.push(next);
    }
    return [...records, ...queues.flat()];
  });
