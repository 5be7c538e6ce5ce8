import type { Action, Grid } from "@episcope/records";
import { OPERATION } from "../environment/operations.js";
import { on } from "./actions.js";
import { SYMMETRIES } from "./geometry.js";
import { at, build } from "./raster.js";
import type { Transformation, TransformationFamily } from "./transformation.js";

const DIRECTIONS = [
  { name: "down", operation: OPERATION.moveDown, toDown: 0, back: 0 },
  { name: "up", operation: OPERATION.moveUp, toDown: 2, back: 2 },
  { name: "right", operation: OPERATION.moveRight, toDown: 4, back: 5 },
  { name: "left", operation: OPERATION.moveLeft, toDown: 5, back: 4 },
] as const;

/** Columns of a grid fall down: coloured cells keep their order, blank ones rise. */
function fall(grid: Grid): Grid {
  const [rows, columns] = grid.shape;
  const stacks = Array.from({ length: columns }, (_, c) => {
    const cells = Array.from({ length: rows }, (_, r) => at(grid, r, c));
    return [...cells.filter((color) => color === 0), ...cells.filter((color) => color !== 0)];
  });
  return build(rows, columns, (r, c) => stacks[c]![r]!);
}

/** Blank cells below (or beside) a colour take it. */
function smear(grid: Grid): Grid {
  const [rows, columns] = grid.shape;
  const last = new Array<number>(columns).fill(0);
  return build(rows, columns, (r, c) => {
    const color = at(grid, r, c);
    if (color !== 0) last[c] = color;
    return last[c]!;
  });
}

/** Does to `grid`, turned so that the direction points down, what `apply` does to a grid. */
function towards(direction: (typeof DIRECTIONS)[number], apply: (grid: Grid) => Grid): (grid: Grid) => Grid {
  const turn = SYMMETRIES[direction.toDown]!;
  const back = SYMMETRIES[direction.back]!;
  return (grid) => back.apply(apply(turn.apply(grid)!))!;
}

export const gravity: TransformationFamily = {
  name: "gravity",
  infer: () =>
    DIRECTIONS.map((direction) => ({
      name: `let everything fall ${direction.name}`,
      apply: towards(direction, fall),
      perform: (grid) => fallActions(grid, direction),
    })),
};

/**
 * One move lets a run of coloured cells and the blank cell in front of it change places, since a move wraps within
 * its box. Falls column by column (or row by row), the front run first.
 */
function fallActions(grid: Grid, direction: (typeof DIRECTIONS)[number]): Action[] {
  const turned = SYMMETRIES[direction.toDown]!.apply(grid)!;
  const [rows, columns] = turned.shape;
  const actions: Action[] = [];
  for (let c = 0; c < columns; c++) {
    const cells = Array.from({ length: rows }, (_, r) => at(turned, r, c));
    for (;;) {
      const gap = cells.findLastIndex((color, r) => color === 0 && r > 0 && cells[r - 1] !== 0);
      if (gap < 0) break;
      let top = gap - 1;
      while (top > 0 && cells[top - 1] !== 0) top--;
      cells.splice(gap, 1);
      cells.splice(top, 0, 0);
      actions.push(on(direction.operation, turnedBack(grid, direction.name, top, gap, c)));
    }
  }
  return actions;
}

/** The box on the real grid of rows `top..bottom` of column `c` of the turned one. */
function turnedBack(
  { shape: [rows, columns] }: Grid,
  name: string,
  top: number,
  bottom: number,
  c: number,
): { top: number; left: number; bottom: number; right: number } {
  switch (name) {
    case "down":
      return { top, bottom, left: c, right: c };
    case "up":
      return { top: rows - 1 - bottom, bottom: rows - 1 - top, left: c, right: c };
    case "right":
      return { top: rows - 1 - c, bottom: rows - 1 - c, left: top, right: bottom };
    default:
      return { top: c, bottom: c, left: columns - 1 - bottom, right: columns - 1 - top };
  }
}

export const smearing: TransformationFamily = {
  name: "smear",
  infer: () =>
    DIRECTIONS.map((direction) => ({
      name: `smear each colour ${direction.name}`,
      apply: towards(direction, smear),
    })),
};

/** The whole grid moves by a fixed way; what leaves on one side comes in on the other, or is lost. */
export const translate: TransformationFamily = {
  name: "translate",
  infer: (examples) => {
    const found: Transformation[] = [];
    const reach = Math.max(0, ...examples.map(({ input }) => Math.max(...input.shape) - 1));
    for (const direction of DIRECTIONS)
      for (let by = 1; by <= Math.min(reach, 9); by++)
        for (const wraps of [true, false]) {
          found.push({
            name: `move everything ${direction.name} by ${by}${wraps ? ", around the edge" : ""}`,
            apply: towards(direction, (grid) => {
              const [rows, columns] = grid.shape;
              return build(rows, columns, (r, c) =>
                wraps ? at(grid, (((r - by) % rows) + rows) % rows, c) : Math.max(0, at(grid, r - by, c)),
              );
            }),
            ...(wraps ? { perform: () => Array.from({ length: by }, () => on(direction.operation)) } : {}),
          });
        }
    return found;
  },
};

/** Straight lines between cells of one colour that see each other along a row or column. */
export const connect: TransformationFamily = {
  name: "connect",
  infer: (examples) => {
    const colors = new Set(examples.flatMap(({ output }) => [...output.data]));
    const lineColors: (number | null)[] = [null, ...[...colors].filter((color) => color !== 0)];
    return lineColors.flatMap((lineColor) =>
      [true, false].map((columnsLast) => ({
        name: `connect cells of one colour${lineColor === null ? "" : ` with ${lineColor}`}${columnsLast ? "" : ", rows last"}`,
        apply: (grid: Grid) => connected(grid, lineColor, columnsLast),
      })),
    );
  },
};

function connected(grid: Grid, lineColor: number | null, columnsLast: boolean): Grid {
  const [rows, columns] = grid.shape;
  const data = grid.data.slice();
  const line = (cells: readonly number[]): void => {
    let from = -1;
    for (const [place, cell] of cells.entries()) {
      const color = grid.data[cell]!;
      if (color === 0) continue;
      if (from >= 0 && grid.data[cells[from]!] === color)
        for (const between of cells.slice(from + 1, place)) data[between] = lineColor ?? color;
      from = place;
    }
  };
  const lines = (down: boolean): void => {
    for (let i = 0; i < (down ? columns : rows); i++)
      line(
        Array.from({ length: down ? rows : columns }, (_, j) => (down ? j * columns + i : i * columns + j)),
      );
  };
  lines(!columnsLast);
  lines(columnsLast);
  return { shape: grid.shape, data };
}
