import { type Grid, gridFromRows, gridToRows } from "@episcope/records";

/** "12/30" is a grid of two rows: a digit for each cell. */
export const grid = (text: string): Grid => gridFromRows(text.split("/").map((row) => [...row].map(Number)));

/** The other way round. */
export const text = (value: Grid): string =>
  gridToRows(value)
    .map((row) => row.join(""))
    .join("/");
