import type { Grid } from "./grid.js";

/**
 * How much of the target a grid shows, 0..1: target cells that the grid holds with the same value, divided by
 * the number of target cells. Cells compare by row and column from the top left. A smaller grid loses the cells
 * that it lacks (padding counts as lacking); cells beyond the target are not punished. Of an empty target the
 * similarity is 1 if the grid is empty too, else 0. The definition is JaxARC's since August 2025.
 */
export function gridSimilarity(after: Grid, target: Grid): number {
  const [rows, columns] = target.shape;
  const [afterRows, afterColumns] = after.shape;
  let cells = 0;
  let matches = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const index = row * columns + column;
      if (target.mask !== undefined && target.mask[index] === 0) continue;
      cells++;
      if (row >= afterRows || column >= afterColumns) continue;
      const other = row * afterColumns + column;
      if (after.mask !== undefined && after.mask[other] === 0) continue;
      if (after.data[other] === target.data[index]) matches++;
    }
  }
  if (cells > 0) return matches / cells;
  return after.mask?.every((cell) => cell === 0) === true ? 1 : 0;
}
