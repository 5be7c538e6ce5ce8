import * as fs from "node:fs";
import { existsSync } from "node:fs";
import { loadTasks, sampleTaskDirectory } from "@episcope/arc-env";
import type { StepInput } from "@episcope/core";
import type { Grid } from "@episcope/records";
import { randomNumbers } from "@episcope/records/testing";

export interface ArcEpisode {
  readonly initial: Grid;
  readonly target: Grid;
  readonly steps: readonly StepInput[];
}

/** Input, output and name of each training pair; of the shared tasks, or else of the package's own. */
export interface ArcPairs {
  readonly from: string;
  readonly pairs: readonly { readonly id: string; readonly input: Grid; readonly output: Grid }[];
}

const SHARED = "../shared/reference/arc-tasks/training";

export function loadPairs(): ArcPairs {
  const from = existsSync(SHARED) ? SHARED : sampleTaskDirectory();
  const pairs = loadTasks(from, fs).flatMap(({ id, train }) =>
    train.flatMap(({ input, output }) => (output === null ? [] : [{ id, input, output }])),
  );
  return { from, pairs };
}

/**
 * A walk from inputs to outputs, task after task: 60 % single cells, 25 % runs of a row, 10 % boxes of 3x3, 5 %
 * selections. About 1.6 cells change in a step.
 */
export function walk({ pairs }: ArcPairs, steps: number, seed: number): ArcEpisode {
  const random = randomNumbers(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const made: StepInput[] = [];
  let first: { readonly initial: Grid; readonly target: Grid } | undefined;
  while (made.length < steps) {
    const { id, input, output } = pairs[below(pairs.length)]!;
    const rows = Math.max(input.shape[0], output.shape[0]);
    const columns = Math.max(input.shape[1], output.shape[1]);
    const shape = [rows, columns] as const;
    let current = padded(input, rows, columns);
    const goal = padded(output, rows, columns);
    first ??= { initial: { shape, data: current }, target: { shape, data: goal } };
    for (let isFirst = true; made.length < steps; isFirst = false) {
      const wrong: number[] = [];
      for (let cell = 0; cell < goal.length; cell++) if (current[cell] !== goal[cell]) wrong.push(cell);
      if (wrong.length === 0) break;
      const cell = wrong[below(wrong.length)]!;
      const [row, column] = [Math.floor(cell / columns), cell % columns];
      const color = goal[cell]!;
      const after = current.slice();
      const mask = new Uint8Array(goal.length);
      const paint = (index: number): void => {
        mask[index] = 1;
        after[index] = color;
      };
      const kind = random();
      let operation = color;
      if (kind < 0.6) paint(cell);
      else if (kind < 0.85) {
        operation = 10 + color;
        for (let x = column; x < columns && goal[row * columns + x] === color; x++) paint(row * columns + x);
      } else if (kind < 0.95) {
        operation = 20 + color;
        for (let y = row; y < Math.min(rows, row + 3); y++)
          for (let x = column; x < Math.min(columns, column + 3); x++)
            if (goal[y * columns + x] === color) paint(y * columns + x);
      } else {
        operation = 30;
        for (let count = Math.min(goal.length, 40); count > 0; count--) mask[below(goal.length)] = 1;
      }
      let same = 0;
      for (let index = 0; index < goal.length; index++) if (after[index] === goal[index]) same += 1;
      const similarity = same / goal.length;
      const isNewTask = isFirst && made.length > 0;
      made.push({
        ...(isNewTask ? { before: { shape, data: current } } : {}),
        action: { operation, selection: { kind: "mask", mask } },
        after: { shape, data: after },
        reward: Number((similarity - 1 + random() * 1e-3).toFixed(6)),
        info: { similarity, task_id: id, pair: 0, done: same === goal.length, operation },
      });
      current = after;
    }
  }
  return { ...first!, steps: made };
}

function padded({ shape, data }: Grid, rows: number, columns: number): Uint8Array {
  const cells = new Uint8Array(rows * columns);
  for (let row = 0; row < shape[0]; row++)
    cells.set(data.subarray(row * shape[1], (row + 1) * shape[1]), row * columns);
  return cells;
}

/** Steps of 30x30, as a producer with fixed arrays has them. */
export function wholeGrids(episode: ArcEpisode): StepInput[] {
  const shape = [30, 30] as const;
  return episode.steps.map(({ action, after, reward, info }) => {
    const { selection } = action;
    const mask = selection?.kind === "mask" ? selection.mask : new Uint8Array(after.data.length);
    const [rows, columns] = after.shape;
    const grow = (data: Uint8Array): Uint8Array => {
      const cells = new Uint8Array(900);
      for (let row = 0; row < rows; row++)
        cells.set(data.subarray(row * columns, (row + 1) * columns), row * 30);
      return cells;
    };
    return {
      action: { operation: action.operation, selection: { kind: "mask", mask: grow(mask) } },
      after: { shape, data: grow(after.data) },
      reward,
      info: info ?? {},
    };
  });
}
