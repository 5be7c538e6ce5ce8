import type { Grid } from "@episcope/records";
import type { GridFrame, MarksItem } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";
import { showsDigits } from "./grid-panel.js";

/** Side of a mark in the corner of a cell; smaller where it must leave a digit alone. */
export function cornerSize(cell: number, digits: boolean): number {
  if (digits) return Math.max(3, Math.min(8, Math.floor(cell / 5)));
  return cell < 8 ? 1 : Math.min(10, Math.floor(cell / 4));
}

/** Wrong cells are marked in their middle, or in their corner where the middle holds a digit. */
export function errorMark(builder: SceneBuilder, grid: Grid, cell: number): MarksItem["mark"] {
  return showsDigits(builder, grid, cell) ? "corner" : "centre";
}

/** Marks the cells that differ from the target; `wrong` is a mask over the grid. */
export function drawErrors(builder: SceneBuilder, grid: Grid, frame: GridFrame, wrong: Uint8Array): void {
  if (!wrong.includes(1)) return;
  const mark = errorMark(builder, grid, frame.cell);
  const size = mark === "corner" ? cornerSize(frame.cell, true) : centreSize(frame.cell);
  builder.add({ kind: "marks", mark, ...frame, size, data: grid.data, mask: wrong, label: "wrong cells" });
}

/** About a third of the cell, and such that it has equal room on all sides. */
function centreSize(cell: number): number {
  const size = Math.max(2, Math.round(cell / 3));
  return (cell + 1 - size) % 2 === 0 ? size : size + 1;
}
