import type { WrongCell } from "../grid/grid-difference.js";
import { ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { plural } from "../text/episode-words.js";
import { textWidth } from "../text/text-metrics.js";
import { TEXT_SIZE } from "../text/text-size.js";

/** Up to so many cells are named; of more only the count is told, at the grid. */
const MOST_NAMED = 8;
const LINE = 20;
const SIZE = TEXT_SIZE.caption;

/** "(2, 0) has 3, wants 0", with row and column as `show_coordinates` counts them, from 0. */
function wordsOf({ row, column, has, wants }: WrongCell, [top, left]: readonly [number, number]): string {
  return `(${row + top}, ${column + left}) has ${has ?? "no cell"}, wants ${wants ?? "none"}`;
}

/** The wrong cells as a sentence for people who cannot see them; "" where there are none or too many. */
export function wrongCellsText(cells: readonly WrongCell[], offset: readonly [number, number]): string {
  if (cells.length === 0 || cells.length > MOST_NAMED) return "";
  return `${plural(cells.length, "cell")} not as in the target, as (row, column): ${cells.map((cell) => wordsOf(cell, offset)).join("; ")}.`;
}

const LABEL = "Not as in the target, (row, column):  ";

interface PlacedWords {
  readonly words: string;
  readonly x: number;
  readonly line: number;
}

function placeWords(
  cells: readonly WrongCell[],
  offset: readonly [number, number],
  width: number,
): PlacedWords[] {
  if (cells.length > MOST_NAMED) return [];
  let x = textWidth(LABEL, SIZE);
  let line = 0;
  return cells.map((cell, index) => {
    const words = wordsOf(cell, offset) + (index < cells.length - 1 ? ";" : "");
    const needed = textWidth(words, SIZE);
    if (x > 0 && x + needed > width) {
      x = 0;
      line++;
    }
    const placed = { words, x, line };
    x += needed + textWidth("  ", SIZE);
    return placed;
  });
}

/** Height of the words with the space below, 0 without any. */
export function wrongCellsHeight(
  cells: readonly WrongCell[],
  offset: readonly [number, number],
  width: number,
): number {
  const last = placeWords(cells, offset, width).at(-1);
  return last === undefined ? 0 : (last.line + 1) * LINE + 8;
}

/** The same on as many lines as it needs. Returns their height, 0 without any. */
export function drawWrongCells(
  builder: SceneBuilder,
  cells: readonly WrongCell[],
  offset: readonly [number, number],
  x: number,
  y: number,
  width: number,
): number {
  const placed = placeWords(cells, offset, width);
  if (placed.length === 0) return 0;
  builder.text(x, y + 12, LABEL.trim(), { size: SIZE, fill: ROLE.muted });
  for (const { words, x: at, line } of placed) {
    builder.text(x + at, y + 12 + line * LINE, words, { size: SIZE });
  }
  return wrongCellsHeight(cells, offset, width);
}
