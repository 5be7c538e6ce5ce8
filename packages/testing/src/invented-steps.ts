import type { Action, EpisodeView, Grid, StepView, SummaryView } from "@episcope/records";
import { gridSimilarity, selectionMask } from "@episcope/records";
import { randomNumbers } from "@episcope/records/testing";

/** A grid like those of ARC tasks: a few rectangles of one colour; `noise` = every cell at random. */
export function arcGrid(rows: number, columns: number, seed: number, noise = false): Grid {
  const next = randomNumbers(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  const data = new Uint8Array(rows * columns);
  for (let k = 0; k < 6; k++) {
    const value = 1 + below(9);
    const [top, left, height, width] = [below(rows), below(columns), 1 + below(5), 1 + below(5)];
    for (let r = top; r < Math.min(rows, top + height); r++)
      for (let c = left; c < Math.min(columns, left + width); c++) data[r * columns + c] = value;
  }
  if (noise) for (let i = 0; i < data.length; i++) data[i] = below(10);
  return { shape: [rows, columns], data };
}

export interface StepOptions {
  readonly rows: number;
  readonly columns: number;
  readonly step?: number;
  readonly noise?: boolean;
  readonly action?: Action;
  readonly taskId?: string;
  readonly target?: Grid | null;
  readonly metrics?: { readonly [name: string]: number };
}

/** A step that paints its selection green. */
export function stepView(options: StepOptions): StepView {
  const { rows, columns, step = 5, noise = false } = options;
  const before = arcGrid(rows, columns, 11 + step, noise);
  const target = options.target === undefined ? arcGrid(rows, columns, 12, noise) : options.target;
  const row = Math.min(2, rows - 1);
  const action = options.action ?? {
    operation: 3,
    selection: { kind: "bbox", bbox: [row, Math.min(1, columns - 1), row, Math.min(6, columns - 1)] },
  };
  const selection = action.selection === undefined ? null : selectionMask(action.selection, before.shape);
  const after = {
    shape: before.shape,
    data: before.data.map((value, i) => (selection?.[i] === 1 ? 3 : value)),
  };
  const similarity = target === null ? null : gridSimilarity(after, target);
  return {
    kind: "step",
    episode: {
      number: 1,
      task_id: options.taskId ?? "007bbfb7",
      pair_index: 0,
      mode: "train",
      initial: before,
      input: before,
      target,
    },
    step,
    before,
    after,
    action,
    selection,
    reward: 0.0312 + step / 1000,
    reward_change: 0.01,
    reward_total: 0.5,
    similarity,
    similarity_change: similarity === null ? null : 0.02,
    best_similarity: similarity,
    efficiency: similarity === null ? null : 0.012,
    terminated: false,
    truncated: false,
    info: { metrics: options.metrics ?? { entropy: 1.25, value: 0.4 } },
    reasons: ["new_best"],
  };
}

/** An episode of `count` such steps. */
export function episodeView(count: number, options: StepOptions = { rows: 10, columns: 10 }): EpisodeView {
  const steps = Array.from({ length: count }, (_, step) => stepView({ ...options, step }));
  const last = steps.at(-1);
  const base = last ?? stepView({ ...options, step: 0 });
  const similarities = Float64Array.from(
    steps,
    ({ similarity }, i) => (similarity ?? Number.NaN) * (0.9 + i / 1000),
  );
  const totals = {
    steps: count,
    reward: steps.reduce((sum, { reward }) => sum + reward, 0),
    final_similarity: last?.similarity ?? null,
    best_similarity: last?.best_similarity ?? null,
  };
  const summary: SummaryView = {
    kind: "summary",
    episode: base.episode,
    outcome: count > 0 ? "failure" : "aborted",
    totals,
    final: base.after,
    rewards: Float64Array.from(steps, ({ reward }) => reward),
    similarities,
    initial_similarity: 0.5,
    key_steps: steps
      .filter((_, i) => i === 0 || i === count - 1)
      .map(({ step, action, after, reward, similarity }) => ({
        step,
        reasons: [step === 0 ? "first" : "last"],
        action,
        after,
        reward,
        similarity,
      })),
  };
  return { kind: "episode", summary, steps };
}
