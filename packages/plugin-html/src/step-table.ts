import { formatPercent, formatPoints, formatShort, formatSigned, reasonText } from "@episcope/drawing";
import { operationName, type StepView } from "@episcope/records";
import { isolated } from "./escape.js";

/** The id of a step's picture in the page. */
export function stepId(step: number): string {
  return `step-${step}`;
}

export function stepTableHead(): string {
  const heads: [title: string, number: boolean][] = [
    ["Step", true],
    ["Operation", false],
    ["Selected", true],
    ["Reward", true],
    ["Total", true],
    ["Similarity", true],
    ["Change", true],
    ["Key step", false],
    ["Agent's metrics", false],
  ];
  const cells = heads.map(
    ([title, number]) => `<th scope="col"${number ? ' class="number"' : ' class="words"'}>${title}</th>`,
  );
  return `<thead><tr>${cells.join("")}</tr></thead>`;
}

/** `linked`: whether the page has a picture of the step. */
export function stepTableRow(view: StepView, linked: boolean): string {
  const selected = view.selection === null ? "" : String(view.selection.reduce((sum, cell) => sum + cell, 0));
  const metrics = Object.entries(view.info.metrics ?? {})
    .map(([name, value]) => `<span class="metric">${isolated(name)} ${formatShort(value)}</span>`)
    .join(" ");
  const cells = [
    number(linked ? `<a href="#${stepId(view.step)}">${view.step}</a>` : String(view.step)),
    words(isolated(operationName(view.action))),
    number(selected),
    number(signed(view.reward)),
    number(signed(view.reward_total)),
    number(view.similarity === null ? "n/a" : formatPercent(view.similarity)),
    number(view.similarity_change === null ? "" : formatPoints(view.similarity_change)),
    words(view.reasons.map(reasonText).join(", ")),
    `<td class="metrics">${metrics}</td>`,
  ];
  return `<tr${view.reasons.length > 0 ? ' class="key"' : ""}>${cells.join("")}</tr>`;
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
