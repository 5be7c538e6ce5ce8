import type { Grid } from "@episcope/records";
import type { GridFrame, MarksItem } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { showsDigits } from "./grid-panel.js";

/** Up to so many wrong cells get a ring each: more are found without one, and rings would hide the grid. */
const MOST_RINGS = 40;
/** In smaller cells than this, many marks would leave nothing of the colours. */
const SMALLEST_MARKED = 6;
/** A ring is never smaller than this, whatever the cell: one wrong cell of 900 must be found. */
const SMALLEST_RING = 7;

/** Side of a mark in the corner of a cell; smaller where it must leave a digit alone. */
export function cornerSize(cell: number, digits: boolean): number {
  if (digits) return Math.max(3, Math.min(8, Math.floor(cell / 5)));
  return cell < 8 ? 1 : Math.min(10, Math.floor(cell / 4));
}

/** How the wrong cells of a grid are marked. */
export type ErrorMark = Pick<MarksItem, "mark" | "size" | "weight">;

/**
 * A few wrong cells are ringed; many are marked in their middle, or in their corner where the middle holds a digit. Null
 * where many marks have no room.
 */
function errorMark(builder: SceneBuilder, grid: Grid, cell: number, count: number): ErrorMark | null {
  if (count <= MOST_RINGS) {
    // Even cells, odd rings: both have the same middle. Small cells are ringed from outside.
    const side = cell + 1 + (cell < 8 ? 2 : 0);
    return { mark: "ring", size: Math.max(SMALLEST_RING, side), weight: cell < 24 ? 2 : 3 };
  }
  if (cell < SMALLEST_MARKED) return null;
  if (showsDigits(builder, grid, cell)) return { mark: "corner", size: cornerSize(cell, true) };
  return { mark: "centre", size: centreSize(cell) };
}

/** Marks the cells that differ from the target; `wrong` is a mask over the grid. Returns how, null without one. */
export function drawErrors(
  builder: SceneBuilder,
  grid: Grid,
  frame: GridFrame,
  wrong: Uint8Array,
): ErrorMark | null {
  const count = wrong.reduce((sum, cell) => sum + cell, 0);
  if (count === 0) return null;
  const mark = errorMark(builder, grid, frame.cell, count);
  if (mark !== null)
    builder.add({ kind: "marks", ...mark, ...frame, data: grid.data, mask: wrong, label: "wrong cells" });
  return mark;
}

/** About a third of the cell, and such that it has equal room on all sides. */
function centreSize(cell: number): number {
  const size = Math.max(2, Math.round(cell / 3));
  return (cell + 1 - size) % 2 === 0 ? size : size + 1;
}
