import { type Grid, gridToRows } from "../../record/grid.js";
import { operationName } from "../../record/operations.js";
import type {
  Action,
  EpisodeEndRecord,
  EpisodeMode,
  EpisodeRecord,
  EpisodeStartRecord,
  Outcome,
  PlainObject,
  PlainValue,
  Selection,
  StepInfo,
  StepRecord,
} from "../../record/record.js";
import { EpisodeProgress } from "../../view/progress.js";

/** A grid as nested rows; `mask` has 0 where the grid is padding. */
export interface GridState {
  readonly grid: readonly (readonly number[])[];
  readonly mask?: readonly (readonly number[])[];
}

export interface ActionLogEntry {
  readonly operation: number;
  readonly operation_name: string;
  /** As the agent said it; masks as lists of 0 and 1. Null without a selection. */
  readonly selection: PlainObject | null;
}

/** One step, as the original design's StepLogEntry. */
export interface StepLogEntry {
  readonly step_num: number;
  /** Unix seconds. */
  readonly timestamp: number;
  readonly before_state: GridState | null;
  readonly action: ActionLogEntry;
  readonly after_state: GridState;
  readonly reward: number;
  readonly terminated: boolean;
  readonly truncated: boolean;
  readonly info: StepInfo;
  /** Only with `logging.include_full_states`. */
  readonly full_state?: PlainValue;
}

/** What is known of a whole episode, as the original design's EpisodeLogEntry, without its steps. */
export interface EpisodeLogHead {
  readonly episode_num: number;
  readonly start_timestamp: number | null;
  /** Null where the producer died. */
  readonly end_timestamp: number | null;
  readonly total_steps: number;
  readonly total_reward: number;
  readonly final_similarity: number | null;
  readonly best_similarity: number | null;
  readonly outcome: Outcome;
  readonly task_id: string | null;
  readonly pair_index: number | null;
  readonly mode: EpisodeMode | null;
  /** The producer's key. */
  readonly episode_key: string | null;
  readonly config_hash: string;
  readonly metadata: PlainObject;
  readonly initial: GridState | null;
  readonly input: GridState | null;
  readonly target: GridState | null;
}

/** A step with the picture that was drawn of it. */
export interface DrawnStepLogEntry extends StepLogEntry {
  /** Relative to the run's directory, with "/"; null where there is none. */
  readonly visualization_path: string | null;
}

export interface EpisodeLogEntry extends EpisodeLogHead {
  readonly steps: readonly DrawnStepLogEntry[];
  /** As `visualization_path`, of the episode's summary. */
  readonly summary_visualization_path: string | null;
}

/** Where the pictures of an episode are, relative to the run's directory; null for those that are not there. */
export interface EpisodePictures {
  step(step: number): string | null;
  readonly summary: string | null;
}

export interface EpisodeLogSource {
  /** Number in the run, from 1. */
  readonly number: number;
  /** Iterated twice: the head says what is known only at the end. */
  records(): Iterable<EpisodeRecord>;
}

export function episodeLogHead(source: EpisodeLogSource, configHash: string): EpisodeLogHead {
  let start: EpisodeStartRecord | undefined;
  let end: EpisodeEndRecord | undefined;
  let progress: EpisodeProgress | undefined;
  let steps = 0;
  for (const record of source.records()) {
    if (record.type === "episode-start") {
      start = record;
      progress = new EpisodeProgress(record, source.number);
    } else if (record.type === "step") {
      steps += 1;
      progress?.step(record);
    } else end = record;
  }
  const totals = end?.totals ?? progress?.totals;
  return {
    episode_num: source.number,
    start_timestamp: start?.time ?? null,
    end_timestamp: end?.time ?? null,
    total_steps: totals?.steps ?? steps,
    total_reward: totals?.reward ?? 0,
    final_similarity: totals?.final_similarity ?? null,
    best_similarity: totals?.best_similarity ?? null,
    outcome: end?.outcome ?? "crashed",
    task_id: start?.task_id ?? null,
    pair_index: start?.pair_index ?? null,
    mode: start?.mode ?? null,
    episode_key: start?.episode ?? null,
    config_hash: configHash,
    metadata: start?.meta ?? {},
    initial: gridState(start?.initial),
    input: gridState(start?.input),
    target: gridState(start?.target),
  };
}

/** The steps of an episode, one after another. */
export function* stepLogEntries(source: EpisodeLogSource): Generator<StepLogEntry> {
  let last: Grid | undefined;
  for (const record of source.records()) {
    if (record.type === "episode-start") last = record.initial;
    if (record.type !== "step") continue;
    yield stepEntry(record, record.before ?? last);
    last = record.after;
  }
}

/** A whole episode in memory; `stepLogEntries` gives the steps of a large one without. */
export function episodeLogEntry(
  source: EpisodeLogSource,
  configHash: string,
  pictures: EpisodePictures,
): EpisodeLogEntry {
  const steps: DrawnStepLogEntry[] = [];
  for (const entry of stepLogEntries(source)) {
    steps.push({ ...entry, visualization_path: pictures.step(entry.step_num) });
  }
  return { ...episodeLogHead(source, configHash), steps, summary_visualization_path: pictures.summary };
}

function stepEntry(record: StepRecord, before: Grid | undefined): StepLogEntry {
  return {
    step_num: record.step,
    timestamp: record.time,
    before_state: gridState(before),
    action: actionEntry(record.action),
    after_state: gridState(record.after)!,
    reward: record.reward,
    terminated: record.terminated,
    truncated: record.truncated,
    info: record.info,
    ...(record.state === undefined ? {} : { full_state: record.state }),
  };
}

function actionEntry(action: Action): ActionLogEntry {
  return {
    operation: action.operation,
    operation_name: operationName(action),
    selection: action.selection === undefined ? null : selectionEntry(action.selection),
  };
}

function selectionEntry(selection: Selection): PlainObject {
  return selection.kind === "mask" ? { kind: "mask", mask: Array.from(selection.mask) } : { ...selection };
}

function gridState(grid: Grid | null | undefined): GridState | null {
  if (grid === null || grid === undefined) return null;
  const rows = gridToRows(grid);
  if (grid.mask === undefined) return { grid: rows };
  return { grid: rows, mask: gridToRows({ shape: grid.shape, data: grid.mask }) };
}
