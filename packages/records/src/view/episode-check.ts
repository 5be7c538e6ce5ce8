import { type Grid, gridsEqual } from "../record/grid.js";
import type { EpisodeEndRecord, EpisodeStartRecord, StepRecord } from "../record/record.js";
import type { OnRemark, RemarkKind } from "../record/remark.js";
import { selectionMisses } from "../record/selection.js";
import { gridSimilarity } from "./similarity.js";

/** How far sums and similarities of a producer may be from ours: it may compute with 32 bits. */
const TOLERANCE = 1e-6;
/** Unix seconds of the year 5138; clocks in milliseconds passed it in 1973. */
const LATEST = 1e11;

/**
 * Follows the records of one episode and says where they contradict one another, though each is right by itself. Refers to
 * the last grid: do not change a record after it was given.
 */
export class EpisodeCheck {
  readonly #key: string;
  readonly #onRemark: OnRemark;
  readonly #target: Grid | null;
  #last: Grid;
  #next = 0;
  #steps = 0;
  #reward = 0;
  /** What the last step says of success; undefined where it does not. */
  #success: boolean | undefined;
  /** Of the producer, where the last step has one; NaN: unknown. */
  #similarity: number | undefined;
  /** How the step ended the episode that came last of all that did. */
  #ended: { readonly step: number; readonly how: "terminated" | "truncated" } | null = null;

  constructor(start: EpisodeStartRecord, onRemark: OnRemark) {
    this.#key = start.episode;
    this.#onRemark = onRemark;
    this.#target = start.target;
    this.#last = start.initial;
    this.#checkTime(start.time, "the start");
  }

  step(record: StepRecord): void {
    const { step } = record;
    if (this.#ended !== null) {
      const { step: last, how } = this.#ended;
      this.#say("step_after_end", `step ${step} comes after step ${last}, which ended the episode (${how})`);
    }
    if (step > this.#next) this.#say("step_gap", `step ${step} comes after step ${this.#next - 1}`);
    else if (step < this.#next) this.#say("step_again", `step ${step} comes after step ${this.#next - 1}`);
    this.#next = Math.max(this.#next, step + 1);
    this.#checkTime(record.time, `step ${step}`);
    const { selection } = record.action;
    const { shape } = record.before ?? this.#last;
    // A resize may name a cell of the grid that it makes.
    if (
      selection !== undefined &&
      [shape, record.after.shape].every((each) => selectionMisses(selection, each))
    )
      this.#say(
        "selection_outside",
        `the selection of step ${step} lies outside the grid of ${shape[0]}x${shape[1]}`,
      );
    if (record.terminated) this.#ended = { step, how: "terminated" };
    else if (record.truncated) this.#ended = { step, how: "truncated" };
    this.#steps += 1;
    this.#reward += record.reward;
    this.#success = record.info.success;
    this.#similarity = record.info.similarity;
    this.#last = record.after;
  }

  end(record: EpisodeEndRecord): void {
    this.#checkTime(record.time, "the end");
    const { outcome, totals } = record;
    const solved = this.#target === null ? null : gridsEqual(this.#last, this.#target);
    const similarity =
      this.#similarity ?? (this.#target === null ? null : gridSimilarity(this.#last, this.#target));
    // A grid that shows the whole target and more is a success too: outcomeOf says so of the same steps.
    if (outcome === "success" && solved === false && this.#success !== true && similarity !== 1)
      this.#say("outcome", "the outcome is success, and the last grid is not the target");
    if ((outcome === "failure" || outcome === "truncated") && (this.#success ?? solved) === true) {
      const why = this.#success === true ? "the last step says success" : "the last grid is the target";
      this.#say("outcome", `the outcome is ${outcome}, and ${why}`);
    }
    this.#compare("steps", totals.steps, this.#steps);
    this.#compare("reward", totals.reward, this.#reward);
    if (totals.final_similarity !== null && similarity !== null && !Number.isNaN(similarity))
      this.#compare("final_similarity", totals.final_similarity, similarity);
  }

  #compare(name: string, stated: number, found: number): void {
    const scale = Math.max(1, Math.abs(stated), Math.abs(found));
    if (Object.is(stated, found) || Math.abs(stated - found) <= TOLERANCE * scale) return;
    this.#say("totals", `totals.${name} is ${stated}, and the steps give ${found}`);
  }

  #checkTime(time: number, what: string): void {
    if (time >= 0 && time < LATEST) return;
    const hint = time >= LATEST && time < LATEST * 1_000 ? ", as if it were in milliseconds" : "";
    this.#say("time", `${what} has the time ${time}${hint}; it is in Unix seconds`);
  }

  #say(kind: RemarkKind, what: string): void {
    this.#onRemark({ kind, message: `episode '${this.#key}': ${what}` });
  }
}
