import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  ColumnRecords,
  ColumnStream,
  decodeMessagePack,
  type EpisodeRecord,
  type EpisodeStartRecord,
  encodeSteps,
  type Grid,
  gridSimilarity,
  PADDING,
  type StepColumns,
  type StepRecord,
  type StepsMessage,
} from "@episcope/records";
import { beforeAll, describe, expect, it } from "vitest";
import { type NpyArray, readNpz } from "./npz.js";
import { packBits } from "./padded-cells.js";

// A rollout of the published jaxarc: 40 steps of 4 environments, which are reset where an episode ends.
const FILE = fileURLToPath(new URL("../../../../shared/reference/jaxarc-rollout.npz", import.meta.url));
const isThere = existsSync(FILE);
if (!isThere)
  console.warn("skipped: the rollout of jaxarc, ../shared/reference/jaxarc-rollout.npz, is not there");

const [T, N, H, W] = [40, 4, 30, 30];
const CELLS = H * W;

describe.skipIf(!isThere)("a rollout of jaxarc", () => {
  let arrays: Map<string, NpyArray>;
  const of = (name: string): NpyArray["data"] => arrays.get(name)!.data;
  /** The grid of row `place` of an array pair, as columns have it: PADDING where the mask is false. */
  const masked = (grid: string, mask: string, place: number): Uint8Array =>
    Uint8Array.from({ length: CELLS }, (_, cell) =>
      of(mask)[place * CELLS + cell] ? of(grid)[place * CELLS + cell]! : PADDING,
    );
  const concat = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

  beforeAll(() => {
    arrays = readNpz(readFileSync(FILE));
  });

  /** Rows `from` to `to` as columns: what a client does with the stacked outputs of `scan`. */
  function columnsOf(from: number, to: number): StepColumns {
    const places = Array.from({ length: (to - from) * N }, (_, at) => from * N + at);
    const starts: {
      t: number;
      env: number;
      task: number;
      pair: number;
      grid: Uint8Array;
      target: Uint8Array;
    }[] = [];
    for (let env = 0; from === 0 && env < N; env++) {
      const grid = masked("start_grid", "start_mask", env);
      const target = masked("start_target_grid", "start_target_mask", env);
      starts.push({
        t: 0,
        env,
        task: of("start_task_idx")[env]!,
        pair: of("start_pair_idx")[env]!,
        grid,
        target,
      });
    }
    for (const place of places) {
      if (of("step_type")[place]! < 2) continue;
      starts.push({
        t: Math.floor(place / N) + 1 - from,
        env: place % N,
        task: of("next_task_idx")[place]!,
        pair: of("next_pair_idx")[place]!,
        grid: masked("next_grid", "next_mask", place),
        target: masked("next_target_grid", "next_target_mask", place),
      });
    }
    const column = (name: string): number[] => places.map((place) => of(name)[place]!);
    const packed = places.map((place) =>
      packBits(Uint8Array.from({ length: CELLS }, (_, cell) => of("selection")[place * CELLS + cell]!)),
    );
    return {
      shape: [to - from, N, H, W],
      time: 1_700_000_000 + from,
      tasks: arrays.get("task_ids")!.texts,
      starts: {
        t: starts.map(({ t }) => t),
        env: starts.map(({ env }) => env),
        task: starts.map(({ task }) => task),
        pair: starts.map(({ pair }) => pair),
        initial: concat(starts.map(({ grid }) => grid)),
        target: concat(starts.map(({ target }) => target)),
      },
      after: concat(places.map((place) => masked("after_grid", "after_mask", place))),
      operation: Int32Array.from(column("operation")),
      mask: concat(packed),
      reward: Float32Array.from(column("reward")),
      terminated: Uint8Array.from(column("step_type"), (type) => (type === 2 ? 1 : 0)),
      truncated: Uint8Array.from(column("step_type"), (type) => (type === 3 ? 1 : 0)),
      similarity: Float32Array.from(column("similarity")),
    };
  }

  /** In messages of so many rows, through the wire. */
  function recordsIn(rows: number): EpisodeRecord[] {
    const stream = new ColumnStream();
    const maker = new ColumnRecords();
    const made: EpisodeRecord[] = [];
    for (let from = 0, next = 0; from < T; from += rows) {
      const message = encodeSteps(columnsOf(from, Math.min(T, from + rows)), { seq: next });
      const { columns, seq, records } = decodeMessagePack(message.bytes.subarray(4)) as StepsMessage;
      const cursor = stream.open(columns, { seq, records, others: 0 });
      made.push(...maker.records(cursor));
      expect(cursor.refusals).toEqual([]);
      next += records;
    }
    return made;
  }

  const steps = (records: readonly EpisodeRecord[]): StepRecord[] =>
    records.filter(({ type }) => type === "step") as StepRecord[];

  /** What stands in the arrays at a place, cut to the rectangle of its mask. */
  function gridAt(grid: string, mask: string, place: number): Grid {
    const [cells, real] = [of(grid), of(mask)];
    const first = place * CELLS;
    let [rows, columns] = [0, 0];
    for (let row = 0; row < H; row++) if (real[first + row * W]) rows = row + 1;
    for (let column = 0; column < W; column++) if (real[first + column]) columns = column + 1;
    const data = Uint8Array.from(
      { length: rows * columns },
      (_, at) => cells[first + Math.floor(at / columns) * W + (at % columns)]!,
    );
    return { shape: [rows, columns], data };
  }

  /** Each episode's records, without what depends on the message: a start behind its last row comes early. */
  function byEpisode(records: readonly EpisodeRecord[]): Map<string, object[]> {
    const episodes = new Map<string, object[]>();
    for (const { seq: _seq, time: _time, ...record } of records) {
      const episode = episodes.get(record.episode) ?? [];
      episodes.set(record.episode, [...episode, record]);
    }
    return episodes;
  }

  it("makes the same records however many rows come at once", () => {
    const whole = recordsIn(T);
    for (const rows of [1, 7, 13]) {
      expect(byEpisode(recordsIn(rows))).toStrictEqual(byEpisode(whole));
    }
  });

  it("makes the episodes that were played", () => {
    const records = recordsIn(T);
    const ends = records.filter((record) => record.type === "episode-end");
    const count = (outcome: string) => ends.filter((end) => end.outcome === outcome).length;
    expect(records.filter(({ type }) => type === "episode-start")).toHaveLength(N + 31);
    expect([ends.length, count("success"), count("failure"), count("truncated")]).toEqual([31, 28, 2, 1]);
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, at) => at));
  });

  it("has in each step what the arrays have at its row and environment", () => {
    for (const [place, record] of steps(recordsIn(9)).entries()) {
      expect(record.step + 1).toBe(of("step_count")[place]);
      expect(record.episode.startsWith(`${place % N}-`)).toBe(true);
      expect(record.action.operation).toBe(of("operation")[place]);
      expect(record.reward).toBe(of("reward")[place]);
      expect(record.info).toEqual({ similarity: of("similarity")[place] });
      expect(record.after).toStrictEqual(gridAt("after_grid", "after_mask", place));
      expect(record.before).toBeUndefined();
    }
  });

  it("cuts each selection as jaxarc does: to the grid before the step", () => {
    const last = new Map<string, Grid>();
    let cut = 0;
    let place = 0;
    for (const record of recordsIn(T)) {
      if (record.type === "episode-start") last.set(record.episode, record.initial);
      if (record.type !== "step") continue;
      const [rows, columns] = last.get(record.episode)!.shape;
      const { selection } = record.action;
      const mask = selection?.kind === "mask" ? selection.mask : new Uint8Array(0);
      expect(mask).toHaveLength(rows * columns);
      for (let cell = 0; cell < CELLS; cell++) {
        const [row, column] = [Math.floor(cell / W), cell % W];
        const own = row < rows && column < columns ? mask[row * columns + column] : 0;
        expect(own).toBe(of("after_selected")[place * CELLS + cell]);
        if (own !== of("selection")[place * CELLS + cell]) cut += 1;
      }
      last.set(record.episode, record.after);
      place += 1;
    }
    expect(cut).toBeGreaterThan(0);
  });

  it("has the similarity that is computed from its grids", () => {
    const targets = new Map<string, EpisodeStartRecord>();
    for (const record of recordsIn(T)) {
      if (record.type === "episode-start") targets.set(record.episode, record);
      if (record.type !== "step") continue;
      const { target } = targets.get(record.episode)!;
      expect(gridSimilarity(record.after, target!)).toBeCloseTo(record.info.similarity!, 6);
    }
  });
});
