import type { Grid } from "@episcope/records";
import { cropActions } from "./actions.js";
import { type Component, findComponents } from "./components.js";
import { type Box, backgroundColor, boxAround, boxOf, colorCounts, crop } from "./raster.js";
import type { Example, Transformation, TransformationFamily } from "./transformation.js";

const cropTo = (name: string, find: (grid: Grid) => Box | null): Transformation => ({
  name: `crop to ${name}`,
  apply: (grid) => {
    const box = find(grid);
    return box === null ? null : crop(grid, box);
  },
  perform: (grid) => {
    const box = find(grid);
    return box === null ? [] : cropActions(box);
  },
});

/** Everything but the background, or one colour. */
export const cropToContent: TransformationFamily = {
  name: "crop to content",
  infer: () => [
    cropTo("the content", (grid) => {
      const background = backgroundColor(grid);
      return boxAround(grid, (color) => color !== background);
    }),
    cropTo("all but the commonest colour", (grid) => {
      const counts = colorCounts(grid);
      const commonest = counts.indexOf(Math.max(...counts));
      return boxAround(grid, (color) => color !== commonest);
    }),
    cropTo("the rarest colour", (grid) => {
      const counts = colorCounts(grid).map((count) => (count === 0 ? Number.POSITIVE_INFINITY : count));
      const rarest = counts.indexOf(Math.min(...counts));
      return boxAround(grid, (color) => color === rarest);
    }),
    ...Array.from({ length: 10 }, (_, color) => [
      cropTo(`colour ${color}`, (grid) => boxAround(grid, (cell) => cell === color)),
      cropTo(`what lies inside of colour ${color}`, (grid) => {
        const box = boxAround(grid, (cell) => cell === color);
        return box === null ? null : shrink(box);
      }),
    ]).flat(),
  ],
};

/** The same place in each grid, read off the first example; and halves and quarters. */
export const cropToPlace: TransformationFamily = {
  name: "crop to a place",
  infer: (examples) => [...FRACTIONS, ...fixedWindows(examples)],
};

const FRACTIONS: readonly Transformation[] = [
  fraction("the upper half", [0, 0, 2, 1]),
  fraction("the lower half", [1, 0, 2, 1]),
  fraction("the left half", [0, 0, 1, 2]),
  fraction("the right half", [0, 1, 1, 2]),
  fraction("the upper left quarter", [0, 0, 2, 2]),
  fraction("the upper right quarter", [0, 1, 2, 2]),
  fraction("the lower left quarter", [1, 0, 2, 2]),
  fraction("the lower right quarter", [1, 1, 2, 2]),
];

/** `[down, across, parts down, parts across]`; an odd middle line belongs to both halves. */
function fraction(name: string, place: readonly [number, number, number, number]): Transformation {
  const [down, across, partsDown, partsAcross] = place;
  return cropTo(name, ({ shape: [rows, columns] }) => {
    const height = Math.ceil(rows / partsDown);
    const width = Math.ceil(columns / partsAcross);
    const top = down === 0 ? 0 : rows - height;
    const left = across === 0 ? 0 : columns - width;
    return { top, left, bottom: top + height - 1, right: left + width - 1 };
  });
}

function fixedWindows(examples: readonly Example[]): Transformation[] {
  const first = examples[0];
  if (first === undefined) return [];
  const [rows, columns] = first.output.shape;
  const windows: Transformation[] = [];
  for (let top = 0; top + rows <= first.input.shape[0]; top++)
    for (let left = 0; left + columns <= first.input.shape[1]; left++) {
      const box = { top, left, bottom: top + rows - 1, right: left + columns - 1 };
      if (!crop(first.input, box).data.every((color, index) => color === first.output.data[index])) continue;
      windows.push(
        cropTo(`rows ${top} to ${box.bottom}, columns ${left} to ${box.right}`, (grid) =>
          box.bottom < grid.shape[0] && box.right < grid.shape[1] ? box : null,
        ),
      );
    }
  return windows;
}

type Measure = { readonly name: string; of(component: Component, grid: Grid): number };

const MEASURES: readonly Measure[] = [
  { name: "cells", of: (component) => component.cells.length },
  { name: "area", of: ({ box }) => (box.bottom - box.top + 1) * (box.right - box.left + 1) },
  { name: "colours", of: (component, grid) => new Set(component.cells.map((cell) => grid.data[cell])).size },
  {
    name: "odd cells",
    of: (component, grid) => {
      const counts = colorCounts(crop(grid, component.box));
      return crop(grid, component.box).data.length - Math.max(...counts);
    },
  },
  { name: "height in the grid", of: ({ box }) => -box.top },
  { name: "distance from the left", of: ({ box }) => box.left },
  ...Array.from({ length: 10 }, (_, color) => ({
    name: `cells of colour ${color}`,
    of: (component: Component, grid: Grid) =>
      component.cells.filter((cell) => grid.data[cell] === color).length,
  })),
];

/** The component that has most, or least, of something. */
export const cropToComponent: TransformationFamily = {
  name: "crop to a component",
  infer: () =>
    [true, false].flatMap((mixed) =>
      [true, false].flatMap((diagonal) => {
        const components = rememberingComponents(mixed, diagonal);
        const kind = `${mixed ? "" : "one-coloured "}${diagonal ? "" : "straight "}component`;
        return MEASURES.flatMap((measure) =>
          [1, -1].map((sign) =>
            cropTo(
              `the ${kind} with the ${sign > 0 ? "most" : "fewest"} ${measure.name}`,
              (grid) =>
                extreme(components(grid), (component) => sign * measure.of(component, grid))?.box ?? null,
            ),
          ),
        );
      }),
    ),
};

/** The components of each grid are found once, though every measure asks for them. */
function rememberingComponents(mixed: boolean, diagonal: boolean): (grid: Grid) => readonly Component[] {
  const known = new WeakMap<Grid, readonly Component[]>();
  return (grid) => {
    const found =
      known.get(grid) ?? findComponents(grid, { diagonal, mixed, background: backgroundColor(grid) });
    known.set(grid, found);
    return found;
  };
}

/** The first of the largest; null without items. */
function extreme<T>(items: readonly T[], value: (item: T) => number): T | null {
  let best: T | null = null;
  let bestValue = Number.NEGATIVE_INFINITY;
  for (const item of items) {
    const now = value(item);
    if (now > bestValue) [best, bestValue] = [item, now];
  }
  return best;
}

function shrink(box: Box): Box | null {
  const inner = { top: box.top + 1, left: box.left + 1, bottom: box.bottom - 1, right: box.right - 1 };
  return inner.bottom < inner.top || inner.right < inner.left ? null : inner;
}

/** The grid without its frame. */
export const dropFrame: TransformationFamily = {
  name: "drop the frame",
  infer: () => [cropTo("the inside of the frame", (grid) => shrink(boxOf(grid)))],
};
