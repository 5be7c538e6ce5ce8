import {
  type Action,
  type EpisodeHead,
  type EpisodeSeries,
  type KeyStepReason,
  OPERATION_NAMES,
  type Outcome,
} from "@episcope/records";
import { cleanText } from "./clean-text.js";
import { fitText, textWidth } from "./text-metrics.js";

const REASONS: { readonly [reason in KeyStepReason]: string } = {
  first: "first step",
  last: "last step",
  submit: "submit",
  similarity_jump: "similarity jump",
  similarity_drop: "similarity drop",
  new_best: "new best",
  first_success: "first success",
  resize: "resize",
  reward_outlier: "unusual reward",
};

export function reasonText(reason: KeyStepReason): string {
  return REASONS[reason];
}

const OUTCOMES: { readonly [outcome in Outcome]: string } = {
  success: "Solved",
  failure: "Not solved",
  truncated: "Out of steps",
  aborted: "Aborted",
  crashed: "Crashed",
};

export function outcomeText(outcome: Outcome): string {
  return OUTCOMES[outcome];
}

/** "1 cell", "2 cells". */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * The cell value that a fill or flood fill (operations 0..19) paints; null for all others, and for an operation that
 * the producer calls something else: the numbers of other environments mean other things.
 */
export function operationColor({ operation, name }: Action): number | null {
  if (name !== undefined && name !== OPERATION_NAMES[operation]) return null;
  return Number.isInteger(operation) && operation >= 0 && operation <= 19 ? operation % 10 : null;
}

/** "Task 0d3d703e · train pair 1"; a long task id is cut, never the rest. Pairs count from 1 here. */
export function taskLine(head: EpisodeHead, width: number, size: number): string {
  return line(head, ` · ${head.mode} pair ${head.pair_index + 1}`, width, size);
}

/** The same with the number of the episode. */
export function episodeLine(head: EpisodeHead, width: number, size: number): string {
  return line(head, ` · ${head.mode} pair ${head.pair_index + 1} · episode ${head.number}`, width, size);
}

function line(head: EpisodeHead, rest: string, width: number, size: number): string {
  const room = width - textWidth(`Task ${rest}`, size);
  return `Task ${fitText(cleanText(head.task_id), room, size)}${rest}`;
}

/** Columns that a task takes in the name of an episode. */
const TASK_COLUMNS = 10;

/** What charts call episodes: "007bbfb7 · 3" where they are of several tasks, else "episode 3". */
export function episodeNames(episodes: readonly EpisodeSeries[]): string[] {
  const several = new Set(episodes.map(({ task_id }) => task_id)).size > 1;
  return episodes.map(({ label, task_id }) => {
    const name = cleanText(label);
    if (!several) return name;
    const task = fitText(cleanText(task_id), textWidth("0".repeat(TASK_COLUMNS), 12), 12);
    return `${task} · ${name.replace(/^episode /, "")}`;
  });
}
