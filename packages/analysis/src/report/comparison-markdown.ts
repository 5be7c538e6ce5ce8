import type { EpisodeComparison, StepAt } from "../compare/align-episodes.js";
import type { PairedDifference, RunComparison, TaskPairing } from "../compare/compare-runs.js";
import { markdownTable } from "./markdown-table.js";
import { chanceText, intervalText, percent, short } from "./number-text.js";
import { taskName } from "./tables.js";

const MOST_ROWS = 50;

const NAMES: { readonly [Name in PairedDifference["name"]]: string } = {
  success_rate: "success rate",
  mean_return: "mean return",
  best_similarity: "best similarity",
  steps: "steps",
};

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return markdownTable({
    headings,
    rows: rows.slice(0, MOST_ROWS),
    left_out: Math.max(0, rows.length - MOST_ROWS),
  });
}

/** Two runs beside each other: results by task, then what differs in their configs. */
export function comparisonMarkdown(comparison: RunComparison): string {
  const { a, b, tasks, only_a, only_b, differences, config } = comparison;
  const parts = [
    `# ${a.name} (A) and ${b.name} (B)`,
    verdict(comparison),
    table(
      ["", "A", "B"],
      [
        ["episodes", String(a.episodes), String(b.episodes)],
        ["success rate", percent(a.success_rate), percent(b.success_rate)],
        ["mean return", short(a.mean_return), short(b.mean_return)],
      ],
    ),
  ];
  if (differences.length > 0) {
    parts.push(
      "## B minus A, over the tasks that both played",
      table(
        ["", "mean difference", "95 % interval", "tasks"],
        differences.map(({ name, mean, interval, n }) => [
          NAMES[name],
          short(mean),
          interval === null ? `none: ${n} tasks are too few` : intervalText(interval),
          String(n),
        ]),
      ),
    );
  }
  for (const change of ["newly_solved", "newly_broken"] as const) {
    const changed = tasks.filter((task) => task.change === change);
    if (changed.length > 0)
      parts.push(`## ${change === "newly_solved" ? "Newly solved" : "Newly broken"}`, taskTable(changed));
  }
  if (only_a.length > 0) parts.push(`Only A played: ${listed(only_a)}.`);
  if (only_b.length > 0) parts.push(`Only B played: ${listed(only_b)}.`);
  if (config.length > 0) {
    parts.push(
      "## Configs",
      table(
        ["key", "A", "B"],
        config.map(({ key, a, b }) => [
          key,
          a === undefined ? "" : JSON.stringify(a),
          b === undefined ? "" : JSON.stringify(b),
        ]),
      ),
    );
  }
  return `${parts.join("\n\n")}\n`;
}

function verdict({ tasks, chance }: RunComparison): string {
  if (tasks.length === 0) return "They have no task in common, so nothing can be compared task by task.";
  const solved = tasks.filter(({ change }) => change === "newly_solved").length;
  const broken = tasks.filter(({ change }) => change === "newly_broken").length;
  const counts = `Of ${tasks.length} tasks that both played, B solves ${solved} that A did not and fails ${broken} that A solved.`;
  if (solved + broken === 0) return counts;
  return `${counts} If nothing had changed, a split at least as uneven would come about with a chance of ${chanceText(chance)}${solved + broken < 6 ? `; ${solved + broken} changed tasks are too few to say more` : ""}.`;
}

function taskTable(tasks: readonly TaskPairing[]): string {
  return table(
    ["task", "A solved", "B solved", "return A", "return B"],
    tasks.map((task) => [
      taskName(task),
      `${task.a.successes} of ${task.a.of}`,
      `${task.b.successes} of ${task.b.of}`,
      ...task.returns.map(short),
    ]),
  );
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(", ");
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}

/** Two episodes beside each other, aligned by the grids that they walk through. */
export function episodeComparisonMarkdown(comparison: EpisodeComparison): string {
  const { a, b, same_start, divergence, meeting, shared, stretches } = comparison;
  const start = same_start ? "Both begin with the same grid." : "They begin with different grids.";
  const parts = [
    `# Episode ${a.number} (A) and episode ${b.number} (B)`,
    table(
      ["", "A", "B"],
      [
        ["task", taskName(a), taskName(b)],
        ["outcome", a.outcome, b.outcome],
        ["steps", String(a.steps), String(b.steps)],
        ["total reward", short(a.totals.reward), short(b.totals.reward)],
        [
          "final similarity",
          numberOrNothing(a.totals.final_similarity),
          numberOrNothing(b.totals.final_similarity),
        ],
      ],
    ),
    `${[start, divergenceText(divergence), meetingText(comparison)].filter((text) => text !== "").join(" ")} ${shared} of ${a.steps + 1} and ${b.steps + 1} grids are shared in order.`,
  ];
  if (divergence !== null || meeting !== null) {
    parts.push(
      table(
        ["", "steps of A", "steps of B"],
        stretches.map(({ kind, a, b }) => [
          kind === "both" ? "the same grids" : kind === "only_a" ? "only A" : "only B",
          rangeText(a),
          rangeText(b),
        ]),
      ),
    );
  }
  return `${parts.join("\n\n")}\n`;
}

function divergenceText(divergence: EpisodeComparison["divergence"]): string {
  if (divergence === null) return "They walk through the same grids.";
  const { a, b } = divergence;
  // They begin apart, which is said already.
  if (a === null && b === null) return "";
  if (a === null) return `A ends where B goes on with ${stepText(b!)}.`;
  if (b === null) return `B ends where A goes on with ${stepText(a)}.`;
  return `They part where A does ${stepText(a)} and B ${stepText(b)}.`;
}

function meetingText({ meeting, divergence, same_start }: EpisodeComparison): string {
  if (meeting !== null)
    return `They ${same_start ? "meet again" : "first meet"} after ${meeting.a} steps of A and ${meeting.b} of B.`;
  return divergence === null ? "" : `They do not meet${same_start ? " again" : ""}.`;
}

function stepText({ step, operation, reward, similarity }: StepAt): string {
  return `step ${step}, ${operation} (reward ${short(reward)}${similarity === null ? "" : `, similarity ${short(similarity)}`})`;
}

/** State 0 is the beginning; state k is what step k - 1 made. */
function rangeText(range: { readonly from: number; readonly to: number } | null): string {
  if (range === null) return "";
  const [from, to] = [range.from, range.to].map((state) =>
    state === 0 ? "the beginning" : `step ${state - 1}`,
  );
  return from === to ? from! : `${from} to ${to}`;
}

function numberOrNothing(value: number | null): string {
  return value === null ? "" : short(value);
}
