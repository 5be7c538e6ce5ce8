import { type Grid, gridFromRows, gridToRows, type TaskPair } from "@episcope/records";
import type { ArcTask } from "../src/index.js";

/** "12/30" is a grid of two rows. */
export const grid = (text: string): Grid =>
  gridFromRows(text.split("/").map((row) => [...row].map((cell) => Number(cell))));

export const text = (value: Grid): string =>
  gridToRows(value)
    .map((row) => row.join(""))
    .join("/");

export const pair = (input: string, output: string | null): TaskPair => ({
  input: grid(input),
  output: output === null ? null : grid(output),
});

export const task = (train: readonly TaskPair[], test: readonly TaskPair[] = []): ArcTask => ({
  id: "t",
  train,
  test,
});
