import type { Grid } from "@episcope/records";
import { notATaskError, taskMalformedError } from "./errors.js";
import { type ArcTask, parseGrid, parseTask } from "./task.js";

/** What a JSON file of an ARC data set holds. */
export interface TaskFileContent {
  readonly tasks: readonly ArcTask[];
  /** Test outputs by the id of their task, of a file of solutions. */
  readonly solutions: ReadonlyMap<string, readonly (Grid | null)[]>;
}

/**
 * Reads what came out of JSON: one task, many tasks by their ids (Kaggle's challenges), or test outputs by the ids of their
 * tasks (Kaggle's solutions). Throws TASK_MALFORMED, or NOT_A_TASK for a file that was never meant to be any of these.
 */
export function parseTaskFile(value: unknown, id: string, file: string): TaskFileContent {
  if (!isObject(value)) throw notATaskError(file, Array.isArray(value) ? "a list" : "no object");
  if ("train" in value || "test" in value)
    return { tasks: [parseTask(value, id, file)], solutions: new Map() };
  const members = Object.entries(value);
  if (members.length > 0 && members.every(([, task]) => isObject(task) && "train" in task)) {
    return { tasks: members.map(([key, task]) => parseTask(task, key, file)), solutions: new Map() };
  }
  if (members.length > 0 && members.every(([, outputs]) => isListOfGrids(outputs))) {
    return {
      tasks: [],
      solutions: new Map(members.map(([key, outputs]) => [key, readOutputs(outputs, key, file)])),
    };
  }
  if (members.length > 0 && members.every(([, attempts]) => isAttempts(attempts)))
    throw notATaskError(file, "a submission of answers");
  throw notATaskError(file, "an object without 'train' and 'test'");
}

function readOutputs(outputs: unknown, id: string, file: string): (Grid | null)[] {
  if (!Array.isArray(outputs)) throw taskMalformedError(file, id, "is not a list of outputs");
  return outputs.map((output: unknown, index) =>
    output === null ? null : parseGrid(output, `${id}[${index}]`, file),
  );
}

function isListOfGrids(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length > 0 && value.every((grid) => Array.isArray(grid) || grid === null)
  );
}

function isAttempts(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length > 0 && value.every((each) => isObject(each) && "attempt_1" in each)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
