import { type Grid, type KeyStep, operationName } from "@episcope/records";
import { drawErrors } from "../grid/error-marks.js";
import { gridErrors } from "../grid/grid-difference.js";
import { cropGrids } from "../grid/grid-frame.js";
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
import type { ShownKeyStep } from "./choose-key-steps.js";

const EACH = "the grid after each";
const CARD = { width: 182, picture: 152, gap: 12, text: 58 } as const;

/** The key steps as thumbnails of the grids after them, in the order of steps. Returns the height that it took. */
export function drawKeySteps(
  builder: SceneBuilder,
  shown: readonly ShownKeyStep[],
  total: number,
  target: Grid | null,
  x: number,
  y: number,
  width: number,
  detail: Detail,
): number {
  const perRow = Math.max(1, Math.floor((width + CARD.gap) / (CARD.width + CARD.gap)));
  builder.text(x, y + 14, "Key steps", { size: TEXT_SIZE.heading, weight: 700 });
  const left = total - shown.length;
  const some = `${shown.length} of ${total}`;
  const words = left === 0 ? EACH : builder.page.narrow ? some : `${some}; ${EACH}, each grid once`;
  builder.text(x + textWidth("Key steps  ", TEXT_SIZE.heading), y + 14, words, {
    size: TEXT_SIZE.caption,
    fill: ROLE.muted,
  });
  if (shown.length === 0) {
    builder.text(x, y + 42, "none", { size: TEXT_SIZE.body, fill: ROLE.muted });
    return 56;
  }
  const cropped = shown.map(({ step }) => cropGrids(target ? [step.after, target] : [step.after]).grids);
  const pictures = cropped.map(([grid]) => grid as Grid);
  const cells = pictures.map((grid) => cellSize(grid.shape, CARD.width - 20, CARD.picture, 24));
  let top = y + 26;
  for (let start = 0; start < shown.length; start += perRow) {
    const row = shown.slice(start, start + perRow);
    const heights = row.map((_, index) => {
      const place = start + index;
      return gridSide(pictures[place]?.shape[0] ?? 1, cells[place] as number);
    });
    const height = Math.max(...heights);
    const reasons = row.map(({ step }) => wrapReasons(step, CARD.width - 20));
    const text = CARD.text + 16 * (Math.max(...reasons.map((lines) => lines.length)) - 1);
    for (const [index, entry] of row.entries()) {
      const place = start + index;
      const card = x + index * (CARD.width + CARD.gap);
      builder.card(card, top, CARD.width, height + 20 + text);
      const cell = cells[place] as number;
      const grid = pictures[place] as (typeof pictures)[number];
      const side = gridSide(grid.shape[1], cell);
      const frame = drawGrid(
        builder,
        grid,
        {
          x: even(card + (CARD.width - side) / 2),
          y: even(top + 10 + (height - (heights[index] as number)) / 2),
          cell,
        },
        `after step ${entry.step.step}`,
        detail,
      );
      const wanted = cropped[place]?.[1];
      if (wanted) drawErrors(builder, grid, frame, gridErrors(grid, wanted).wrong);
      drawCaption(builder, entry, reasons[index] as string[], card + 10, top + height + 20);
    }
    top += height + 20 + text + CARD.gap;
  }
  return top - y;
}

function drawCaption(
  builder: SceneBuilder,
  { step, number, times }: ShownKeyStep,
  reasons: readonly string[],
  x: number,
  y: number,
): void {
  const room = CARD.width - 20;
  const flag = String(number);
  builder.text(x, y + 14, flag, { size: TEXT_SIZE.caption, weight: 700, fill: ROLE.accent });
  const left = x + textWidth(`${flag} `, TEXT_SIZE.caption);
  const name = `Step ${step.step}${times > 1 ? ` ×${times}` : ""}`;
  builder.text(left, y + 14, fitText(name, x + room - 56 - left, TEXT_SIZE.body), {
    size: TEXT_SIZE.body,
    weight: 700,
  });
  if (step.similarity !== null) {
    builder.text(x + room, y + 14, formatPercent(step.similarity), {
      size: TEXT_SIZE.caption,
      anchor: "end",
      fill: ROLE.muted,
    });
  }
  const color = operationColor(step.action);
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
