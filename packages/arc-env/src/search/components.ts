import type { Grid } from "@episcope/records";
import type { Box } from "./raster.js";

/** A connected set of cells. */
export interface Component {
  /** Row-major indices, ascending. */
  readonly cells: readonly number[];
  /** Colour of its first cell. */
  readonly color: number;
  readonly box: Box;
}

interface ComponentOptions {
  /** Diagonal neighbours count. */
  readonly diagonal: boolean;
  /** Cells of different colours may belong together. */
  readonly mixed: boolean;
  /** This colour separates components; null: every colour forms components. */
  readonly background: number | null;
}

const STRAIGHT = [
  [-1, 0],
  [0, -1],
  [0, 1],
  [1, 0],
] as const;
const ALL = [...STRAIGHT, [-1, -1], [-1, 1], [1, -1], [1, 1]] as const;

/** Components in the order of their first cells. */
export function findComponents(grid: Grid, options: ComponentOptions): Component[] {
  const [rows, columns] = grid.shape;
  const seen = new Uint8Array(grid.data.length);
  const steps = options.diagonal ? ALL : STRAIGHT;
  const found: Component[] = [];
  for (let start = 0; start < seen.length; start++) {
    const color = grid.data[start]!;
    if (seen[start] === 1 || color === options.background) continue;
    const cells = [start];
    seen[start] = 1;
    let [top, left, bottom, right] = [rows, columns, 0, 0];
    for (let head = 0; head < cells.length; head++) {
      const r = Math.floor(cells[head]! / columns);
      const c = cells[head]! % columns;
      top = Math.min(top, r);
      left = Math.min(left, c);
      bottom = Math.max(bottom, r);
      right = Math.max(right, c);
      for (const [dr, dc] of steps) {
        if (r + dr < 0 || r + dr >= rows || c + dc < 0 || c + dc >= columns) continue;
        const next = (r + dr) * columns + c + dc;
        const nextColor = grid.data[next]!;
        if (seen[next] === 1 || nextColor === options.background) continue;
        if (!options.mixed && nextColor !== color) continue;
        seen[next] = 1;
        cells.push(next);
      }
    }
    cells.sort((a, b) => a - b);
    found.push({ cells, color, box: { top, left, bottom, right } });
  }
  return found;
}
