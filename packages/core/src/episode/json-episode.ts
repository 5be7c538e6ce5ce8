import { type Grid, gridToRows } from "./grid.js";
import { operationName } from "./operations.js";
import { escapePlain, numberWord } from "./plain.js";
import { EpisodeProgress } from "./progress.js";
import type {
  Action,
  EpisodeEndRecord,
  EpisodeRecord,
  EpisodeStartRecord,
  PlainValue,
  StepRecord,
} from "./record.js";

/** Version of the JSON export; `docs/formats.md` describes it. */
export const JSON_EPISODE_VERSION = 1;

export interface JsonEpisodeOptions {
  /** Hash of the run's config. */
  readonly configHash: string;
}

export interface JsonEpisodeSource {
  readonly number: number;
  /** Iterated twice: the head says what is known only at the end. */
  records(): Iterable<EpisodeRecord>;
}

/**
 * An episode as JSON text, piece by piece: a head with the fields of the original design's EpisodeLogEntry, then one
 * line per step. The pieces are never larger than a step.
 */
export function* encodeJsonEpisode(
  source: JsonEpisodeSource,
  { configHash }: JsonEpisodeOptions,
): Generator<string> {
  const head = surveyEpisode(source);
  const { start, end, progress } = head;
  const totals = end?.totals ?? progress?.totals;
  yield "{\n";
  const fields: [string, unknown][] = [
    ["format", "episcope-episode"],
    ["version", JSON_EPISODE_VERSION],
    ["episode_num", source.number],
    ["start_timestamp", start === undefined ? null : plain(start.time)],
    ["end_timestamp", end === undefined ? null : plain(end.time)],
    ["total_steps", totals?.steps ?? head.steps],
    ["total_reward", plain(totals?.reward ?? 0)],
    ["final_similarity", plain(totals?.final_similarity ?? null)],
    ["best_similarity", plain(totals?.best_similarity ?? null)],
    ["outcome", end?.outcome ?? "crashed"],
    ["task_id", start?.task_id ?? null],
    ["pair_index", start?.pair_index ?? null],
    ["mode", start?.mode ?? null],
    ["episode_key", start?.episode ?? null],
    ["config_hash", configHash],
    ["metadata", escapePlain(start?.meta ?? {})],
    ["initial", start === undefined ? null : gridState(start.initial)],
    ["input", start?.input === undefined ? null : gridState(start.input)],
    ["target", start === undefined || start.target === null ? null : gridState(start.target)],
  ];
  for (const [name, value] of fields) yield `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`;
  yield '  "steps": [';
  let last = start?.initial ?? null;
  let separator = "\n";
  for (const record of source.records()) {
    if (record.type === "episode-start") last = record.initial;
    if (record.type !== "step") continue;
    yield `${separator}    ${JSON.stringify(stepEntry(record, record.before ?? last))}`;
    last = record.after;
    separator = ",\n";
  }
  yield separator === "\n" ? "]\n}\n" : "\n  ]\n}\n";
}

interface Survey {
  readonly start: EpisodeStartRecord | undefined;
  readonly end: EpisodeEndRecord | undefined;
  readonly progress: EpisodeProgress | undefined;
  readonly steps: number;
}

function surveyEpisode(source: JsonEpisodeSource): Survey {
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
  return { start, end, progress, steps };
}

/** The original design's StepLogEntry. */
function stepEntry(record: StepRecord, before: Grid | null): Record<string, unknown> {
  return {
    step_num: record.step,
    timestamp: plain(record.time),
    before_state: before === null ? null : gridState(before),
    action: actionEntry(record.action),
    after_state: gridState(record.after),
    reward: plain(record.reward),
    terminated: record.terminated,
    truncated: record.truncated,
    info: escapePlain(record.info as { readonly [key: string]: PlainValue }),
    ...(record.state === undefined ? {} : { full_state: escapePlain(record.state) }),
  };
}

function actionEntry(action: Action): Record<string, unknown> {
  const { selection } = action;
  return {
    operation: action.operation,
    operation_name: operationName(action),
    selection:
      selection?.kind === "mask"
        ? { kind: "mask", mask: Array.from(selection.mask) }
        : selection === undefined
          ? null
          : { ...selection },
  };
}

function gridState(grid: Grid): Record<string, unknown> {
  return {
    grid: gridToRows(grid),
    ...(grid.mask === undefined ? {} : { mask: gridToRows({ shape: grid.shape, data: grid.mask }) }),
  };
}

function plain(value: number | null): number | string | null {
  return value === null ? null : (numberWord(value) ?? value);
}
