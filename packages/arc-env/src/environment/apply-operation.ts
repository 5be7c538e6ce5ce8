import { type Action, createGrid, type Grid, type Selection, selectionMask } from "@episcope/records";
import { OPERATION } from "./operations.js";
import { ARC_MAX_COLOR, ARC_MAX_SIDE } from "./task.js";

/** What the operations 0..33 read and change. */
export interface Canvas {
  readonly grid: Grid;
  /** What Copy or Cut took: the box of its selection; `mask` says which cells of it were selected. */
  readonly clipboard: Grid | null;
}

/**
 * Carries out an operation on a canvas and returns the new one; arguments stay as they are. `input` is what
 * Copy Input brings back. Ids from Submit on leave the canvas alone. The semantics are this package's own and stand
 * in its README; an operation that cannot apply changes nothing.
 * @throws EpiscopeError `SELECTION_INVALID` for a mask of another length than the grid.
 */
export function applyOperation(canvas: Canvas, action: Action, input: Grid): Canvas {
  const { grid, clipboard } = canvas;
  const { operation } = action;
  const selected = select(grid, action.selection);
  if (operation < OPERATION.floodFill) return { ...canvas, grid: fill(grid, selected, operation) };
  if (operation < OPERATION.moveUp)
    return { ...canvas, grid: floodFill(grid, selected, operation - OPERATION.floodFill) };
  const box = boxOfMask(selected ?? new Uint8Array(grid.data.length).fill(1), grid.shape);
  switch (operation) {
    case OPERATION.moveUp:
      return { ...canvas, grid: rearrange(grid, box, (r, c, rows) => [(r + 1) % rows, c]) };
    case OPERATION.moveDown:
      return { ...canvas, grid: rearrange(grid, box, (r, c, rows) => [(r + rows - 1) % rows, c]) };
    case OPERATION.moveLeft:
      return { ...canvas, grid: rearrange(grid, box, (r, c, _, columns) => [r, (c + 1) % columns]) };
    case OPERATION.moveRight:
      return {
        ...canvas,
        grid: rearrange(grid, box, (r, c, _, columns) => [r, (c + columns - 1) % columns]),
      };
    case OPERATION.flipHorizontal:
      return { ...canvas, grid: rearrange(grid, box, (r, c, _, columns) => [r, columns - 1 - c]) };
    case OPERATION.flipVertical:
      return { ...canvas, grid: rearrange(grid, box, (r, c, rows) => [rows - 1 - r, c]) };
    case OPERATION.rotateClockwise:
      return { ...canvas, grid: rotate(grid, box, true) };
    case OPERATION.rotateCounterclockwise:
      return { ...canvas, grid: rotate(grid, box, false) };
    case OPERATION.copy:
      return { grid, clipboard: cutOut(grid, selected, box) };
    case OPERATION.cut:
      return { grid: fill(grid, selected ?? allOf(grid), 0), clipboard: cutOut(grid, selected, box) };
    case OPERATION.paste:
      return clipboard === null ? canvas : { grid: paste(grid, clipboard, box), clipboard };
    case OPERATION.clear:
      return { ...canvas, grid: fill(grid, selected ?? allOf(grid), 0) };
    case OPERATION.copyInput:
      return { ...canvas, grid: input };
    case OPERATION.resize:
      return { ...canvas, grid: resize(grid, action.selection) };
    default:
      return canvas;
  }
}

/** A rectangle; `bottom` and `right` are inclusive. */
interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Null where nothing is selected: no selection was given, or a mask without a cell. */
function select(grid: Grid, selection: Selection | undefined): Uint8Array | null {
  if (selection === undefined) return null;
  const mask = selectionMask(selection, grid.shape);
  return mask.includes(1) ? mask : null;
}

const allOf = (grid: Grid): Uint8Array => new Uint8Array(grid.data.length).fill(1);

/** `mask` holds at least one 1. */
function boxOfMask(mask: Uint8Array, [rows, columns]: Grid["shape"]): Box {
  let [top, left, bottom, right] = [rows, columns, 0, 0];
  for (const [index, selected] of mask.entries()) {
    if (selected === 0) continue;
    const r = Math.floor(index / columns);
    const c = index % columns;
    top = Math.min(top, r);
    left = Math.min(left, c);
    bottom = Math.max(bottom, r);
    right = Math.max(right, c);
  }
  return { top, left, bottom, right };
}

function fill(grid: Grid, mask: Uint8Array | null, color: number): Grid {
  if (mask === null || color > ARC_MAX_COLOR) return grid;
  return { shape: grid.shape, data: grid.data.map((old, index) => (mask[index] === 1 ? color : old)) };
}

/** From the first selected cell in row order, over straight neighbours of its colour, to the end. */
function floodFill(grid: Grid, mask: Uint8Array | null, color: number): Grid {
  const start = mask?.indexOf(1) ?? -1;
  if (start < 0 || grid.data[start] === color) return grid;
  const [rows, columns] = grid.shape;
  const data = grid.data.slice();
  const old = data[start];
  const queue = [start];
  data[start] = color;
  for (let head = 0; head < queue.length; head++) {
    const cell = queue[head]!;
    const r = Math.floor(cell / columns);
    const c = cell % columns;
    const neighbours = [
      r > 0 ? cell - columns : -1,
      c > 0 ? cell - 1 : -1,
      c < columns - 1 ? cell + 1 : -1,
      r < rows - 1 ? cell + columns : -1,
    ];
    for (const next of neighbours) {
      if (next < 0 || data[next] !== old) continue;
      data[next] = color;
      queue.push(next);
    }
  }
  return { shape: grid.shape, data };
}

/** Each cell of the box takes the colour of the cell that `from` names; both count from the box's corner. */
function rearrange(
  grid: Grid,
  box: Box,
  from: (row: number, column: number, rows: number, columns: number) => readonly [number, number],
): Grid {
  const width = grid.shape[1];
  const rows = box.bottom - box.top + 1;
  const columns = box.right - box.left + 1;
  const data = grid.data.slice();
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const [fromRow, fromColumn] = from(r, c, rows, columns);
      data[(box.top + r) * width + box.left + c] =
        grid.data[(box.top + fromRow) * width + box.left + fromColumn]!;
    }
  return { shape: grid.shape, data };
}

/** A square box turns in place; the whole grid turns with its shape; another box stays as it is. */
function rotate(grid: Grid, box: Box, clockwise: boolean): Grid {
  const [rows, columns] = grid.shape;
  const boxRows = box.bottom - box.top + 1;
  const boxColumns = box.right - box.left + 1;
  if (boxRows === boxColumns)
    return rearrange(grid, box, (r, c, side) => (clockwise ? [side - 1 - c, r] : [c, side - 1 - r]));
  if (boxRows !== rows || boxColumns !== columns) return grid;
  const data = new Uint8Array(grid.data.length);
  for (let r = 0; r < columns; r++)
    for (let c = 0; c < rows; c++)
      data[r * rows + c] =
        grid.data[clockwise ? (rows - 1 - c) * columns + r : c * columns + columns - 1 - r]!;
  return { shape: [columns, rows], data };
}

function cutOut(grid: Grid, selected: Uint8Array | null, box: Box): Grid {
  const rows = box.bottom - box.top + 1;
  const columns = box.right - box.left + 1;
  const data = new Uint8Array(rows * columns);
  const mask = new Uint8Array(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const from = (box.top + r) * grid.shape[1] + box.left + c;
      if (selected !== null && selected[from] === 0) continue;
      data[r * columns + c] = grid.data[from]!;
      mask[r * columns + c] = 1;
    }
  return { shape: [rows, columns], data, mask };
}

/** The clipboard's selected cells land from the box's top left corner on; what would stick out is left away. */
function paste(grid: Grid, clipboard: Grid, box: Box): Grid {
  const [rows, columns] = grid.shape;
  const data = grid.data.slice();
  const width = clipboard.shape[1];
  for (const [index, color] of clipboard.data.entries()) {
    const r = box.top + Math.floor(index / width);
    const c = box.left + (index % width);
    if (clipboard.mask?.[index] === 1 && r < rows && c < columns) data[r * columns + c] = color;
  }
  return { shape: grid.shape, data };
}

/** The selection's last row and column are the new grid's; it is read unclipped, so that the grid can grow. */
function resize(grid: Grid, selection: Selection | undefined): Grid {
  const corner = selection === undefined ? null : cornerOf(selection, grid);
  if (corner === null) return grid;
  const [rows, columns] = corner.map((index) => Math.max(1, Math.min(ARC_MAX_SIDE, Math.trunc(index) + 1)));
  const resized = createGrid(rows!, columns!);
  for (let r = 0; r < Math.min(rows!, grid.shape[0]); r++)
    for (let c = 0; c < Math.min(columns!, grid.shape[1]); c++)
      resized.data[r * columns! + c] = grid.data[r * grid.shape[1] + c]!;
  return resized;
}

function cornerOf(selection: Selection, grid: Grid): readonly [number, number] | null {
  if (selection.kind === "point") return selection.point;
  if (selection.kind === "bbox") {
    const [r1, c1, r2, c2] = selection.bbox;
    return [Math.max(r1, r2), Math.max(c1, c2)];
  }
  const mask = select(grid, selection);
  if (mask === null) return null;
  const box = boxOfMask(mask, grid.shape);
  return [box.bottom, box.right];
}
