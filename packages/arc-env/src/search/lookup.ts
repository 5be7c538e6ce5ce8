import { type Grid, gridsEqual } from "@episcope/records";
import { ARC_MAX_SIDE } from "../environment/task.js";
import { findComponents } from "./components.js";
import { SYMMETRIES } from "./geometry.js";
import { at, boxAround, build, colorCounts, crop } from "./raster.js";
import type { Example, Transformation, TransformationFamily } from "./transformation.js";

/** What can be said of a whole grid in one word or number. */
const GRID_FEATURES: readonly { readonly name: string; of(grid: Grid): string }[] = [
  { name: "number of coloured cells", of: (g) => String(g.data.filter((color) => color !== 0).length) },
  { name: "number of colours", of: (g) => String(new Set(g.data).size) },
  {
    name: "number of components",
    of: (g) => String(findComponents(g, { diagonal: false, mixed: false, background: 0 }).length),
  },
  {
    name: "number of components of several cells",
    of: (g) =>
      String(
        findComponents(g, { diagonal: false, mixed: false, background: 0 }).filter((c) => c.cells.length > 1)
          .length,
      ),
  },
  { name: "symmetry from left to right", of: (g) => String(gridsEqual(g, SYMMETRIES[1]!.apply(g)!)) },
  { name: "symmetry from top to bottom", of: (g) => String(gridsEqual(g, SYMMETRIES[2]!.apply(g)!)) },
  {
    name: "pattern of coloured cells",
    of: (g) => [...g.data].map((color) => (color === 0 ? 0 : 1)).join(""),
  },
];

/** The output depends on one thing only that can be said of the input. Needs a value that was seen twice. */
export const lookUp: TransformationFamily = {
  name: "look up",
  infer: (examples) =>
    GRID_FEATURES.flatMap(({ name, of }) => {
      const table = new Map<string, Grid>();
      let repeated = false;
      for (const { input, output } of examples) {
        const key = of(input);
        const known = table.get(key);
        if (known !== undefined && !gridsEqual(known, output)) return [];
        repeated ||= known !== undefined;
        table.set(key, output);
      }
      if (!repeated || table.size < 2) return [];
      return [{ name: `answer by the ${name}`, apply: (grid: Grid) => table.get(of(grid)) ?? null }];
    }),
};

/** A small output that names colours: of all cells, of components by size, of a line that crosses the grid. */
export const summarize: TransformationFamily = {
  name: "summarize",
  infer: (examples) => SUMMARIES.filter((summary) => plausible(summary, examples)),
};

const plausible = (summary: Transformation, examples: readonly Example[]): boolean =>
  examples.every(({ input, output }) => {
    const made = summary.apply(input);
    return made !== null && made.shape[0] === output.shape[0] && made.shape[1] === output.shape[1];
  });

const list = (colors: readonly number[], down: boolean): Grid | null => {
  if (colors.length === 0 || colors.length > ARC_MAX_SIDE) return null;
  return down ? build(colors.length, 1, (r) => colors[r]!) : build(1, colors.length, (_, c) => colors[c]!);
};

const bothWays = (name: string, colors: (grid: Grid) => number[]): Transformation[] =>
  [true, false].map((down) => ({
    name: `${name}, ${down ? "from top to bottom" : "from left to right"}`,
    apply: (grid) => list(colors(grid), down),
  }));

const SUMMARIES: readonly Transformation[] = [
  ...bothWays("list the coloured cells", (grid) => [...grid.data].filter((color) => color !== 0)),
  ...bothWays("list the colours of components by size", (grid) =>
    findComponents(grid, { diagonal: false, mixed: false, background: 0 })
      .sort((a, b) => b.cells.length - a.cells.length)
      .map((component) => component.color),
  ),
  ...bothWays("list the colours by number of cells", (grid) => {
    const counts = colorCounts(grid);
    return counts
      .flatMap((count, color) => (color > 0 && count > 0 ? [color] : []))
      .sort((a, b) => counts[b]! - counts[a]!);
  }),
  {
    name: "name the colour of the line across the grid",
    apply: (grid) => {
      const [rows, columns] = grid.shape;
      for (const [length, other, down] of [
        [rows, columns, false],
        [columns, rows, true],
      ] as const)
        for (let i = 0; i < length; i++) {
          const color = down ? at(grid, 0, i) : at(grid, i, 0);
          const cells = Array.from({ length: other }, (_, j) => (down ? at(grid, j, i) : at(grid, i, j)));
          if (color !== 0 && cells.every((cell) => cell === color)) return list([color], true);
        }
      return null;
    },
  },
  ...[1, -1].map(
    (sign): Transformation => ({
      name: `name the ${sign > 0 ? "commonest" : "rarest"} colour`,
      apply: (grid) => {
        const counts = colorCounts(grid);
        const present = counts.flatMap((count, color) => (color > 0 && count > 0 ? [color] : []));
        present.sort((a, b) => sign * (counts[b]! - counts[a]!));
        return list(present.slice(0, 1), true);
      },
    }),
  ),
  {
    name: "shrink each component to one cell",
    apply: (grid) => {
      const box = boxAround(grid, (color) => color !== 0);
      if (box === null) return null;
      const content = crop(grid, box);
      const found = findComponents(content, { diagonal: false, mixed: false, background: 0 });
      const tops = [...new Set(found.map((component) => component.box.top))].sort((a, b) => a - b);
      const lefts = [...new Set(found.map((component) => component.box.left))].sort((a, b) => a - b);
      if (tops.length > ARC_MAX_SIDE || lefts.length > ARC_MAX_SIDE) return null;
      return build(tops.length, lefts.length, (r, c) => Math.max(0, at(content, tops[r]!, lefts[c]!)));
    },
  },
];
