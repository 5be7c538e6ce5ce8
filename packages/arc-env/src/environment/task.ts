import type { Grid, TaskPair } from "@episcope/records";
import { taskMalformedError } from "./errors.js";

/** Largest side of an ARC grid. */
export const ARC_MAX_SIDE = 30;
/** Largest colour of an ARC grid. */
export const ARC_MAX_COLOR = 9;

export interface ArcTask {
  /** The file's name without `.json`. May hold any character: escape it where it becomes a path or markup. */
  readonly id: string;
  /** At least one; the output is always known. */
  readonly train: readonly TaskPair[];
  /** May be empty; `output` is null where the file does not give it (hidden test sets). */
  readonly test: readonly TaskPair[];
}

/**
 * Checks a value that came out of JSON and turns it into a task. Keys other than `train` and `test` (and
 * `input` and `output` in a pair) are ignored.
 * @param file Shown in errors.
 * @throws EpiscopeError `TASK_MALFORMED`, with the file and the place inside it.
 */
export function parseTask(value: unknown, id: string, file: string): ArcTask {
  if (!isObject(value)) throw taskMalformedError(file, "its top level", "is not an object");
  const train = parsePairs(value, "train", file);
  if (train.length === 0) throw taskMalformedError(file, "train", "is empty");
  return { id, train, test: parsePairs(value, "test", file) };
}

function parsePairs(task: Record<string, unknown>, part: "train" | "test", file: string): TaskPair[] {
  const pairs = task[part];
  if (pairs === undefined) throw taskMalformedError(file, part, "is missing");
  if (!Array.isArray(pairs)) throw taskMalformedError(file, part, "is not a list");
  return pairs.map((pair: unknown, index) => {
    const path = `${part}[${index}]`;
    if (!isObject(pair)) throw taskMalformedError(file, path, "is not an object with 'input' and 'output'");
    const input = parseGrid(pair["input"], `${path}.input`, file);
    const hidden = part === "test" && isHidden(pair["output"]);
    return { input, output: hidden ? null : parseGrid(pair["output"], `${path}.output`, file) };
  });
}

/** Test sets are handed out without outputs, or with `null` or `[]` in their place. */
function isHidden(output: unknown): boolean {
  return output === undefined || output === null || (Array.isArray(output) && output.length === 0);
}

/** One grid of a file. Throws TASK_MALFORMED, with the file and the place inside it. */
export function parseGrid(value: unknown, path: string, file: string): Grid {
  if (value === undefined) throw taskMalformedError(file, path, "is missing");
  if (!Array.isArray(value)) throw taskMalformedError(file, path, "is not a list of rows");
  const rows = value.length;
  const columns = Array.isArray(value[0]) ? value[0].length : 0;
  if (rows === 0) throw taskMalformedError(file, path, "has no rows");
  if (rows > ARC_MAX_SIDE)
    throw taskMalformedError(file, path, `has ${rows} rows, more than ${ARC_MAX_SIDE}`);
  const data = new Uint8Array(rows * columns);
  for (const [r, row] of value.entries()) {
    const rowPath = `${path}[${r}]`;
    if (!Array.isArray(row)) throw taskMalformedError(file, rowPath, "is not a list of cells");
    if (row.length === 0) throw taskMalformedError(file, rowPath, "has no cells");
    if (row.length > ARC_MAX_SIDE)
      throw taskMalformedError(file, rowPath, `has ${row.length} cells, more than ${ARC_MAX_SIDE}`);
    if (row.length !== columns)
      throw taskMalformedError(file, rowPath, `has ${row.length} cells where the first row has ${columns}`);
    for (const [c, cell] of row.entries()) {
      if (!Number.isInteger(cell) || cell < 0 || cell > ARC_MAX_COLOR)
        throw taskMalformedError(
          file,
          `${rowPath}[${c}]`,
          `is ${JSON.stringify(cell)}, not an integer 0 to ${ARC_MAX_COLOR}`,
        );
      data[r * columns + c] = cell;
    }
  }
  return { shape: [rows, columns], data };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
