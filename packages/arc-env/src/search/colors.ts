import type { Grid } from "@episcope/records";
import { fillCells } from "./actions.js";
import { colorCounts, sameShape } from "./raster.js";
import type { Transformation, TransformationFamily } from "./transformation.js";

function recolor(name: string, map: (grid: Grid) => (color: number) => number): Transformation {
  return {
    name,
    apply: (grid) => ({ shape: grid.shape, data: grid.data.map(map(grid)) }),
    // All cells are chosen from the grid as it was, so that a swap of two colours does not run into itself.
    perform: (grid) => {
      const change = map(grid);
      const [rows, columns] = grid.shape;
      return [...new Set(grid.data)]
        .sort((a, b) => a - b)
        .filter((color) => change(color) !== color)
        .map((color) =>
          fillCells(
            change(color),
            [...grid.data.keys()].filter((index) => grid.data[index] === color),
            rows,
            columns,
          ),
        );
    },
  };
}

/** Each colour becomes always the same other colour; a colour never seen stays. */
export const recolorByTable: TransformationFamily = {
  name: "recolour by a table",
  infer: (examples) => {
    const table = new Map<number, number>();
    for (const { input, output } of examples) {
      if (!sameShape(input, output)) return [];
      for (const [index, color] of input.data.entries()) {
        const to = output.data[index]!;
        if ((table.get(color) ?? to) !== to) return [];
        table.set(color, to);
      }
    }
    const changes = [...table].filter(([from, to]) => from !== to);
    if (changes.length === 0) return [];
    const name = changes.map(([from, to]) => `${from} to ${to}`).join(", ");
    return [recolor(`recolour ${name}`, () => (color) => table.get(color) ?? color)];
  },
};

/** The two commonest colours change places. */
export const swapColors: TransformationFamily = {
  name: "swap two colours",
  infer: () => [
    recolor("swap the two commonest colours", (grid) => {
      const counts = colorCounts(grid);
      const ranked = counts.map((_, color) => color).sort((a, b) => counts[b]! - counts[a]!);
      const [first, second] = [ranked[0]!, ranked[1]!];
      return (color) => (color === first ? second : color === second ? first : color);
    }),
  ],
};
