import { copyGrid, type Grid } from "../record/grid.js";
import type { EpisodeEndRecord, EpisodeStartRecord, EpisodeTotals, StepRecord } from "../record/record.js";
import { copySelection, selectionMask } from "../record/selection.js";
import { KeyStepList } from "./key-step-list.js";
import { KeyStepDetector } from "./key-steps.js";
import { EpisodeProgress, type ProgressCheckpoint } from "./progress.js";
import { stepTrouble } from "./step-trouble.js";
import type { EpisodeHead, KeyStep, KeyStepReason, StepView, SummaryView } from "./view.js";

/** Gives what finds the key steps of an episode; null is the similarity where there is no target. */
export type DetectKeySteps = (initialSimilarity: number | null) => {
  reasons(view: StepView): readonly KeyStepReason[];
};

const detectKeySteps: DetectKeySteps = (initialSimilarity) => new KeyStepDetector(initialSimilarity);

/**
 * Follows one episode record by record and makes the views of it. The pipeline feeds it live and the replayer
 * from the journal, so both draw the same pictures.
 *
 *     const tracker = new EpisodeTracker(start, number);
 *     const view = tracker.step(record);          // reasons.length > 0: a key step
 *     const summary = tracker.summary(end);
 *
 * Views refer to the grids of the records: do not change a record after it was given. Memory grows by two numbers per
 * step; of the key steps at most a thousand are kept.
 */
export class EpisodeTracker {
  readonly #progress: EpisodeProgress;
  readonly #detector: ReturnType<DetectKeySteps>;
  readonly #rewards = new NumberSeries();
  readonly #similarities = new NumberSeries();
  readonly #keySteps = new KeyStepList();
  #unchanged = 0;
  #failed = 0;
  #lastView: StepView | null = null;
  /** The last view is one of a borrowed record, whose selection was not worked out. */
  #lastIsBorrowed = false;
  #lastGridIsBorrowed = false;

  /** `detect` gives what finds the key steps, from the similarity of the first grid; default a `KeyStepDetector`. */
  constructor(start: EpisodeStartRecord, number: number, detect: DetectKeySteps = detectKeySteps) {
    this.#progress = new EpisodeProgress(start, number);
    this.#detector = detect(this.#progress.initialSimilarity);
  }

  get head(): EpisodeHead {
    return this.#progress.head;
  }

  /** The grid before the next step. */
  get last(): Grid {
    return this.#progress.last;
  }

  /** The view of the last step, for pictures that are drawn only once the episode is over; null before the first. */
  get lastView(): StepView | null {
    if (this.#lastIsBorrowed && this.#lastView !== null) this.#lastView = ownView(this.#lastView);
    this.#lastIsBorrowed = false;
    return this.#lastView;
  }

  /** Steps so far. */
  get steps(): number {
    return this.#progress.steps;
  }

  /** What an `episode-end` record would say now. */
  get totals(): EpisodeTotals {
    return this.#progress.totals;
  }

  /** In the order of steps; of more than a thousand some are left out. */
  get keySteps(): readonly KeyStep[] {
    return this.#keySteps.toArray();
  }

  get checkpoint(): ProgressCheckpoint {
    return this.#progress.checkpoint;
  }

  /**
   * Throws SELECTION_INVALID for a mask that does not fit the grid before the step; nothing has changed then.
   * The step that ends an episode without being `terminated` or `truncated` is a key step in the summary only.
   *
   * With `borrowed` the arrays of the record, once the next steps have come, hold others: key steps get copies. The view
   * of an ordinary step is then for the moment and has no `selection`.
   */
  step(record: StepRecord, borrowed = false): StepView {
    if (!borrowed && this.#lastGridIsBorrowed) this.#progress.keepLast();
    const plain = this.#progress.step(record, undefined, !borrowed);
    this.#lastGridIsBorrowed = borrowed;
    const reasons = this.#detector.reasons(plain);
    let view = plain;
    if (reasons.length > 0) view = borrowed ? ownView({ ...plain, reasons }) : { ...plain, reasons };
    this.#lastIsBorrowed = borrowed && reasons.length === 0;
    const trouble = stepTrouble(view);
    if (trouble === "failed") this.#failed += 1;
    if (trouble === "no effect") this.#unchanged += 1;
    this.#rewards.push(view.reward);
    this.#similarities.push(view.similarity ?? Number.NaN);
    if (reasons.length > 0) this.#keySteps.add(keyStep(view));
    this.#lastView = view;
    return view;
  }

  /** The episode as a whole. Without its end (the producer died) the outcome is "crashed" and totals are computed. */
  summary(end?: EpisodeEndRecord): SummaryView {
    return {
      kind: "summary",
      episode: this.head,
      outcome: end?.outcome ?? "crashed",
      totals: end?.totals ?? this.totals,
      final: this.#lastGridIsBorrowed ? copyGrid(this.last) : this.last,
      rewards: this.#rewards.toArray(),
      similarities: this.#similarities.toArray(),
      initial_similarity: this.#progress.initialSimilarity,
      ...(this.#unchanged > 0 ? { unchanged_steps: this.#unchanged } : {}),
      ...(this.#failed > 0 ? { failed_steps: this.#failed } : {}),
      ...this.#keyStepsWithLast(),
    };
  }

  #keyStepsWithLast(): Pick<SummaryView, "key_steps" | "key_step_count"> {
    const keySteps = this.#keySteps.toArray();
    const view = this.lastView;
    let count = this.#keySteps.count;
    if (view !== null && !view.reasons.includes("last")) {
      if (view.reasons.length === 0) count += 1;
      else if (keySteps.at(-1)?.step === view.step) keySteps.pop();
      keySteps.push(keyStep({ ...view, reasons: [...view.reasons, "last"] }));
    }
    return { key_steps: keySteps, ...(count > keySteps.length ? { key_step_count: count } : {}) };
  }
}

function keyStep(view: StepView): KeyStep {
  const { step, reasons, action, after, reward, similarity } = view;
  return { step, reasons, action, after, reward, similarity };
}

/** A view that holds nothing of a borrowed record, complete with its selection. */
function ownView(view: StepView): StepView {
  const { before, after, action } = view;
  const selection = action.selection === undefined ? null : selectionMask(action.selection, before.shape);
  return {
    ...view,
    before: copyGrid(before),
    after: copyGrid(after),
    action:
      action.selection === undefined ? action : { ...action, selection: copySelection(action.selection) },
    selection,
  };
}

/** Numbers in a typed array that doubles when it is full. */
class NumberSeries {
  #values = new Float64Array(64);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  toArray(): Float64Array {
    return this.#values.slice(0, this.#length);
  }
}
