import type { Grid } from "@episcope/records";
import { floodFillAt } from "./actions.js";
import { findComponents } from "./components.js";
import { at, colorCounts, sameShape } from "./raster.js";
import type { Example, TransformationFamily } from "./transformation.js";

/** What a rule may look at when it chooses the new colour of a cell: a key for each cell of a grid. */
interface CellFeature {
  readonly name: string;
  keys(grid: Grid): string[];
}

const keysBy = (grid: Grid, key: (row: number, column: number, color: number) => string): string[] =>
  [...grid.data].map((color, index) => key(Math.floor(index / grid.shape[1]), index % grid.shape[1], color));

function perComponent(
  grid: Grid,
  diagonal: boolean,
  key: (component: ReturnType<typeof findComponents>[number]) => string,
): string[] {
  const keys = new Array<string>(grid.data.length).fill("");
  for (const component of findComponents(grid, { diagonal, mixed: false, background: null })) {
    const own = `${component.color},${key(component)}`;
    for (const cell of component.cells) keys[cell] = own;
  }
  return keys;
}

const touchesEdge = (grid: Grid, { box }: ReturnType<typeof findComponents>[number]): boolean =>
  box.top === 0 || box.left === 0 || box.bottom === grid.shape[0] - 1 || box.right === grid.shape[1] - 1;

function line(grid: Grid, index: number, down: boolean): number[] {
  return Array.from({ length: grid.shape[down ? 0 : 1] }, (_, i) =>
    down ? at(grid, i, index) : at(grid, index, i),
  );
}

const uniform = (cells: readonly number[]): boolean => cells.every((cell) => cell === cells[0]);

/** From the plainest to the most special: the first that explains the examples is taken first. */
const FEATURES: readonly CellFeature[] = [
  {
    name: "whether it is enclosed",
    keys: (grid) =>
      perComponent(grid, false, (component) => (touchesEdge(grid, component) ? "open" : "enclosed")),
  },
  {
    name: "whether its row is of one colour",
    keys: (grid) => keysBy(grid, (r) => String(uniform(line(grid, r, false)))),
  },
  {
    name: "whether its column is of one colour",
    keys: (grid) => keysBy(grid, (_, c) => String(uniform(line(grid, c, true)))),
  },
  {
    name: "whether it lies in the middle column",
    keys: (grid) => keysBy(grid, (_, c, color) => `${color},${c * 2 + 1 === grid.shape[1]}`),
  },
  {
    name: "whether it lies in the middle row",
    keys: (grid) => keysBy(grid, (r, _, color) => `${color},${r * 2 + 1 === grid.shape[0]}`),
  },
  {
    name: "whether it stands alone",
    keys: (grid) => perComponent(grid, false, ({ cells }) => String(cells.length === 1)),
  },
  {
    name: "the size of its component",
    keys: (grid) => perComponent(grid, false, ({ cells }) => String(cells.length)),
  },
  {
    name: "the rank of its component by size",
    keys: (grid) => {
      const background = colorCounts(grid)[0]! > 0 ? 0 : null;
      const sizes = findComponents(grid, { diagonal: false, mixed: false, background }).map(
        (c) => c.cells.length,
      );
      const ranked = [...new Set(sizes)].sort((a, b) => b - a);
      return perComponent(grid, false, ({ cells, color }) =>
        color === background
          ? "background"
          : cells.length === ranked[0]
            ? "largest"
            : cells.length === ranked.at(-1)
              ? "smallest"
              : "between",
      );
    },
  },
  {
    name: "whether its component touches the edge and its size",
    keys: (grid) =>
      perComponent(grid, false, (component) =>
        touchesEdge(grid, component) ? "open" : String(component.cells.length),
      ),
  },
  {
    name: "the colour and length of its row",
    keys: (grid) => keysBy(grid, (r) => line(grid, r, false).join()),
  },
  { name: "the cells of its column", keys: (grid) => keysBy(grid, (_, c) => line(grid, c, true).join()) },
  {
    name: "the other colour of the grid",
    keys: (grid) => {
      const present = colorCounts(grid).flatMap((count, color) => (count > 0 ? [color] : []));
      return keysBy(grid, (_, __, color) => `${color},${present.join()}`);
    },
  },
  {
    name: "the commonest colour of the grid",
    keys: (grid) => {
      const counts = colorCounts(grid);
      const commonest = counts.indexOf(Math.max(...counts));
      return keysBy(grid, (_, __, color) => (color === commonest ? "commonest" : "other"));
    },
  },
  {
    name: "the parity of row and column",
    keys: (grid) => keysBy(grid, (r, c, color) => `${color},${r % 2},${c % 2}`),
  },
  {
    name: "its straight neighbours",
    keys: (grid) =>
      keysBy(grid, (r, c, color) =>
        [color, at(grid, r - 1, c), at(grid, r, c - 1), at(grid, r, c + 1), at(grid, r + 1, c)].join(),
      ),
  },
];

/** The new colour of a cell follows from one feature of it; the table is read off the examples. */
export const cellRules: TransformationFamily = {
  name: "cell rules",
  infer: (examples) => FEATURES.flatMap((feature) => inferRule(examples, feature)),
};

/** A rule whose new colours are the cell's own, or constants; `KEEP` is tried first, so that it generalises. */
const KEEP = -1;

function inferRule(
  examples: readonly Example[],
  feature: CellFeature,
): ReturnType<TransformationFamily["infer"]> {
  const seen = new Map<string, { kept: boolean; color: number | null }>();
  for (const { input, output } of examples) {
    if (!sameShape(input, output)) return [];
    const keys = feature.keys(input);
    for (const [index, key] of keys.entries()) {
      const to = output.data[index]!;
      const kept = to === input.data[index];
      const before = seen.get(key);
      if (before === undefined) seen.set(key, { kept, color: to });
      else {
        before.kept &&= kept;
        if (before.color !== to) before.color = null;
      }
    }
  }
  const table = new Map<string, number>();
  for (const [key, { kept, color }] of seen) {
    if (!kept && color === null) return [];
    table.set(key, kept ? KEEP : color!);
  }
  if ([...table.values()].every((to) => to === KEEP)) return [];
  return [
    {
      name: `recolour each cell by ${feature.name}`,
      apply: (grid: Grid) => {
        const keys = feature.keys(grid);
        const data = grid.data.map((color, index) => {
          const to = table.get(keys[index]!) ?? KEEP;
          return to === KEEP ? color : to;
        });
        return { shape: grid.shape, data };
      },
      ...(feature.name === "whether it is enclosed"
        ? {
            perform: (grid: Grid) =>
              findComponents(grid, { diagonal: false, mixed: false, background: null }).flatMap(
                ({ cells, color }) => {
                  const first = cells[0]!;
                  const to = table.get(feature.keys(grid)[first]!) ?? KEEP;
                  if (to === KEEP || to === color) return [];
                  return [floodFillAt(to, Math.floor(first / grid.shape[1]), first % grid.shape[1])];
                },
              ),
          }
        : {}),
    },
  ];
}
