import {
  formatPercent,
  formatPoints,
  formatShort,
  formatSigned,
  gridDifference,
  operationColor,
  type Palette,
  ROLE,
  reasonText,
} from "@episcope/drawing";
import { type KeyStepReason, operationName, type StepView } from "@episcope/records";
import { type Box, boxOf, fitPanels } from "./crop.js";
import type { Panel } from "./grid-block.js";
import type { Ink } from "./ink.js";
import type { PanelSpace } from "./panels.js";
import { flowed, recorded } from "./text.js";

/** What a line about a step says; a step of a live run and a key step of a summary both have it. */
interface StepFigures {
  readonly step: number;
  readonly action: StepView["action"];
  readonly reward: number;
  readonly similarity: number | null;
  readonly reasons: readonly KeyStepReason[];
}

/** "step 12  ■ Fill 3  reward +0.036  similarity 83.0%  new best", in parts. */
export function stepParts(figures: StepFigures, ink: Ink): string[] {
  const { step, action, reward, similarity, reasons } = figures;
  const color = operationColor(action);
  const swatch = color === null || ink.depth === "none" ? "" : `${ink.cell(color, null)}  ${ink.reset} `;
  return [
    ink.bold(`step ${step}`),
    `${swatch}${recorded(operationName(action))}`,
    `reward ${signed(reward, ink)}`,
    similarity === null ? "" : `similarity ${formatPercent(similarity)}`,
    reasons.length === 0 ? "" : ink.paint(reasons.map(reasonText).join(", "), ROLE.accent),
  ];
}

export function signed(value: number, ink: Ink): string {
  const text = formatSigned(value);
  return value > 0 ? ink.paint(text, ROLE.positive) : value < 0 ? ink.paint(text, ROLE.negative) : text;
}

/** A step with its grids: before, after and target. */
export function stepText(view: StepView, space: PanelSpace, ink: Ink, palette: Palette): string[] {
  const { episode, before, after, selection } = view;
  const heading = flowed(
    [
      ink.bold(`Task ${recorded(episode.task_id)}`),
      `pair ${episode.pair_index + 1}`,
      episode.mode,
      `episode ${episode.number}`,
    ],
    space.columns,
  );
  const changes = [
    `total ${signed(view.reward_total, ink)}`,
    view.similarity_change === null ? "" : `similarity ${formatPoints(view.similarity_change)} points`,
    view.best_similarity === null ? "" : `best ${formatPercent(view.best_similarity)}`,
    view.efficiency === null ? "" : `efficiency ${formatPoints(view.efficiency)} points a step`,
    view.terminated ? "terminated" : view.truncated ? "truncated" : "",
  ];
  const metrics = Object.entries(view.info.metrics ?? {}).map(
    ([name, value]) => `${recorded(name)} ${formatShort(value)}`,
  );
  const lines = [
    ...heading,
    ...flowed(stepParts(view, ink), space.columns),
    ...flowed(changes, space.columns),
    ...flowed(metrics, space.columns),
    "",
  ];
  const difference = gridDifference(before, after);
  const panels: Panel[] = [
    {
      title: `Before ${sizeOf(before)}`,
      note: selection === null ? "" : `${described(selection, before.shape[1])} selected`,
      grid: before,
      marks: selection,
    },
    {
      title: `After ${sizeOf(after)}`,
      note: [
        difference.changedCells === 0
          ? "no cell changed"
          : `${described(difference.changed, after.shape[1])} changed`,
        difference.resized ? `${sizeOf(before)} became ${sizeOf(after)}` : "",
      ]
        .filter((part) => part !== "")
        .join(", "),
      grid: after,
      marks: difference.changed,
      mark: "<>",
    },
  ];
  const target = episode.target === null ? null : targetPanel(after, episode.target);
  if (target !== null) panels.push(target);
  const focus =
    boxOf(difference.changed, after.shape[1]) ??
    boxOf(selection, before.shape[1]) ??
    (target === null ? null : focusOf(target));
  const rows = space.rows === undefined ? undefined : Math.max(1, space.rows - lines.length);
  return [...lines, ...fitPanels(panels, focus, { columns: space.columns, rows }, ink, palette)];
}

/** The target beside what was reached: marked where they differ. */
export function targetPanel(reached: StepView["after"], target: StepView["after"]): Panel {
  const { changed, changedCells, resized } = gridDifference(reached, target);
  const note =
    changedCells === 0 && !resized
      ? "reached"
      : `${cells(changedCells)} to go${resized ? ", other size" : ""}`;
  return { title: `Target ${sizeOf(target)}`, note, grid: target, marks: changed, mark: "<>" };
}

/** Where a panel has marks. */
export function focusOf({ grid, marks }: Panel): Box | null {
  return boxOf(marks ?? null, grid.shape[1]);
}

export function sizeOf({ shape: [rows, columns] }: StepView["after"]): string {
  return `${rows}x${columns}`;
}

function cells(count: number): string {
  return `${count} ${count === 1 ? "cell" : "cells"}`;
}

/** "6 cells, rows 2-2, columns 1-6": where marks are, for modes that cannot show them. */
function described(mask: Uint8Array, columns: number): string {
  const box = boxOf(mask, columns);
  if (box === null) return cells(0);
  const count = mask.reduce((sum, marked) => sum + (marked === 1 ? 1 : 0), 0);
  const { top, left, bottom, right } = box;
  if (count === 1) return `cell ${top},${left}`;
  return `${cells(count)} in ${top},${left} to ${bottom},${right}`;
}
