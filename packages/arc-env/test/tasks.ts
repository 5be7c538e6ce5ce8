import type { TaskPair } from "@episcope/records";
import { grid } from "@episcope/testing/text-grids";
import type { ArcTask } from "../src/index.js";

/** Grids as text; `output` null where the file has no answer. */
export const pair = (input: string, output: string | null): TaskPair => ({
  input: grid(input),
  output: output === null ? null : grid(output),
});

export const task = (train: readonly TaskPair[], test: readonly TaskPair[] = []): ArcTask => ({
  id: "t",
  train,
  test,
});
