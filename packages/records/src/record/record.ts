import type { Grid } from "./grid.js";

/** Version of the record stream; a reader refuses a larger one. */
export const STREAM_VERSION = 1;

/** What JSON can hold, and the numbers that it cannot: NaN and the infinities are allowed and kept. */
export type PlainValue =
  | null
  | boolean
  | number
  | string
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };
export type PlainObject = { readonly [key: string]: PlainValue };

/** The cells an action works on, as the agent said it; `selectionMask` turns each kind into a mask. */
export type Selection =
  /** Row-major over the `before` grid, 1 = selected. */
  | { readonly kind: "mask"; readonly mask: Uint8Array }
  /** `[row, column]`, counted from 0. */
  | { readonly kind: "point"; readonly point: readonly [number, number] }
  /** `[row1, column1, row2, column2]`, both corners inclusive, in any order. */
  | { readonly kind: "bbox"; readonly bbox: readonly [number, number, number, number] };

export interface Action {
  /** Operation id; 0..34 are JaxARC's, others are the environment's own. */
  readonly operation: number;
  /** Name of the operation where the producer knows a better one than the id's standard name. */
  readonly name?: string;
  /** Left out where the operation takes no selection (submit, for instance). */
  readonly selection?: Selection;
}

export interface StepInfo {
  /** 0..1, the producer's own; where it is left out readers compute it from `after` and `target`. */
  readonly similarity?: number;
  readonly success?: boolean;
  /** Scalars of the agent or the environment; every sink gets them. */
  readonly metrics?: { readonly [name: string]: number };
  readonly [key: string]: PlainValue | undefined;
}

export type EpisodeMode = "train" | "test";
/** `crashed`: the producer died or the run ended without `episode-end`. */
export type Outcome = "success" | "failure" | "truncated" | "aborted" | "crashed";

interface RecordBase {
  /** Position in the producer's stream, from 0, without gaps. */
  readonly seq: number;
}

export interface RunStartRecord extends RecordBase {
  readonly type: "run-start";
  readonly run: string;
  /** Unix seconds, as in every record. */
  readonly time: number;
  readonly config_hash: string;
  readonly meta: PlainObject;
}

export interface EpisodeStartRecord extends RecordBase {
  readonly type: "episode-start";
  /** The producer's key of the episode; many episodes may be open at once. */
  readonly episode: string;
  readonly time: number;
  readonly task_id: string;
  readonly pair_index: number;
  readonly mode: EpisodeMode;
  readonly initial: Grid;
  readonly input?: Grid;
  /** Null where an evaluation hides it. */
  readonly target: Grid | null;
  readonly meta: PlainObject;
}

export interface StepRecord extends RecordBase {
  readonly type: "step";
  readonly episode: string;
  /** Counted from 0 in its episode. */
  readonly step: number;
  readonly time: number;
  /** Left out where it equals the last `after` (of step 0: `initial`). */
  readonly before?: Grid;
  readonly action: Action;
  readonly after: Grid;
  readonly reward: number;
  readonly terminated: boolean;
  readonly truncated: boolean;
  readonly info: StepInfo;
  /** The environment's whole state; kept only with `logging.include_full_states`. */
  readonly state?: PlainValue;
}

export interface EpisodeTotals {
  readonly steps: number;
  readonly reward: number;
  readonly final_similarity: number | null;
  readonly best_similarity: number | null;
}

export interface EpisodeEndRecord extends RecordBase {
  readonly type: "episode-end";
  readonly episode: string;
  readonly time: number;
  readonly outcome: Outcome;
  readonly totals: EpisodeTotals;
}

export interface Histogram {
  /** Counts per bin. */
  readonly values: readonly number[];
  /** Edges: one more than counts. */
  readonly bins: readonly number[];
}

export interface MetricsRecord extends RecordBase {
  readonly type: "metrics";
  readonly time: number;
  /** The producer's own clock, an update number for instance. */
  readonly step: number;
  readonly values: { readonly [name: string]: number };
  readonly histograms?: { readonly [name: string]: Histogram };
}

/** Arrays over the environments of one update. */
export interface BatchRecord extends RecordBase {
  readonly type: "batch";
  readonly time: number;
  readonly step: number;
  readonly arrays: { readonly [name: string]: readonly number[] };
}

/** accepted = written + dropped, to the unit, per sink. */
export interface Accounting {
  readonly accepted: number;
  readonly written: number;
  readonly dropped: number;
  /** Dropped records by reason. */
  readonly reasons: { readonly [reason: string]: number };
  /** What was wrong with written ones, by kind of remark; left out where nothing was. */
  readonly remarks?: { readonly [kind: string]: number };
}

export interface RunEndRecord extends RecordBase {
  readonly type: "run-end";
  readonly time: number;
  readonly outcome: "finished" | "interrupted" | "crashed";
  readonly accounting: { readonly [sink: string]: Accounting };
}

/** One tagged union, shared by recorder, store, replayer, wire and viewer. */
export type StreamRecord =
  | RunStartRecord
  | EpisodeStartRecord
  | StepRecord
  | EpisodeEndRecord
  | MetricsRecord
  | BatchRecord
  | RunEndRecord;

export type RecordType = StreamRecord["type"];
export type EpisodeRecord = EpisodeStartRecord | StepRecord | EpisodeEndRecord;
