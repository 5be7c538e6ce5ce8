import { copyGrid, type Grid, gridsEqual } from "../record/grid.js";
import type { EpisodeStartRecord, EpisodeTotals, StepRecord } from "../record/record.js";
import { checkSelection, selectionMask } from "../record/selection.js";
import { gridSimilarity } from "./similarity.js";
import type { EpisodeHead, KeyStepReason, StepView } from "./view.js";

/** What an episode has come to before a step; enough to go on from there. */
export interface ProgressCheckpoint {
  /** Steps seen so far. */
  readonly steps: number;
  readonly rewardTotal: number;
  /** Null before the first step. */
  readonly lastReward: number | null;
  readonly lastSimilarity: number | null;
  readonly bestSimilarity: number | null;
}

/** What an `episode-start` says its task comes from. */
export function datasetOf({ meta }: EpisodeStartRecord): Pick<EpisodeHead, "dataset"> {
  const { dataset } = meta;
  return typeof dataset === "string" && dataset !== "" ? { dataset } : {};
}

const NO_REASONS: readonly KeyStepReason[] = [];

/** The running totals of one episode: makes a `StepView`, without its reasons, of each record in turn. */
export class EpisodeProgress {
  readonly head: EpisodeHead;
  readonly initialSimilarity: number | null;
  #last: Grid;
  #steps = 0;
  #rewardTotal = 0;
  #lastReward: number | null = null;
  #lastSimilarity: number | null;
  #bestSimilarity: number | null;

  constructor(start: EpisodeStartRecord, number: number) {
    this.head = {
      number,
      task_id: start.task_id,
      pair_index: start.pair_index,
      mode: start.mode,
      ...datasetOf(start),
      initial: start.initial,
      input: start.input ?? null,
      target: start.target,
    };
    this.initialSimilarity = this.#similarity(start.initial);
    this.#last = start.initial;
    this.#lastSimilarity = this.initialSimilarity;
    this.#bestSimilarity = this.initialSimilarity;
  }

  /** The last `after`; `initial` before the first step. */
  get last(): Grid {
    return this.#last;
  }

  get checkpoint(): ProgressCheckpoint {
    return {
      steps: this.#steps,
      rewardTotal: this.#rewardTotal,
      lastReward: this.#lastReward,
      lastSimilarity: this.#lastSimilarity,
      bestSimilarity: this.#bestSimilarity,
    };
  }

  /** Makes the grid before the next step one of its own, where the record that it came from was borrowed. */
  keepLast(): void {
    this.#last = copyGrid(this.#last);
  }

  /** Goes on from a checkpoint of the same episode; `last` is the grid before the next step. */
  resume(checkpoint: ProgressCheckpoint, last: Grid): void {
    this.#steps = checkpoint.steps;
    this.#rewardTotal = checkpoint.rewardTotal;
    this.#lastReward = checkpoint.lastReward;
    this.#lastSimilarity = checkpoint.lastSimilarity;
    this.#bestSimilarity = checkpoint.bestSimilarity;
    this.#last = last;
  }

  /** What an `episode-end` record says of these steps. Without a step the final similarity is the initial one. */
  get totals(): EpisodeTotals {
    return {
      steps: this.#steps,
      reward: this.#rewardTotal,
      final_similarity: this.#lastSimilarity,
      best_similarity: this.#bestSimilarity,
    };
  }

  /** Steps seen so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Without `withSelection` the selection is checked, and left out of the view. */
  step(record: StepRecord, reasons: readonly KeyStepReason[] = NO_REASONS, withSelection = true): StepView {
    const before = record.before ?? this.#last;
    const chosen = record.action.selection;
    let selection: Uint8Array | null = null;
    if (chosen !== undefined) {
      if (withSelection) selection = selectionMask(chosen, before.shape);
      else checkSelection(chosen, before.shape);
    }
    const similarity = this.#stepSimilarity(record);
    const previous =
      record.before === undefined || gridsEqual(record.before, this.#last)
        ? this.#lastSimilarity
        : this.#similarity(record.before);
    this.#steps += 1;
    this.#rewardTotal += record.reward;
    if (similarity !== null && (this.#bestSimilarity === null || similarity > this.#bestSimilarity)) {
      this.#bestSimilarity = similarity;
    }
    const view: StepView = {
      kind: "step",
      episode: this.head,
      step: record.step,
      before,
      after: record.after,
      action: record.action,
      selection,
      reward: record.reward,
      reward_change: this.#lastReward === null ? null : record.reward - this.#lastReward,
      reward_total: this.#rewardTotal,
      similarity,
      similarity_change: similarity === null || previous === null ? null : similarity - previous,
      best_similarity: this.#bestSimilarity,
      efficiency:
        similarity === null || this.initialSimilarity === null
          ? null
          : (similarity - this.initialSimilarity) / this.#steps,
      terminated: record.terminated,
      truncated: record.truncated,
      info: record.info,
      reasons,
    };
    this.#last = record.after;
    this.#lastReward = record.reward;
    this.#lastSimilarity = similarity;
    return view;
  }

  /** The producer's own similarity, else the computed one; NaN counts as unknown. */
  #stepSimilarity(record: StepRecord): number | null {
    const own = record.info.similarity;
    if (own === undefined) return this.#similarity(record.after);
    return Number.isNaN(own) ? null : own;
  }

  #similarity(grid: Grid): number | null {
    return this.head.target === null ? null : gridSimilarity(grid, this.head.target);
  }
}
