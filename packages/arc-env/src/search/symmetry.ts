import type { Grid } from "@episcope/records";
import { boxAround, crop } from "./raster.js";
import type { Transformation, TransformationFamily } from "./transformation.js";

/**
 * A picture with a hole of one colour, to be completed so that the whole is symmetric. The axes need not lie in the
 * middle of the grid: the pair of axes (or the diagonal) that the visible cells contradict least often is taken.
 */
export const completeSymmetry: TransformationFamily = {
  name: "complete the symmetry",
  infer: () =>
    Array.from({ length: 10 }, (_, hole) => hole).flatMap((hole): Transformation[] => {
      const patched = (grid: Grid): Grid | null => {
        const box = boxAround(grid, (color) => color === hole);
        const whole = completed(grid, hole);
        return box === null || whole === null ? null : crop(whole, box);
      };
      return [
        { name: `complete the symmetry at colour ${hole}`, apply: (grid) => completed(grid, hole) },
        { name: `find what the symmetry hides under colour ${hole}`, apply: patched },
      ];
    }),
};

/** Sum of a row (or column) and its mirror image: 2 * axis. */
interface Axes {
  readonly rowSum: number;
  readonly columnSum: number;
}

function completed(grid: Grid, hole: number): Grid | null {
  if (!grid.data.includes(hole) || Math.min(...grid.shape) < 4) return null;
  const rowSum = bestSum(grid, hole, true);
  const columnSum = bestSum(grid, hole, false);
  if (rowSum === null && columnSum === null) return null;
  const axes: Axes = { rowSum: rowSum ?? -1, columnSum: columnSum ?? -1 };
  const data = grid.data.slice();
  for (const [index, color] of grid.data.entries()) {
    if (color !== hole) continue;
    const image = mirrorImages(grid, index, axes).find((cell) => grid.data[cell] !== hole);
    if (image === undefined) return null;
    data[index] = grid.data[image]!;
  }
  return { shape: grid.shape, data };
}

/** The mirror images of a cell under each symmetry, and under the diagonal where the axes allow it. */
function mirrorImages(
  { shape: [rows, columns] }: Grid,
  index: number,
  { rowSum, columnSum }: Axes,
): number[] {
  const r = Math.floor(index / columns);
  const c = index % columns;
  const places: [number, number][] = [];
  if (columnSum >= 0) places.push([r, columnSum - c]);
  if (rowSum >= 0) places.push([rowSum - r, c]);
  if (rowSum >= 0 && columnSum >= 0) places.push([rowSum - r, columnSum - c]);
  if (rowSum >= 0 && rowSum === columnSum)
    for (const [a, b] of [[r, c], ...places] as [number, number][]) places.push([b, a]);
  return places
    .filter(([a, b]) => a >= 0 && b >= 0 && a < rows && b < columns)
    .map(([a, b]) => a * columns + b);
}

/** Of the axes near the middle the one that no visible cell contradicts, the nearest first; null without one. */
function bestSum(grid: Grid, hole: number, down: boolean): number | null {
  const [rows, columns] = grid.shape;
  const length = down ? rows : columns;
  const sums: number[] = [];
  for (let sum = Math.floor(length / 2); sum <= Math.ceil((length * 3) / 2); sum++) sums.push(sum);
  sums.sort((a, b) => Math.abs(a - (length - 1)) - Math.abs(b - (length - 1)));
  return sums.find((sum) => agrees(grid, hole, down, sum)) ?? null;
}

function agrees({ shape: [rows, columns], data }: Grid, hole: number, down: boolean, sum: number): boolean {
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const [a, b] = down ? [sum - r, c] : [r, sum - c];
      if (a < 0 || b < 0 || a >= rows || b >= columns) continue;
      const here = data[r * columns + c]!;
      const there = data[a * columns + b]!;
      if (here !== there && here !== hole && there !== hole) return false;
    }
  return true;
}
