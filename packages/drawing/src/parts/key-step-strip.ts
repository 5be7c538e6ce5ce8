import { type KeyStep, type KeyStepReason, operationName } from "@episcope/records";
import { cropGrid } from "../grid/grid-frame.js";
import { cellSize, drawGrid, gridSide } from "../grid/grid-panel.js";
import type { Detail } from "../scene/detail.js";
import { even } from "../scene/layout.js";
import { ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";
import { operationColor, reasonText } from "../text/episode-words.js";
import { formatPercent } from "../text/format-number.js";
import { fitText, textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

const CARD = { width: 182, picture: 152, gap: 12, text: 58 } as const;

/** Which reasons say most about an episode, for choosing among many key steps. */
const WEIGHTS: { readonly [reason in KeyStepReason]: number } = {
  first: 100,
  last: 100,
  first_success: 50,
  submit: 20,
  similarity_drop: 8,
  similarity_jump: 7,
  resize: 6,
  reward_outlier: 5,
  new_best: 4,
};

/** The key steps as thumbnails of the grids after them, in the order of steps. Returns the height that it took. */
export function drawKeySteps(
  builder: SceneBuilder,
  steps: readonly KeyStep[],
  total: number,
  x: number,
  y: number,
  width: number,
  detail: Detail,
): number {
  const perRow = Math.max(1, Math.floor((width + CARD.gap) / (CARD.width + CARD.gap)));
  const shown = chooseKeySteps(steps, Math.max(perRow, detail.thumbnails - (detail.thumbnails % perRow)));
  builder.text(x, y + 14, "Key steps", { size: TEXT_SIZE.heading, weight: 700 });
  const left = total - shown.length;
  builder.text(
    x + textWidth("Key steps  ", TEXT_SIZE.heading),
    y + 14,
    left > 0 ? `${shown.length} of ${total}; the grid after each` : "the grid after each",
    { size: TEXT_SIZE.caption, fill: ROLE.muted },
  );
  if (shown.length === 0) {
    builder.text(x, y + 42, "none", { size: TEXT_SIZE.body, fill: ROLE.muted });
    return 56;
  }
  const pictures = shown.map((step) => cropGrid(step.after));
  const cells = pictures.map((grid) => cellSize(grid.shape, CARD.width - 20, CARD.picture, 24));
  let top = y + 26;
  for (let start = 0; start < shown.length; start += perRow) {
    const row = shown.slice(start, start + perRow);
    const heights = row.map((_, index) => {
      const place = start + index;
      return gridSide(pictures[place]?.shape[0] ?? 1, cells[place] as number);
    });
    const height = Math.max(...heights);
    const reasons = row.map((step) => wrapReasons(step, CARD.width - 20));
    const text = CARD.text + 16 * (Math.max(...reasons.map((lines) => lines.length)) - 1);
    for (const [index, step] of row.entries()) {
      const place = start + index;
      const card = x + index * (CARD.width + CARD.gap);
      builder.card(card, top, CARD.width, height + 20 + text);
      const cell = cells[place] as number;
      const grid = pictures[place] as (typeof pictures)[number];
      const side = gridSide(grid.shape[1], cell);
      drawGrid(
        builder,
        grid,
        {
          x: even(card + (CARD.width - side) / 2),
          y: even(top + 10 + (height - (heights[index] as number)) / 2),
          cell,
        },
        `after step ${step.step}`,
        detail,
      );
      drawCaption(builder, step, reasons[index] as string[], card + 10, top + height + 20);
    }
    top += height + 20 + text + CARD.gap;
  }
  return top - y;
}

function drawCaption(
  builder: SceneBuilder,
  step: KeyStep,
  reasons: readonly string[],
  x: number,
  y: number,
): void {
  const room = CARD.width - 20;
  const name = `Step ${step.step}`;
  builder.text(x, y + 14, name, { size: TEXT_SIZE.body, weight: 700 });
  if (step.similarity !== null) {
    builder.text(x + room, y + 14, formatPercent(step.similarity), {
      size: TEXT_SIZE.caption,
      anchor: "end",
      fill: ROLE.muted,
    });
  }
  const color = operationColor(step.action.operation);
  if (color !== null) builder.swatch(x, y + 21, 12, color);
  const shift = color === null ? 0 : 18;
  const operation = fitText(cleanText(operationName(step.action)), room - shift, TEXT_SIZE.caption);
  builder.text(x + shift, y + 31, operation, { size: TEXT_SIZE.caption });
  for (const [line, text] of reasons.entries()) {
    builder.text(x, y + 48 + line * 16, text, { size: TEXT_SIZE.caption, fill: ROLE.muted });
  }
}

/** The reasons on three lines at most. */
function wrapReasons(step: KeyStep, room: number): string[] {
  const lines: string[] = [""];
  for (const reason of step.reasons.map(reasonText)) {
    const line = lines[lines.length - 1] as string;
    const longer = line === "" ? reason : `${line}, ${reason}`;
    if (lines.length === 3 || textWidth(`${longer},`, TEXT_SIZE.caption) <= room)
      lines[lines.length - 1] = longer;
    else {
      lines[lines.length - 1] = `${line},`;
      lines.push(reason);
    }
  }
  return lines.map((line) => fitText(line, room, TEXT_SIZE.caption));
}

/** At most `count` key steps: those with the weightiest reasons, earlier ones first among equals. */
function chooseKeySteps(steps: readonly KeyStep[], count: number): KeyStep[] {
  if (steps.length <= count) return [...steps];
  const weight = (step: KeyStep): number => step.reasons.reduce((sum, reason) => sum + WEIGHTS[reason], 0);
  const ranked = steps
    .map((step, index) => ({ step, index }))
    .sort((a, b) => weight(b.step) - weight(a.step) || a.index - b.index);
  const kept = ranked.slice(0, count).sort((a, b) => a.index - b.index);
  return kept.map(({ step }) => step);
}
