import {
  ColumnRecords,
  ColumnStream,
  type EpisodeRecord,
  encodeSteps,
  PADDING,
  type StepColumns,
  startRecord,
  stepRecord,
} from "@episcope/records";
import { describe, expect, it } from "vitest";
import { expand, smallColumns } from "./steps-fixtures.js";

/** Episode, kind and what tells records of a kind apart. */
function shown(records: readonly EpisodeRecord[]): string[] {
  return records.map((record) => {
    if (record.type === "step") return `${record.episode} step ${record.step} (seq ${record.seq})`;
    return `${record.episode} ${record.type === "episode-start" ? "start" : record.outcome} (seq ${record.seq})`;
  });
}

const SMALL = [
  ...["4-0 start (seq 10)", "4-0 step 0 (seq 11)", "4-0 failure (seq 12)"],
  ...["7-0 start (seq 13)", "7-0 step 0 (seq 14)"],
  ...["4-1 start (seq 15)", "4-1 step 0 (seq 16)", "7-0 step 1 (seq 17)"],
];

function read(change: (columns: ReturnType<typeof smallColumns>) => Partial<StepColumns>) {
  const columns = smallColumns();
  const all = { ...columns, ...change(columns) };
  const cursor = new ColumnStream().open(all, { seq: 10 });
  return { records: [...new ColumnRecords().records(cursor)], cursor };
}

/** The records but those with these numbers. */
const but = (...seqs: number[]): string[] =>
  SMALL.filter((line) => !seqs.some((seq) => line.includes(`(seq ${seq})`)));

/** Cell `at` of one of the grids becomes `value`. */
const cell = (bytes: Uint8Array, at: number, value: number): Uint8Array => bytes.with(at, value);

describe("a step that is refused", () => {
  it("has been taken where nothing is wrong", () => {
    const { records, cursor } = read(() => ({}));
    expect(shown(records)).toEqual(SMALL);
    expect(cursor.refused).toBe(0);
  });

  it.each<[what: string, at: number, code: string, path: string, change: Parameters<typeof read>[0]]>([
    [
      "has a cell that is none",
      14,
      "GRID_INVALID",
      "after[0, 1]",
      ({ after }) => ({ after: cell(after, 6, 16) }),
    ],
    [
      "has no cell",
      14,
      "GRID_INVALID",
      "after[0, 1]",
      ({ after }) => ({ after: Uint8Array.from(after).fill(PADDING, 6, 12) }),
    ],
    [
      "has an operation beyond 2^53",
      14,
      "RECORD_INVALID",
      "operation[0, 1]",
      () => ({ operation: BigInt64Array.of(0n, 2n ** 60n, 2n, 3n) }),
    ],
    ["has half an operation", 14, "RECORD_INVALID", "operation[0, 1]", () => ({ operation: [0, 1.5, 2, 3] })],
    [
      "has a reward beyond 2^53",
      14,
      "RECORD_INVALID",
      "reward[0, 1]",
      () => ({ reward: BigInt64Array.of(0n, -(2n ** 60n), 2n, 3n) }),
    ],
    [
      "has a cell that is none before it",
      14,
      "GRID_INVALID",
      "before[0, 1]",
      ({ after }) => ({ before: cell(after.slice().fill(PADDING), 6, 77) }),
    ],
    [
      "has a point beyond 2^53",
      14,
      "RECORD_INVALID",
      "point[0, 1]",
      ({ mask: _mask, ...rest }) =>
        ({
          ...rest,
          mask: undefined,
          point: BigInt64Array.of(0n, 0n, 2n ** 60n, 0n, 0n, 0n, 0n, 0n),
        }) as never,
    ],
  ])("%s: all others are taken, and it is said where", (_, seq, code, path, change) => {
    const { records, cursor } = read(change);
    expect(shown(records)).toEqual(but(seq));
    expect(cursor.refused).toBe(1);
    expect(cursor.refusals).toEqual([
      expect.objectContaining({
        env: 7,
        t: 0,
        records: 1,
        error: expect.objectContaining({ code, fields: expect.objectContaining({ path }) }),
      }),
    ]);
  });

  it("says which cell it was, and what it may be", () => {
    const [refusal] = read(({ after }) => ({ after: cell(after, 10, 200) })).cursor.refusals;
    expect(refusal?.error.message).toContain(
      "the cell in row 1, column 1 is 200; cells are 0 to 15, and 255 is padding",
    );
  });

  it("leaves its grid to the next step, which brings it along", () => {
    const operation = [0, 1.5, 2, 3];
    const { records } = read(() => ({ operation }));
    const next = records.find(({ seq }) => seq === 17);
    expect(next).toMatchObject({ before: { shape: [2, 2], data: Uint8Array.of(5, 5, 5, 5) } });
  });

  it("leaves its grid to the next step where somebody else refused it, too", () => {
    const cursor = new ColumnStream().open(smallColumns(), { seq: 10 });
    const taken: EpisodeRecord[] = [];
    for (const record of new ColumnRecords().records(cursor)) {
      if (record.seq === 14) cursor.refuse(new Error("no"));
      else taken.push(record);
    }
    expect(shown(taken)).toEqual(but(14));
    expect(taken.at(-1)).toMatchObject({ before: { shape: [2, 2], data: Uint8Array.of(5, 5, 5, 5) } });
  });

  it("is told once for each environment and reason, and all are counted", () => {
    const rows = 1000;
    const { cursor, records } = expand(
      encodeSteps(
        {
          shape: [rows, 2, 1, 1],
          time: 0,
          tasks: ["a"],
          starts: { t: [0], env: [0], task: [0], pair: [0], initial: Uint8Array.of(0) },
          after: new Uint8Array(2 * rows).fill(99),
          operation: new Uint8Array(2 * rows),
          reward: new Uint8Array(2 * rows),
        },
        { seq: 0 },
      ).bytes.subarray(4),
    );
    expect(shown(records)).toEqual(["0-0 start (seq 0)"]);
    expect(cursor.refused).toBe(2 * rows);
    expect(cursor.refusals).toMatchObject([
      { env: 0, t: 0, records: rows, error: { code: "GRID_INVALID" } },
      { env: 1, t: 0, records: rows, error: { code: "EPISODE_UNKNOWN" } },
    ]);
  });
});

describe("an environment without an open episode", () => {
  it("has its steps refused, with row and environment, until the next start", () => {
    const { records, cursor } = read(({ starts, after }) => ({
      starts: { ...starts, t: [0], env: [1], task: [0], pair: [0], initial: starts.initial.slice(0, 6) },
      after,
      terminated: Uint8Array.of(1, 0, 0, 0),
    }));
    expect(shown(records)).toEqual(["7-0 start (seq 12)", "7-0 step 0 (seq 13)", "7-0 step 1 (seq 15)"]);
    // Two steps and the end of the first.
    expect(cursor.refusals).toMatchObject([{ env: 4, t: 0, records: 3, error: { code: "EPISODE_UNKNOWN" } }]);
    expect(cursor.refusals[0]?.error.fields).toEqual({ env: 4, t: 0 });
  });

  it("is what a start that is refused leaves, whatever is wrong with it", () => {
    for (const [name, at] of [
      ["initial", 0],
      ["target", 4],
      ["input", 1],
    ] as const) {
      const { records, cursor } = read(({ starts }) => {
        const wrong = starts.initial.with(at, 99);
        return { starts: { ...starts, [name]: wrong } };
      });
      expect(shown(records)).toEqual(but(10, 11, 12));
      expect(cursor.refusals).toMatchObject([
        { env: 4, t: 0, records: 1, error: { code: "GRID_INVALID" } },
        { env: 4, t: 0, records: 2, error: { code: "EPISODE_UNKNOWN" } },
      ]);
    }
  });

  it("is what a start without a grid leaves", () => {
    const { records } = read(({ starts }) => ({
      starts: { ...starts, initial: Uint8Array.from(starts.initial).fill(PADDING, 0, 6) },
    }));
    expect(shown(records)).toEqual(but(10, 11, 12));
  });

  it("is what a start with the key of another environment's episode leaves", () => {
    const { records, cursor } = read(({ starts }) => ({
      starts: { ...starts, key: ["same", "same", "same"] },
    }));
    // The first ended before the second began; the third began while the second was open.
    expect(shown(records).map((line) => line.replace(/^same /, ""))).toEqual([
      ...["start (seq 10)", "step 0 (seq 11)", "failure (seq 12)"],
      ...["start (seq 13)", "step 0 (seq 14)", "step 1 (seq 17)"],
    ]);
    expect(cursor.refusals).toMatchObject([
      { env: 4, t: 1, records: 1, error: { code: "EPISODE_OPEN" } },
      { env: 4, t: 1, records: 1, error: { code: "EPISODE_UNKNOWN" } },
    ]);
  });

  it("is what a start leaves that whoever takes the records refuses", () => {
    const { mask: _, ...columns } = smallColumns();
    const cursor = new ColumnStream().open(columns, { seq: 10 });
    const taken: EpisodeRecord[] = [];
    for (const record of new ColumnRecords().records(cursor)) {
      if (record.seq === 13) cursor.refuse(new Error("no"));
      else taken.push(record);
    }
    expect(shown(taken)).toEqual(but(13, 14, 17));
    expect(cursor.refusals).toMatchObject([
      { env: 7, t: 0, records: 1, error: { code: "RECORD_INVALID" } },
      { env: 7, t: 0, records: 2, error: { code: "EPISODE_UNKNOWN" } },
    ]);
  });
});

describe("columns that go on from others", () => {
  const columns = smallColumns();
  const second: StepColumns = {
    ...columns,
    starts: undefined as never,
    terminated: Uint8Array.of(0, 0, 1, 1),
  };
  delete (second as { starts?: unknown }).starts;

  it("go on with the episodes that are open", () => {
    const stream = new ColumnStream();
    const maker = new ColumnRecords();
    const first = stream.open(columns, { seq: 10, others: 0 });
    expect(shown([...maker.records(first)])).toEqual(SMALL);
    // Two other records of the stream came in between.
    const cursor = stream.open(second, { seq: 20, others: 2 });
    expect(shown([...maker.records(cursor)])).toEqual([
      ...["4-1 step 1 (seq 20)", "7-0 step 2 (seq 21)"],
      ...["4-1 step 2 (seq 22)", "4-1 failure (seq 23)", "7-0 step 3 (seq 24)", "7-0 failure (seq 25)"],
    ]);
    expect([cursor.missing, cursor.refused]).toEqual([0, 0]);
  });

  it("end the open episodes as aborted where records between are missing, and refuse the rest of them", () => {
    const stream = new ColumnStream();
    const maker = new ColumnRecords();
    for (const _ of maker.records(stream.open(columns, { seq: 10, others: 0 })));
    const cursor = stream.open(second, { seq: 120, others: 2 });
    expect(shown([...maker.records(cursor)])).toEqual(["4-1 aborted (seq 119)", "7-0 aborted (seq 119)"]);
    expect(cursor.missing).toBe(100);
    expect(cursor.refusals).toMatchObject([
      { env: 4, records: 3, error: { code: "EPISODE_UNKNOWN" } },
      { env: 7, records: 3, error: { code: "EPISODE_UNKNOWN" } },
    ]);
  });

  it("change nothing where they are refused as a whole", () => {
    const stream = new ColumnStream();
    const maker = new ColumnRecords();
    for (const _ of maker.records(stream.open(columns, { seq: 10, others: 0 })));
    expect(() => stream.open({ ...second, reward: [] }, { seq: 18, others: 0 })).toThrow(
      expect.objectContaining({ code: "STEPS_INVALID" }),
    );
    expect(shown([...maker.records(stream.open(second, { seq: 18, others: 0 }))])).toHaveLength(6);
  });

  it("go on with an episode that was begun elsewhere", () => {
    const stream = new ColumnStream();
    const before = { shape: [2, 2], data: Uint8Array.of(1, 2, 3, 4) } as const;
    const one: StepColumns = {
      shape: [1, 1, 2, 3],
      time: 5,
      after: Uint8Array.of(1, 2, PADDING, 3, 5, PADDING),
      mask: Uint8Array.of(0xff),
      operation: [1],
      reward: [0],
    };
    stream.resume(0, { key: "mine", steps: 7, before });
    const cursor = stream.open(one, { seq: 0 });
    expect(cursor.next()).toBe(true);
    expect(stepRecord(cursor)).toMatchObject({
      episode: "mine",
      step: 7,
      action: { selection: { mask: Uint8Array.of(1, 1, 1, 1) } },
    });
    expect(cursor.next()).toBe(false);
    stream.resume(0, { key: "mine", steps: 7, before: null });
    const blind = stream.open(one, { seq: 0 });
    expect(blind.next()).toBe(false);
    expect(blind.refusals).toMatchObject([
      { error: { code: "RECORD_INVALID", fields: { path: "before[0, 0]" } } },
    ]);
  });
});

describe("a cursor", () => {
  it("makes no memory for a step: grids are views that are used again", () => {
    const cursor = new ColumnStream().open(smallColumns(), { seq: 0 });
    const buffers = new Set<ArrayBufferLike>();
    const starts: unknown[] = [];
    while (cursor.next()) {
      if (cursor.kind === "step") buffers.add(cursor.step.after.cells.buffer);
      if (cursor.kind === "episode-start") starts.push(startRecord(cursor).initial.data);
    }
    // Two for each environment, whatever the number of steps.
    expect(buffers.size).toBeLessThanOrEqual(4);
    expect(starts).toEqual([Uint8Array.of(1, 1, 1, 1), Uint8Array.of(2, 2, 2, 2), Uint8Array.of(3, 3, 3, 3)]);
  });
});
