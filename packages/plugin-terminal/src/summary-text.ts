import { formatNumber, formatPercent, outcomeText, type Palette, ROLE } from "@episcope/drawing";
import type { SummaryView } from "@episcope/records";
import { fitPanels } from "./crop.js";
import type { Panel } from "./grid-block.js";
import type { Ink } from "./ink.js";
import type { PanelSpace } from "./panels.js";
import { focusOf, signed, sizeOf, stepParts, targetPanel } from "./step-text.js";
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
  const panels: Panel[] = [{ title: `Final ${sizeOf(view.final)}`, note: "", grid: view.final }];
  const target = episode.target === null ? null : targetPanel(view.final, episode.target);
  if (target !== null) panels.push(target);
  const highest = Math.max(...panels.map(({ grid }) => grid.shape[0]));
  lines.push(...keyStepLines(view, space, lines.length + Math.min(highest, GRID_ROWS) + FRAME_ROWS, ink), "");
  const rows = space.rows === undefined ? undefined : Math.max(1, space.rows - lines.length);
  return [
    ...lines,
    ...fitPanels(panels, target === null ? null : focusOf(target), { columns, rows }, ink, palette),
  ];
}

/** Lines that the grids of a summary get in a low terminal, before its key steps; and those of titles and notes. */
const GRID_ROWS = 8;
const FRAME_ROWS = 4;

/** A line for each key step; in a low terminal those that there is room for beside the `others`, at least three. */
function keyStepLines(view: SummaryView, { columns, rows }: PanelSpace, others: number, ink: Ink): string[] {
  const steps = view.key_steps;
  if (steps.length === 0) return [];
  // The heading and the line before it.
  const room = rows === undefined ? steps.length : Math.max(3, rows - others - 2);
  // Where some are left out, a line says so.
  const shown = steps.length <= room ? steps.length : room - 1;
  const lines = steps
    .slice(0, shown)
    .map((step) => clipped(`  ${flowed(stepParts(step, ink), 1000)[0]}`, columns));
  if (shown < steps.length) lines.push(ink.dim(`  and ${steps.length - shown} more`));
  return ["", ink.bold("Key steps"), ...lines];
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
