/** The next even integer: grids stand on even coordinates (see `scene.ts`). */
export function even(value: number): number {
  return Math.ceil(value / 2) * 2;
}

/** Space between a picture's edge and what is in it. */
export const MARGIN = 24;
/** Width of the pictures that are pages rather than panels: summaries, comparisons, runs, tasks, metrics. */
export const PAGE_WIDTH = 1200;
export const PAGE_INNER: number = PAGE_WIDTH - 2 * MARGIN;

/** Left edges of `count` boxes side by side, and their width. */
export function columnsOfBoxes(
  count: number,
  x: number,
  width: number,
  gap: number,
): { readonly width: number; readonly lefts: readonly number[] } {
  const each = Math.floor((width - gap * (count - 1)) / count);
  return { width: each, lefts: Array.from({ length: count }, (_, index) => x + index * (each + gap)) };
}
