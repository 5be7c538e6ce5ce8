import { formatPercent, formatPoints, formatShort, formatSigned, reasonText } from "@episcope/drawing";
import { operationName, type StepView } from "@episcope/records";
import { isolated } from "./escape.js";
import { scrollingTable } from "./page-parts.js";

/** Metrics that have a column each; the steps have the others. */
const MOST_METRICS = 12;

/** All steps with their numbers, and a column for each of the agent's metrics. */
export function stepTable(views: readonly StepView[], linkOf: (step: number) => string | null): string {
  const names = new Set<string>();
  for (const { info } of views) for (const name of Object.keys(info.metrics ?? {})) names.add(name);
  const metrics = [...names].slice(0, MOST_METRICS);
  const heads: [title: string, kind: "number" | "words"][] = [
    ["Step", "number"],
    ["Operation", "words"],
    ["Selected", "number"],
    ["Reward", "number"],
    ["Total", "number"],
    ["Similarity", "number"],
    ["Change", "number"],
    ["Key step", "words"],
    ...metrics.map((name): [string, "number"] => [isolated(shortened(name)), "number"]),
  ];
  const head = heads.map(([title, kind]) => `<th scope="col" class="${kind}">${title}</th>`).join("");
  const rows = views.map((view) => row(view, metrics, linkOf(view.step)));
  return scrollingTable("Table of all steps", `<thead><tr>${head}</tr></thead>`, rows);
}

function row(view: StepView, metrics: readonly string[], link: string | null): string {
  const selected = view.selection === null ? "" : String(view.selection.reduce((sum, cell) => sum + cell, 0));
  const cells = [
    number(link === null ? String(view.step) : `<a href="${link}">${view.step}</a>`),
    words(isolated(operationName(view.action))),
    number(selected),
    number(signed(view.reward)),
    number(signed(view.reward_total)),
    number(view.similarity === null ? "n/a" : formatPercent(view.similarity)),
    number(view.similarity_change === null ? "" : formatPoints(view.similarity_change)),
    words(view.reasons.map(reasonText).join(", ")),
    ...metrics.map((name) => {
      const value = view.info.metrics?.[name];
      return number(value === undefined ? "" : formatShort(value));
    }),
  ];
  return `<tr${view.reasons.length > 0 ? ' class="key"' : ""}>${cells.join("")}</tr>`;
}

function shortened(name: string): string {
  return name.length > 24 ? `${name.slice(0, 23)}…` : name;
}

export function signed(value: number): string {
  const text = formatSigned(value);
  return value === 0 || Number.isNaN(value)
    ? text
    : `<span class="${value > 0 ? "good" : "bad"}">${text}</span>`;
}

/** A cell whose text may break. */
function words(content: string): string {
  return `<td class="words">${content}</td>`;
}

function number(content: string): string {
  return `<td class="number">${content}</td>`;
}
