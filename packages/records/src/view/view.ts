import type { Grid } from "../record/grid.js";
import type { Action, EpisodeMode, EpisodeTotals, Histogram, Outcome, StepInfo } from "../record/record.js";

/** Why a step is a key step; kept beside the records, never in them. In the order of their bits: new ones go to the end. */
export const KEY_STEP_REASONS = [
  "first",
  "last",
  "submit",
  "similarity_jump",
  "similarity_drop",
  "new_best",
  "first_success",
  "resize",
  "reward_outlier",
] as const;

export type KeyStepReason = (typeof KEY_STEP_REASONS)[number];

/** What stays the same over an episode. */
export interface EpisodeHead {
  /** Number in the run, from 1. */
  readonly number: number;
  readonly task_id: string;
  readonly pair_index: number;
  readonly mode: EpisodeMode;
  /** What the task comes from, as `episode-start` says in `meta.dataset`: "ARC-AGI-3", for instance. It decides on the colours of cells. */
  readonly dataset?: string;
  readonly initial: Grid;
  readonly input: Grid | null;
  readonly target: Grid | null;
}

/** One step with everything around it that a picture of it needs. */
export interface StepView {
  readonly kind: "step";
  readonly episode: EpisodeHead;
  readonly step: number;
  readonly before: Grid;
  readonly after: Grid;
  readonly action: Action;
  /** `action.selection` as a mask over `before`; null without a selection. */
  readonly selection: Uint8Array | null;
  readonly reward: number;
  /** Against the step before; null at the first step. */
  readonly reward_change: number | null;
  /** Sum of the rewards up to and including this step. */
  readonly reward_total: number;
  readonly similarity: number | null;
  /** Against the state before the step. */
  readonly similarity_change: number | null;
  readonly best_similarity: number | null;
  /** Similarity gained since the start, per step taken; null where similarity is unknown. */
  readonly efficiency: number | null;
  readonly terminated: boolean;
  readonly truncated: boolean;
  readonly info: StepInfo;
  /** Empty for an ordinary step. "last" is known only in a replay or at the episode's end. */
  readonly reasons: readonly KeyStepReason[];
}

export interface KeyStep {
  readonly step: number;
  readonly reasons: readonly KeyStepReason[];
  readonly action: Action;
  readonly after: Grid;
  readonly reward: number;
  readonly similarity: number | null;
}

export interface SummaryView {
  readonly kind: "summary";
  readonly episode: EpisodeHead;
  readonly outcome: Outcome;
  readonly totals: EpisodeTotals;
  readonly final: Grid;
  /** One entry per step. */
  readonly rewards: Float64Array;
  /** One entry per step; NaN where unknown. */
  readonly similarities: Float64Array;
  readonly initial_similarity: number | null;
  /** In the order of steps; of more than a thousand some are left out, evenly over the episode. */
  readonly key_steps: readonly KeyStep[];
  /** How many there were, where some are left out. */
  readonly key_step_count?: number;
  /** Steps, but for submits and failed ones, whose grid after is the grid before; left out for none. */
  readonly unchanged_steps?: number;
  /** Steps with a text in `info.error`; left out for none. */
  readonly failed_steps?: number;
}

/** A whole episode, for pages: the summary and each step again, in order. */
export interface EpisodeView {
  readonly kind: "episode";
  readonly summary: SummaryView;
  /** May be iterated more than once. */
  readonly steps: Iterable<StepView>;
}

export interface TaskPair {
  readonly input: Grid;
  /** Null where it is not known or must not be shown. */
  readonly output: Grid | null;
  /** In the task, from 0, where not all pairs are there; left out: the place in the list. */
  readonly number?: number;
}

export interface TaskView {
  readonly kind: "task";
  readonly task_id: string;
  /** As in `EpisodeHead`. */
  readonly dataset?: string;
  readonly train: readonly TaskPair[];
  readonly test: readonly TaskPair[];
}

/** What a comparison needs of an episode. */
export interface EpisodeSeries {
  /** Label for legends and tables, for instance "episode 3". */
  readonly label: string;
  readonly task_id: string;
  readonly outcome: Outcome;
  readonly totals: EpisodeTotals;
  readonly rewards: Float64Array;
  readonly similarities: Float64Array;
}

export const COMPARISON_TYPES = ["reward_progression", "similarity", "performance"] as const;
export type ComparisonType = (typeof COMPARISON_TYPES)[number];

export interface ComparisonView {
  readonly kind: "comparison";
  readonly comparison: ComparisonType;
  readonly episodes: readonly EpisodeSeries[];
}

/** All episodes of a run at a glance. */
export interface RunView {
  readonly kind: "run";
  readonly run: string;
  readonly episodes: readonly (EpisodeSeries & {
    readonly number: number;
    /** As in `EpisodeHead`. */
    readonly dataset?: string;
    readonly final: Grid;
    readonly target: Grid | null;
  })[];
}

/** Scalar curves and histograms that a producer sends as `metrics` records. */
export interface MetricsView {
  readonly kind: "metrics";
  readonly run: string;
  readonly curves: readonly {
    readonly name: string;
    readonly steps: Float64Array;
    readonly values: Float64Array;
  }[];
  readonly histograms: readonly {
    readonly name: string;
    readonly step: number;
    readonly histogram: Histogram;
  }[];
}

/** What a renderer draws. It cannot tell a live view from a replayed one. */
export type View = StepView | SummaryView | EpisodeView | TaskView | ComparisonView | RunView | MetricsView;
export type ViewKind = View["kind"];
export const VIEW_KINDS: readonly ViewKind[] = [
  "step",
  "summary",
  "episode",
  "task",
  "comparison",
  "run",
  "metrics",
];

export type ColorScheme = "default" | "arcprize" | "arc3" | "colorblind" | "high_contrast";
export type ImageQuality = "low" | "medium" | "high";
/** `page`: for a screen. `compact`: for panels and phones. `figure`: for a paper, without a title and on no ground. */
export type PictureLayout = "page" | "compact" | "figure";

/** The keys of the `visualization` group that change what a picture looks like, and those that a renderer's own node adds. */
export interface PictureSettings {
  /** Ground and text; cells keep their colours. Default: "light". */
  readonly theme?: "light" | "dark";
  /** Default: "page". */
  readonly layout?: PictureLayout;
  /**
   * Scene pixels that the picture is laid out for, at least 240; nothing is scaled. Default: 400 for `compact`, for a `figure` what
   * `width_mm` and `text_pt` give, for a `page` 1200, and of a step as much as its grids want.
   */
  readonly width?: number;
  /** Scene pixels that a `compact` picture of a step or an episode is fitted into, by leaving out what counts least. Default: as high as it gets. */
  readonly height?: number;
  /** Of a `figure`, in millimetres: a column of a paper has 84, a page 170. Default: 84. */
  readonly width_mm?: number;
  /** Smallest text of a `figure` in points; journals ask for 6 or 7. Default: 7. */
  readonly text_pt?: number;
  /** `default`: that of the recording's data set, else the classic one. */
  readonly color_scheme: ColorScheme;
  readonly image_quality: ImageQuality;
  readonly show_coordinates: boolean;
  readonly show_operation_names: boolean;
  readonly highlight_changes: boolean;
  readonly include_metrics: boolean;
}

/** The defaults of `conf/visualization/base.yaml`. */
export const DEFAULT_PICTURE_SETTINGS: PictureSettings = {
  color_scheme: "default",
  image_quality: "high",
  show_coordinates: false,
  show_operation_names: true,
  highlight_changes: true,
  include_metrics: true,
};
