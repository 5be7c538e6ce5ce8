import { gridInvalid } from "./errors.js";
import { checkShape, type Grid, MAX_VALUE } from "./grid.js";

/** What stands for padding in a grid of text. */
const PADDING = ".";
const DIGITS = "0123456789abcdef";
const NO_CELL = 255;

/** By character code: the cell's value, MAX_VALUE + 1 for padding, NO_CELL for what is neither. */
const VALUES = new Uint8Array(128).fill(NO_CELL);
for (let value = 0; value <= MAX_VALUE; value++) VALUES[DIGITS.charCodeAt(value)] = value;
VALUES[PADDING.charCodeAt(0)] = MAX_VALUE + 1;

/**
 * A grid of text: a line for each row, a character for each cell, 0-9 and a-f, or "." for padding (`["00300", "0.300"]`).
 * Throws GRID_INVALID that names row and column. `path` is the place that the message shows.
 */
export function gridFromText(lines: readonly unknown[], path = ""): Grid {
  const [first] = lines;
  const columns = typeof first === "string" ? first.length : 0;
  checkShape(lines.length, columns, path);
  const data = new Uint8Array(lines.length * columns);
  let mask: Uint8Array | undefined;
  let at = 0;
  for (let row = 0; row < lines.length; row++) {
    const line = lines[row];
    if (typeof line !== "string" || line.length !== columns)
      throw gridInvalid(`row ${row} is no text of ${columns} characters, as row 0 is`, path);
    for (let column = 0; column < columns; column++, at++) {
      const value = VALUES[line.charCodeAt(column)] ?? NO_CELL;
      if (value <= MAX_VALUE) data[at] = value;
      else if (value === NO_CELL) {
        const shown = JSON.stringify(line[column]);
        throw gridInvalid(
          `row ${row}, column ${column} is ${shown}; cells are 0-9 and a-f, padding is "."`,
          path,
        );
      } else {
        mask ??= new Uint8Array(data.length).fill(1);
        mask[at] = 0;
      }
    }
  }
  return { shape: [lines.length, columns], data, ...(mask === undefined ? {} : { mask }) };
}

/**
 * The lines of a grid; null if they would not say all of it: a value below the padding, a mask without padding, or one of
 * other values than 0 and 1.
 */
export function gridToText({ shape: [rows, columns], data, mask }: Grid): string[] | null {
  if (mask !== undefined) {
    let hasPadding = false;
    for (let at = 0; at < mask.length; at++) {
      if (mask[at]! > 1 || (mask[at] === 0 && data[at] !== 0)) return null;
      if (mask[at] === 0) hasPadding = true;
    }
    if (!hasPadding) return null;
  }
  return Array.from({ length: rows }, (_, row) => {
    let line = "";
    for (let at = row * columns; at < (row + 1) * columns; at++)
      line += mask?.[at] === 0 ? PADDING : DIGITS[data[at]!];
    return line;
  });
}
