import type { Analysis, TaskAnalysis } from "../analyze/analysis.js";
import { descriptionText, intervalText, percent, shareText, short } from "./number-text.js";

/** A table of texts, whatever page it stands on. */
export interface TextTable {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Rows that were left out. */
  readonly left_out: number;
}

/** Rows of a table, at most; what is left out is counted. */
const MOST_ROWS = 100;

function table(headings: readonly string[], rows: readonly (readonly string[])[]): TextTable {
  return { headings, rows: rows.slice(0, MOST_ROWS), left_out: Math.max(0, rows.length - MOST_ROWS) };
}

export function title({ runs }: Analysis): string {
  if (runs.length === 1) return `Run ${runs[0]!.name}`;
  return `${runs.length} runs: ${runs.map(({ name }) => name).join(", ")}`;
}

/** The task with its pair, counted from 1, and mode. */
export function taskName({
  task_id,
  pair_index,
  mode,
}: Pick<TaskAnalysis, "task_id" | "pair_index" | "mode">): string {
  return `${task_id} ${mode} ${pair_index + 1}`;
}

export function numbersTable(analysis: Analysis): TextTable {
  const { success, returns, final_similarity, best_similarity, steps, outcomes } = analysis;
  const counted = Object.entries(outcomes).map(([name, count]) => `${name} ${count}`);
  return table(
    ["of all episodes", ""],
    [
      ["success", shareText(success)],
      ["outcomes", counted.join(", ")],
      ["return", descriptionText(returns)],
      ["final similarity", descriptionText(final_similarity)],
      ["best similarity", descriptionText(best_similarity)],
      ["steps", descriptionText(steps)],
    ],
  );
}

export function runsTable({ runs }: Analysis): TextTable {
  return table(
    ["run", "state", "episodes", "success", "what the producer says"],
    runs.map(({ name, state, episodes, success_rate, meta }) => [
      name,
      state,
      String(episodes),
      Number.isNaN(success_rate) ? "" : percent(success_rate),
      Object.entries(meta)
        .map(([key, value]) => `${key} = ${JSON.stringify(value)}`)
        .join(", "),
    ]),
  );
}

export function tasksTable({ tasks }: Analysis): TextTable {
  return table(
    [
      "task",
      "solved",
      "best similarity",
      "mean return",
      "earlier → later",
      "failures",
      "cells that stay wrong (row, column)",
    ],
    tasks.map((task) => [
      taskName(task),
      `${task.success.successes} of ${task.success.of}`,
      numberText(task.best_similarity?.most),
      numberText(task.returns?.mean),
      `${percent(task.earlier.rate)} → ${percent(task.later.rate)}`,
      task.failures
        .slice(0, 3)
        .map(({ mode, episodes }) => `${mode} ${episodes}`)
        .join(", "),
      task.wrong_cells
        .slice(0, 4)
        .map(({ row, column, episodes }) => `(${row}, ${column}) ${episodes}×`)
        .join(" "),
    ]),
  );
}

export function windowsTable({ windows }: Analysis): TextTable {
  return table(
    ["episodes", "success", "mean return", "median best similarity"],
    windows.map(({ first, last, success, returns, best_similarity }) => [
      `${first} to ${last}`,
      shareText(success),
      numberText(returns?.mean),
      numberText(best_similarity?.median),
    ]),
  );
}

export function operationsTable({ operations }: Analysis): TextTable {
  return table(
    [
      "operation",
      "uses",
      "without effect",
      "mean change of similarity",
      "losses",
      "losses right after",
      "in successes",
      "in failures",
    ],
    operations.map((use) => [
      use.name,
      String(use.uses),
      percent(use.without_effect / use.uses),
      numberText(use.mean_change),
      String(use.drops),
      String(use.drops_after),
      use.in_successes === null ? "" : percent(use.in_successes),
      use.in_failures === null ? "" : percent(use.in_failures),
    ]),
  );
}

export function contrastsTable({ contrasts }: Analysis): TextTable {
  return table(
    ["per episode", "successes", "failures", "difference, 95 % interval"],
    contrasts.map(({ name, successes, failures, interval }) => [
      name,
      short(successes),
      short(failures),
      interval === null ? "too few episodes" : intervalText(interval),
    ]),
  );
}

export function metricsTable({ metrics, runs }: Analysis): TextTable {
  return table(
    ["run", "metric", "values", "first", "last", "least", "most"],
    metrics.map(({ run, name, n, first, last, least, most }) => [
      runs[run]!.name,
      name,
      String(n),
      ...[first, last, least, most].map(short),
    ]),
  );
}

function numberText(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : short(value);
}
