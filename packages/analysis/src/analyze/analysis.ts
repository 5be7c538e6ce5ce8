import type { EpisodeMode, Outcome } from "@episcope/records";
import type { FailureMode } from "../failure/failure-mode.js";
import type { Description } from "../statistics/describe.js";
import type { Interval } from "../statistics/intervals.js";
import type { RunRow } from "../table/run-row.js";

/** A share of episodes, with Wilson's interval of 95 %; null without episodes. */
export interface Share {
  readonly of: number;
  readonly successes: number;
  /** 0..1; null without episodes. */
  readonly rate: number | null;
  readonly interval: Interval | null;
}

/** What is told of any group of episodes. */
export interface GroupNumbers {
  readonly success: Share;
  readonly returns: Description | null;
  readonly final_similarity: Description | null;
  readonly best_similarity: Description | null;
  readonly steps: Description | null;
}

/** Where an example stands. */
export interface EpisodePlace {
  /** Position in `Analysis.runs`. */
  readonly run: number;
  /** From 1. */
  readonly episode: number;
  readonly task_id: string;
}

export interface FailureExample extends EpisodePlace {
  readonly steps: readonly number[];
  readonly evidence: string;
}

export interface FailureCount {
  readonly mode: FailureMode;
  /** Failed episodes that show it. */
  readonly episodes: number;
  /** Those of them that it explains most: nothing that stands before it was found. */
  readonly first: number;
  /** At most five, the ones with the most steps as evidence. */
  readonly examples: readonly FailureExample[];
}

export interface WrongCell {
  /** From 0. */
  readonly row: number;
  readonly column: number;
  /** Failed episodes whose last grid has another value there. */
  readonly episodes: number;
}

export interface TaskAnalysis extends GroupNumbers {
  readonly task_id: string;
  readonly pair_index: number;
  readonly mode: EpisodeMode;
  /** Successes among the earlier and the later half of its episodes. */
  readonly earlier: Share;
  readonly later: Share;
  readonly failures: readonly { readonly mode: FailureMode; readonly episodes: number }[];
  /** The twelve that are wrong most often at the end of its failures; empty where the target is hidden. */
  readonly wrong_cells: readonly WrongCell[];
}

/** A stretch of the episodes, in the order in which they were recorded. */
export interface TimeWindow extends GroupNumbers {
  /** Of all episodes, from 1. */
  readonly first: number;
  readonly last: number;
}

export interface OperationUse {
  readonly name: string;
  readonly uses: number;
  /** Steps with it that changed nothing. */
  readonly without_effect: number;
  /** Mean change of similarity by it; null where unknown. */
  readonly mean_change: number | null;
  /** Steps with it that lost similarity. */
  readonly drops: number;
  /** Drops of similarity at the step right after it. */
  readonly drops_after: number;
  /** Share of the steps of successes and of failures that it takes; null without such steps. */
  readonly in_successes: number | null;
  readonly in_failures: number | null;
}

/** What the successes did and the failures did not, on average over episodes. */
export interface Contrast {
  readonly name: string;
  readonly successes: number;
  readonly failures: number;
  /** Of the difference of the two means (Welch, 95 %); null for fewer than six of either. */
  readonly interval: Interval | null;
}

/** A number that the producer sent per update. */
export interface MetricCurve {
  /** Position in `Analysis.runs`. */
  readonly run: number;
  readonly name: string;
  readonly n: number;
  readonly first: number;
  readonly last: number;
  readonly least: number;
  readonly most: number;
  /** At most 200 of them, evenly: `[step, value]`. */
  readonly points: readonly (readonly [number, number])[];
}

export interface Analysis extends GroupNumbers {
  readonly runs: readonly RunRow[];
  readonly episodes: number;
  readonly outcomes: { readonly [Name in Outcome]?: number };
  /** By number of failures, the hardest first. */
  readonly tasks: readonly TaskAnalysis[];
  /** At most ten. */
  readonly windows: readonly TimeWindow[];
  /** By number of episodes; modes that were not found are left out. */
  readonly failures: readonly FailureCount[];
  /** Failed episodes in which no rule found anything. */
  readonly unexplained: number;
  readonly operations: readonly OperationUse[];
  readonly contrasts: readonly Contrast[];
  readonly metrics: readonly MetricCurve[];
}
