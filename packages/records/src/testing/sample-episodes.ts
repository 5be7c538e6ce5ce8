import { type Grid, gridFromRows } from "../record/grid.js";
import type { Action, EpisodeRecord, PlainObject, StepRecord } from "../record/record.js";
import { gridSimilarity } from "../view/similarity.js";

/** A fixed moment, 2026-01-02 03:04:05 UTC: samples carry no clock. */
const START_TIME = 1767323045;

interface Move {
  readonly action: Action;
  readonly after: Grid;
  readonly info?: PlainObject;
}

/**
 * A solved 3x3 episode of six steps with one of each kind of selection: a point, a mask, a box, a step backwards,
 * a repair, and the submission. Similarity is left for readers to compute.
 */
export function paintingEpisode(episode = "painting"): EpisodeRecord[] {
  const initial = gridFromRows([
    [0, 0, 0],
    [0, 5, 0],
    [0, 0, 0],
  ]);
  const target = gridFromRows([
    [2, 0, 2],
    [0, 5, 0],
    [3, 3, 3],
  ]);
  const moves: Move[] = [
    {
      action: { operation: 2, selection: { kind: "point", point: [0, 0] } },
      after: gridFromRows([
        [2, 0, 0],
        [0, 5, 0],
        [0, 0, 0],
      ]),
    },
    {
      action: { operation: 3, selection: { kind: "bbox", bbox: [2, 0, 2, 2] } },
      after: gridFromRows([
        [2, 0, 0],
        [0, 5, 0],
        [3, 3, 3],
      ]),
    },
    {
      action: {
        operation: 7,
        selection: { kind: "mask", mask: Uint8Array.from([0, 0, 1, 0, 0, 0, 0, 0, 0]) },
      },
      after: gridFromRows([
        [2, 0, 7],
        [0, 5, 0],
        [3, 3, 3],
      ]),
    },
    {
      action: { operation: 31, selection: { kind: "bbox", bbox: [2, 0, 2, 1] } },
      after: gridFromRows([
        [2, 0, 7],
        [0, 5, 0],
        [0, 0, 3],
      ]),
    },
    {
      action: {
        operation: 2,
        name: "Repair",
        selection: { kind: "mask", mask: Uint8Array.from([0, 0, 1, 0, 0, 0, 1, 1, 0]) },
      },
      after: target,
    },
    { action: { operation: 34 }, after: target, info: { success: true } },
  ];
  return build({ episode, task: "sample-painting", initial, input: initial, target, moves });
}

/** A failed episode whose grid grows from 2x2 to 4x4 and shrinks to 3x2, with padding by mask at the end. */
export function resizingEpisode(episode = "resizing"): EpisodeRecord[] {
  const initial = gridFromRows([
    [1, 2],
    [2, 1],
  ]);
  const target = gridFromRows([
    [1, 2, 1, 2],
    [2, 1, 2, 1],
    [1, 2, 1, 2],
    [2, 1, 2, 1],
  ]);
  const padded: Grid = {
    shape: [3, 2],
    data: Uint8Array.from([1, 2, 2, 1, 0, 0]),
    mask: Uint8Array.from([1, 1, 1, 1, 0, 0]),
  };
  const moves: Move[] = [
    {
      action: { operation: 33, selection: { kind: "point", point: [3, 3] } },
      after: gridFromRows([
        [1, 2, 0, 0],
        [2, 1, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ]),
    },
    {
      action: { operation: 29, selection: { kind: "bbox", bbox: [1, 3, 0, 2] } },
      after: gridFromRows([
        [1, 2, 1, 2],
        [2, 1, 2, 1],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ]),
    },
    {
      action: { operation: 33, selection: { kind: "point", point: [2, 1] } },
      after: gridFromRows([
        [1, 2],
        [2, 1],
        [0, 0],
      ]),
    },
    { action: { operation: 40, name: "Crop" }, after: padded },
  ];
  return build({ episode, task: "sample-resizing", initial, target, moves, truncated: true });
}

/**
 * A 30x30 episode of `steps` steps that paints rows, cells and boxes of its target one after another; every step
 * carries metrics. Ends as a failure unless the steps suffice.
 */
export function largeEpisode(steps = 40, episode = "large"): EpisodeRecord[] {
  const random = randomNumbers(30);
  const side = 30;
  const rows = Array.from({ length: side }, (_, row) =>
    Array.from(
      { length: side },
      (_, column) => ((row >> 2) + (column >> 2) * 3 + (row === column ? 1 : 0)) % 10,
    ),
  );
  const target = gridFromRows(rows);
  const initial = gridFromRows(rows.map((row) => row.map((cell) => (cell % 3 === 0 ? cell : 0))));
  const moves: Move[] = [];
  let current = initial;
  while (moves.length < steps) {
    const row = Math.floor(random() * side);
    const column = Math.floor(random() * side);
    const colour = target.data[row * side + column]!;
    const height = moves.length % 3 === 0 ? 1 : 1 + Math.floor(random() * 4);
    const width = moves.length % 3 === 1 ? 1 : 1 + Math.floor(random() * 6);
    const data = current.data.slice();
    const mask = new Uint8Array(side * side);
    for (let y = row; y < Math.min(side, row + height); y++) {
      for (let x = column; x < Math.min(side, column + width); x++) {
        mask[y * side + x] = 1;
        data[y * side + x] = colour;
      }
    }
    current = { shape: [side, side], data };
    moves.push({
      action: { operation: colour, selection: { kind: "mask", mask } },
      after: current,
      info: {
        metrics: { entropy: Math.round(random() * 1e4) / 1e4, value: Math.round(random() * 1e4) / 1e4 },
      },
    });
  }
  return build({ episode, task: "sample-large", initial, input: initial, target, moves });
}

/** An episode that ended before its first step. */
export function emptyEpisode(episode = "empty"): EpisodeRecord[] {
  return build({
    episode,
    task: "sample-empty",
    initial: gridFromRows([[0]]),
    target: null,
    moves: [],
  });
}

export interface SampleEpisode {
  readonly name: string;
  readonly records: readonly EpisodeRecord[];
}

/** All samples, with a name for test titles. */
export function sampleEpisodes(): SampleEpisode[] {
  return [
    { name: "painting", records: paintingEpisode() },
    { name: "resizing", records: resizingEpisode() },
    { name: "large", records: largeEpisode() },
    { name: "empty", records: emptyEpisode() },
  ];
}

interface Plot {
  readonly episode: string;
  readonly task: string;
  readonly initial: Grid;
  readonly input?: Grid;
  readonly target: Grid | null;
  readonly moves: readonly Move[];
  readonly truncated?: boolean;
}

function build({ episode, task, initial, input, target, moves, truncated = false }: Plot): EpisodeRecord[] {
  const similarity = (grid: Grid) => (target === null ? null : gridSimilarity(grid, target));
  let last = similarity(initial);
  let best = last;
  let reward = 0;
  const steps = moves.map((move, index): StepRecord => {
    const now = similarity(move.after);
    const gain = now !== null && last !== null ? now - last : 0;
    const stepReward = Math.round((gain - 0.01) * 1e6) / 1e6;
    last = now;
    if (now !== null && (best === null || now > best)) best = now;
    reward += stepReward;
    const final = index === moves.length - 1;
    return {
      type: "step",
      seq: index + 1,
      episode,
      step: index,
      time: START_TIME + (index + 1) / 4,
      action: move.action,
      after: move.after,
      reward: stepReward,
      terminated: final && !truncated,
      truncated: final && truncated,
      info: move.info ?? {},
    };
  });
  return [
    {
      type: "episode-start",
      seq: 0,
      episode,
      time: START_TIME,
      task_id: task,
      pair_index: 0,
      mode: "train",
      initial,
      ...(input === undefined ? {} : { input }),
      target,
      meta: {},
    },
    ...steps,
    {
      type: "episode-end",
      seq: moves.length + 1,
      episode,
      time: START_TIME + moves.length / 4 + 1,
      outcome: truncated ? "truncated" : last === 1 ? "success" : "failure",
      totals: { steps: moves.length, reward, final_similarity: last, best_similarity: best },
    },
  ];
}

/** Numbers of [0, 1) that are the same on every machine (the mulberry32 generator). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
