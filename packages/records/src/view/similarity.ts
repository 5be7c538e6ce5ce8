import type { Grid } from "../record/grid.js";

/**
 * How much of the target a grid shows, 0..1: target cells that the grid holds with the same value, divided by
 * the number of target cells. Cells compare by row and column from the top left. A smaller grid loses the cells
 * that it lacks (padding counts as lacking); cells beyond the target are not punished. Of an empty target the
 * similarity is 1 if the grid is empty too, else 0. The definition is JaxARC's since August 2025.
 */
export function gridSimilarity(after: Grid, target: Grid): number {
  const [rows, columns] = target.shape;
  const [afterRows, afterColumns] = after.shape;
  if (rows === afterRows && columns === afterColumns) return sameShapeSimilarity(after, target);
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
  return cells > 0 ? matches / cells : emptySimilarity(after);
}

/** As every step of most episodes needs it, so cell by cell without finding its place. */
function sameShapeSimilarity(after: Grid, target: Grid): number {
  const { data, mask } = target;
  const { data: afterData, mask: afterMask } = after;
  const size = target.shape[0] * target.shape[1];
  let cells = size;
  let matches = 0;
  if (mask === undefined && afterMask === undefined) {
    for (let index = 0; index < size; index++) if (afterData[index] === data[index]) matches++;
  } else {
    for (let index = 0; index < size; index++) {
      if (mask !== undefined && mask[index] === 0) cells--;
      else if (afterData[index] === data[index] && (afterMask === undefined || afterMask[index] !== 0))
        matches++;
    }
  }
  return cells > 0 ? matches / cells : emptySimilarity(after);
}

function emptySimilarity(after: Grid): number {
  return after.mask?.every((cell) => cell === 0) === true ? 1 : 0;
}
