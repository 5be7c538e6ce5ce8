import { type Action, type Grid, gridsEqual } from "@episcope/records";
import { OPERATION } from "../environment/operations.js";
import { ARC_MAX_SIDE } from "../environment/task.js";
import { on, pasteAt, resizeTo } from "./actions.js";
import { SYMMETRIES } from "./geometry.js";
import { at, boxOf, build, colorCounts, crop } from "./raster.js";
import type { Example, Transformation, TransformationFamily } from "./transformation.js";

/** How often the input fits into the output, down and across, the same in each example; null otherwise. */
function factors(examples: readonly Example[]): [number, number] | null {
  const first = examples[0];
  if (first === undefined) return null;
  const down = first.output.shape[0] / first.input.shape[0];
  const across = first.output.shape[1] / first.input.shape[1];
  const same = examples.every(
    ({ input, output }) =>
      output.shape[0] === input.shape[0] * down && output.shape[1] === input.shape[1] * across,
  );
  const whole = Number.isInteger(down) && Number.isInteger(across);
  return same && whole && down * across > 1 ? [down, across] : null;
}

/** Copies of the input side by side, each turned or flipped in its own way. */
export const tile: TransformationFamily = {
  name: "tile",
  infer: (examples) => {
    const size = factors(examples);
    if (size === null) return [];
    const [down, across] = size;
    const ways: Transformation[] = [];
    for (let r = 0; r < down; r++)
      for (let c = 0; c < across; c++) {
        const way = SYMMETRIES.find((symmetry) => examples.every((example) => fits(example, symmetry, r, c)));
        if (way === undefined) return [];
        ways.push(way);
      }
    return [tiling(down, across, ways)];
  },
};

function fits({ input, output }: Example, symmetry: Transformation, r: number, c: number): boolean {
  const [rows, columns] = input.shape;
  const box = { top: r * rows, left: c * columns, bottom: (r + 1) * rows - 1, right: (c + 1) * columns - 1 };
  return gridsEqual(symmetry.apply(input)!, crop(output, box));
}

function tiling(down: number, across: number, ways: readonly Transformation[]): Transformation {
  const plain = ways.every((way) => way === SYMMETRIES[0]);
  return {
    name: `${plain ? "tile" : "tile with turned copies"} ${down} by ${across}`,
    apply: (grid) => {
      const [rows, columns] = grid.shape;
      if (rows * down > ARC_MAX_SIDE || columns * across > ARC_MAX_SIDE) return null;
      const tiles = ways.map((way) => way.apply(grid)!);
      return build(rows * down, columns * across, (r, c) =>
        at(tiles[Math.floor(r / rows) * across + Math.floor(c / columns)]!, r % rows, c % columns),
      );
    },
    perform: (grid) => {
      const [rows, columns] = grid.shape;
      const actions: Action[] = [on(OPERATION.copy, boxOf(grid)), resizeTo(rows * down, columns * across)];
      for (const [index, way] of ways.entries()) {
        const top = Math.floor(index / across) * rows;
        const left = (index % across) * columns;
        const box = { top, left, bottom: top + rows - 1, right: left + columns - 1 };
        if (index > 0) actions.push(pasteAt(top, left));
        // Turning one tile on the canvas is the whole-grid operation, restricted to the tile.
        for (const { operation } of way.perform!(grid)) actions.push(on(operation, box));
      }
      return actions;
    },
  };
}

/** Each cell becomes a block. */
export const scaleUp: TransformationFamily = {
  name: "scale up",
  infer: (examples) => {
    const size = factors(examples);
    const byCount: Transformation[] = [
      scaling("scale up by the number of colours", (g) => {
        const colors = colorCounts(g).filter((count, color) => color > 0 && count > 0).length;
        return [colors, colors];
      }),
      scaling("scale up by the number of coloured cells", (g) => {
        const cells = g.data.filter((color) => color > 0).length;
        return [cells, cells];
      }),
    ];
    if (size === null) return byCount;
    return [scaling(`scale up ${size[0]} by ${size[1]}`, () => size), ...byCount];
  },
};

function scaling(name: string, factorsOf: (grid: Grid) => readonly [number, number]): Transformation {
  return {
    name,
    apply: (grid) => {
      const [down, across] = factorsOf(grid);
      const [rows, columns] = [grid.shape[0] * down, grid.shape[1] * across];
      if (rows < 1 || columns < 1 || rows > ARC_MAX_SIDE || columns > ARC_MAX_SIDE) return null;
      return build(rows, columns, (r, c) => at(grid, Math.floor(r / down), Math.floor(c / across)));
    },
  };
}

/** Blocks of equal colour become one cell each. */
export const scaleDown: TransformationFamily = {
  name: "scale down",
  infer: (examples) => {
    const size = factors(examples.map(({ input, output }) => ({ input: output, output: input })));
    if (size === null) return [];
    const [down, across] = size;
    return [
      {
        name: `scale down ${down} by ${across}`,
        apply: (grid) => {
          const [rows, columns] = [Math.floor(grid.shape[0] / down), Math.floor(grid.shape[1] / across)];
          return rows < 1 || columns < 1
            ? null
            : build(rows, columns, (r, c) => at(grid, r * down, c * across));
        },
      },
    ];
  },
};

/** The grid put into itself: a copy wherever a cell is (or is not) coloured. */
export const fractal: TransformationFamily = {
  name: "fractal",
  infer: () =>
    [
      { name: "coloured", holds: (color: number) => color !== 0 },
      { name: "blank", holds: (color: number) => color === 0 },
    ].map(({ name, holds }) => ({
      name: `put the grid into itself at each ${name} cell`,
      apply: (grid) => {
        const [rows, columns] = grid.shape;
        if (rows * rows > ARC_MAX_SIDE || columns * columns > ARC_MAX_SIDE) return null;
        return build(rows * rows, columns * columns, (r, c) =>
          holds(at(grid, Math.floor(r / rows), Math.floor(c / columns)))
            ? at(grid, r % rows, c % columns)
            : 0,
        );
      },
      perform: (grid) => {
        const [rows, columns] = grid.shape;
        const copy = on(OPERATION.copy, boxOf(grid));
        const pastes = [...grid.data.entries()]
          .filter(([, color]) => holds(color))
          .map(([index]) => pasteAt(Math.floor(index / columns) * rows, (index % columns) * columns));
        const clear = on(OPERATION.clear, boxOf(grid));
        return [copy, resizeTo(rows * rows, columns * columns), clear, ...pastes];
      },
    })),
};

/** Neighbouring rows or columns that are equal become one. */
export const dropRepeats: TransformationFamily = {
  name: "drop repeats",
  infer: () => [
    {
      name: "drop repeated rows and columns",
      apply: (grid) => {
        const [rows, columns] = grid.shape;
        const allRows = Array.from({ length: rows }, (_, r) => r);
        const allColumns = Array.from({ length: columns }, (_, c) => c);
        const keptRows = allRows.filter(
          (r) => r === 0 || allColumns.some((c) => at(grid, r, c) !== at(grid, r - 1, c)),
        );
        const keptColumns = allColumns.filter(
          (c) => c === 0 || allRows.some((r) => at(grid, r, c) !== at(grid, r, c - 1)),
        );
        return build(keptRows.length, keptColumns.length, (r, c) => at(grid, keptRows[r]!, keptColumns[c]!));
      },
    },
  ],
};
