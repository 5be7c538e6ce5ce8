import { formatNumber, formatPercent, outcomeText, type Palette, ROLE } from "@episcope/drawing";
import type { SummaryView } from "@episcope/records";
import type { Panel } from "./grid-block.js";
import type { Ink } from "./ink.js";
import { layPanels, type PanelSpace } from "./panels.js";
import { signed, sizeOf, stepParts, targetPanel } from "./step-text.js";
import { clipped, flowed, recorded, sparkline } from "./text.js";

/** An episode in a few lines: outcome, totals, curves, key steps, final grid against target. */
export function summaryText(view: SummaryView, space: PanelSpace, ink: Ink, palette: Palette): string[] {
  const { episode, totals, outcome } = view;
  const { columns } = space;
  const paint = outcome === "success" ? ROLE.positive : ROLE.negative;
  const lines = [
    ...flowed(
      [
        ink.bold(`Task ${recorded(episode.task_id)}`),
        `pair ${episode.pair_index + 1}`,
        episode.mode,
        `episode ${episode.number}`,
        ink.bold(ink.paint(outcomeText(outcome), paint)),
      ],
      columns,
    ),
    ...flowed(
      [
        `${totals.steps} ${totals.steps === 1 ? "step" : "steps"}`,
        `reward ${signed(totals.reward, ink)}`,
        totals.final_similarity === null ? "" : `similarity ${formatPercent(totals.final_similarity)}`,
        totals.best_similarity === null ? "" : `best ${formatPercent(totals.best_similarity)}`,
      ],
      columns,
    ),
  ];
  if (view.rewards.length > 1) {
    lines.push("", curve("reward", view.rewards, ROLE.reward, columns, ink));
    if (view.similarities.some((value) => Number.isFinite(value))) {
      lines.push(curve("similarity", view.similarities, ROLE.similarity, columns, ink));
    }
  }
  if (view.key_steps.length > 0) {
    lines.push("", ink.bold("Key steps"));
    for (const step of view.key_steps)
      lines.push(clipped(`  ${flowed(stepParts(step, ink), 1000)[0]}`, columns));
  }
  const panels: Panel[] = [{ title: `Final ${sizeOf(view.final)}`, note: "", grid: view.final }];
  if (episode.target !== null) panels.push(targetPanel(view.final, episode.target));
  return [...lines, "", ...layPanels(panels, { columns }, ink, palette)];
}

/** "reward      ▁▂▅█  −0.100 to 0.400" */
export function curve(name: string, values: Float64Array, paint: number, columns: number, ink: Ink): string {
  const finite = values.filter((value) => Number.isFinite(value));
  const range =
    finite.length === 0
      ? "no values"
      : `${formatNumber(finite.reduce((a, b) => Math.min(a, b)))} to ${formatNumber(finite.reduce((a, b) => Math.max(a, b)))}`;
  const label = clipped(name, 16).padEnd(11);
  const room = columns - label.length - range.length - 3;
  if (room < 4) return clipped(`${label} ${range}`, columns);
  return `${label} ${ink.paint(sparkline(values, room), paint)}  ${range}`;
}
