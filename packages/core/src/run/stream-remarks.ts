import {
  type Accounting,
  EpisodeCheck,
  REMARK_KINDS,
  type Remark,
  type RemarkKind,
  type StreamRecord,
} from "@episcope/records";
import type { Logger } from "../contract/plugin.js";

/** What each kind of remark says of many records. */
const SUMMARIES: { readonly [kind in RemarkKind]: string } = {
  value_as_text: "values kept as texts",
  value_left_out: "values left out",
  number_out_of_range: "numbers out of range",
  duplicate_name: "names that an object has twice",
  text_not_utf8: "texts that are no UTF-8",
  seq_gap: "gaps in seq",
  seq_again: "seqs not above the one before",
  step_gap: "gaps in the numbers of steps",
  step_again: "steps that come again",
  step_after_end: "steps after the end of their episode",
  selection_outside: "selections outside the grid",
  time: "times that are no Unix seconds",
  outcome: "outcomes that the grids contradict",
  totals: "totals that the steps contradict",
};

/**
 * What is wrong with records that were taken: counts it, and says each kind once, when it comes first. A foreign stream is
 * also checked against itself.
 */
export class StreamRemarks {
  readonly #logger: Logger;
  readonly #counts: Map<RemarkKind, number> = new Map();
  readonly #checks: Map<string, EpisodeCheck> = new Map();
  readonly #refused: Map<string, number> = new Map();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  readonly add = ({ kind, message }: Remark): void => {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count > 1) return;
    this.#logger.warn(`The stream contradicts itself or its format: ${message}.`, { kind });
  };

  /** A record of a foreign stream, after it was taken. */
  follow(record: StreamRecord): void {
    if (record.type === "episode-start") {
      this.#checks.set(record.episode, new EpisodeCheck(record, this.add));
    } else if (record.type === "step") this.#checks.get(record.episode)?.step(record);
    else if (record.type === "episode-end") {
      this.#checks.get(record.episode)?.end(record);
      this.#checks.delete(record.episode);
    }
  }

  /** Records that are not in the run. */
  refuse(code: string, records: number): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + records);
  }

  /** By kind, in a fixed order. */
  get counts(): { readonly [kind: string]: number } {
    return Object.fromEntries(
      REMARK_KINDS.flatMap((kind) => (this.#counts.has(kind) ? [[kind, this.#counts.get(kind)!]] : [])),
    );
  }

  /** For the end of the run; null where there was nothing to remark. */
  get summary(): string | null {
    const parts = Object.entries(this.counts).map(
      ([kind, count]) => `${count} × ${SUMMARIES[kind as RemarkKind]}`,
    );
    return parts.length === 0 ? null : `Kept as they came: ${parts.join(", ")}.`;
  }

  /** What the run keeps of it: nothing where `taken` records were all right. */
  accounting(taken: number): { readonly input?: Accounting } {
    const reasons = Object.fromEntries(this.#refused);
    const dropped = [...this.#refused.values()].reduce((sum, count) => sum + count, 0);
    if (dropped === 0 && this.#counts.size === 0) return {};
    const { counts } = this;
    return {
      input: {
        accepted: taken + dropped,
        written: taken,
        dropped,
        reasons,
        ...(this.#counts.size === 0 ? {} : { remarks: counts }),
      },
    };
  }
}
