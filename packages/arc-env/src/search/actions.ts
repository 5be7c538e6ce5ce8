import type { Action, Grid } from "@episcope/records";
import { OPERATION } from "../environment/operations.js";
import { at, type Box } from "./raster.js";

/** Actions as a person would say them; the planner strings them together. */

const bbox = (box: Box): Action["selection"] => ({
  kind: "bbox",
  bbox: [box.top, box.left, box.bottom, box.right],
});

export function on(operation: number, box?: Box): Action {
  const selection = box === undefined ? undefined : bbox(box);
  return selection === undefined ? { operation } : { operation, selection };
}

export const resizeTo = (rows: number, columns: number): Action =>
  on(OPERATION.resize, { top: 0, left: 0, bottom: rows - 1, right: columns - 1 });

export const pasteAt = (row: number, column: number): Action => ({
  operation: OPERATION.paste,
  selection: { kind: "point", point: [row, column] },
});

export const floodFillAt = (color: number, row: number, column: number): Action => ({
  operation: OPERATION.floodFill + color,
  selection: { kind: "point", point: [row, column] },
});

/** Fills cells given by row-major index; takes a point or a box where the cells form one. */
export function fillCells(color: number, cells: readonly number[], rows: number, columns: number): Action {
  const operation = OPERATION.fill + color;
  const rowOf = (cell: number): number => Math.floor(cell / columns);
  const top = Math.min(...cells.map(rowOf));
  const bottom = Math.max(...cells.map(rowOf));
  const left = Math.min(...cells.map((cell) => cell % columns));
  const right = Math.max(...cells.map((cell) => cell % columns));
  if (cells.length === 1) return { operation, selection: { kind: "point", point: [top, left] } };
  if (cells.length === (bottom - top + 1) * (right - left + 1))
    return on(operation, { top, left, bottom, right });
  const mask = new Uint8Array(rows * columns);
  for (const cell of cells) mask[cell] = 1;
  return { operation, selection: { kind: "mask", mask } };
}

/** Cuts a grid down to one of its boxes: copy, resize, paste. */
export function cropActions(box: Box): Action[] {
  const rows = box.bottom - box.top + 1;
  const columns = box.right - box.left + 1;
  if (box.top === 0 && box.left === 0) return [resizeTo(rows, columns)];
  return [on(OPERATION.copy, box), resizeTo(rows, columns), pasteAt(0, 0)];
}

/** Turns `from` into `to`: one resize where the shape differs, then one fill for each colour that is missing. */
export function paintActions(from: Grid, to: Grid): Action[] {
  const [rows, columns] = to.shape;
  const resized = from.shape[0] !== rows || from.shape[1] !== columns;
  const wrong = new Map<number, number[]>();
  for (const [index, color] of to.data.entries()) {
    const now = at(from, Math.floor(index / columns), index % columns);
    if ((now < 0 ? 0 : now) === color) continue;
    const cells = wrong.get(color);
    if (cells === undefined) wrong.set(color, [index]);
    else cells.push(index);
  }
  const fills = [...wrong].sort(([a], [b]) => a - b);
  return [
    ...(resized ? [resizeTo(rows, columns)] : []),
    ...fills.map(([color, cells]) => fillCells(color, cells, rows, columns)),
  ];
}
