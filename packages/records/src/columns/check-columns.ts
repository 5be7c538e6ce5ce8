import { isSide, MAX_SIDE } from "../record/grid.js";
import { checkKey } from "../record/plain.js";
import { type CheckedStarts, checkStarts } from "./check-starts.js";
import { ColumnArrays, integersOf, isArrayLike, type NumberColumn } from "./column-arrays.js";
import { stepsInvalid } from "./errors.js";
import {
  type ColumnSizes,
  type IntegerArray,
  MAX_ROWS,
  type NumberArray,
  type StepColumns,
} from "./step-columns.js";

export type NamedColumns = readonly (readonly [name: string, column: NumberColumn])[];

/** Columns that can be read as steps, with what was left out filled in. */
export interface CheckedColumns {
  readonly sizes: ColumnSizes;
  readonly envs: ArrayLike<number>;
  /** Unix seconds, of all rows or of each. */
  readonly time: number | ArrayLike<number>;
  readonly starts: CheckedStarts;
  readonly operationNames: { readonly [operation: string]: string } | readonly string[] | null;
  readonly after: Uint8Array;
  readonly before: Uint8Array | null;
  readonly operation: NumberColumn;
  readonly selection: SelectionColumn | null;
  readonly reward: NumberColumn;
  readonly terminated: ArrayLike<number> | null;
  readonly truncated: ArrayLike<number> | null;
  readonly similarity: NumberColumn | null;
  readonly success: NumberColumn | null;
  readonly priority: NumberColumn | null;
  readonly metrics: NamedColumns;
  readonly info: NamedColumns;
  /** Rows that end an episode. */
  readonly ends: number;
}

export type SelectionColumn =
  | { readonly kind: "mask"; readonly packed: Uint8Array }
  | { readonly kind: "point" | "bbox"; readonly corners: NumberColumn };

/**
 * Looks at everything but the cells: a bad cell costs its step only. Throws STEPS_INVALID with the path, named as on the
 * wire, or RECORD_KEY_REFUSED; what `info` and `metrics` have as names must be allowed there.
 */
export function checkColumns(columns: StepColumns): CheckedColumns {
  const sizes = checkSizes(columns.shape, isArrayLike(columns.starts?.t) ? columns.starts.t.length : 0);
  const check = new ColumnArrays(sizes);
  const after = check.bytes("after", columns.after);
  const { tasks = [], starts } = columns;
  if (!Array.isArray(tasks) || !tasks.every((task) => typeof task === "string"))
    throw stepsInvalid("tasks", "they are no list of texts");
  const terminated = check.optional("terminated", columns.terminated)?.values ?? null;
  const truncated = check.optional("truncated", columns.truncated)?.values ?? null;
  return {
    sizes,
    envs: checkEnvironments(columns.envs, sizes.environments),
    time: checkTime(columns.time, check),
    starts: checkStarts(starts, sizes, tasks),
    operationNames: checkNames(columns.operationNames),
    after,
    before: columns.before === undefined ? null : check.bytes("before", columns.before),
    operation: check.numbers("operation", columns.operation),
    selection: checkSelection(columns, check),
    reward: check.numbers("reward", columns.reward),
    terminated,
    truncated,
    similarity: check.optional("similarity", columns.similarity),
    success: check.optional("success", columns.success),
    priority: check.optional("priority", columns.priority),
    metrics: checkNamed("metrics", columns.metrics, check),
    info: checkNamed("info", columns.info, check),
    ends: countEnds(terminated, truncated, sizes.rows * sizes.environments),
  };
}

/** T, N, H and W are in `shape`, `starts` is S. Throws STEPS_INVALID. */
export function checkSizes(shape: unknown, starts: number): ColumnSizes {
  if (!Array.isArray(shape) || shape.length !== 4) throw stepsInvalid("shape", "it is not [T, N, H, W]");
  const [rows, environments, height, width] = shape as readonly unknown[];
  if (!isCount(rows) || !isCount(environments) || rows * environments > MAX_ROWS) {
    throw stepsInvalid(
      "shape",
      `${String(rows)} rows of ${String(environments)} environments are not 1 to ${MAX_ROWS} steps`,
    );
  }
  if (!isSide(height) || !isSide(width)) {
    throw stepsInvalid("shape", `grids of ${String(height)}x${String(width)} are not within 1..${MAX_SIDE}`);
  }
  return { rows, environments, height, width, starts };
}

function checkEnvironments(envs: IntegerArray | undefined, count: number): ArrayLike<number> {
  if (envs === undefined) return Array.from({ length: count }, (_, index) => index);
  const numbers = integersOf("envs", envs, count);
  const seen = new Set<number>();
  for (let column = 0; column < count; column++) {
    const env = numbers[column]!;
    if (env < 0) throw stepsInvalid(`envs[${column}]`, `${env} is not an integer from 0`);
    if (seen.has(env)) throw stepsInvalid(`envs[${column}]`, `the environment ${env} has a column already`);
    seen.add(env);
  }
  return numbers;
}

function checkTime(time: number | NumberArray, check: ColumnArrays): number | ArrayLike<number> {
  if (typeof time === "number") return time;
  if (time === undefined) throw stepsInvalid("time", "it is missing: a number, or an array [T]");
  const { values, exact } = check.numbers("time", time);
  if (exact !== null && !Array.from(values).every(Number.isSafeInteger))
    throw stepsInvalid("time", "it has integers beyond 2^53");
  return values;
}

function checkSelection({ mask, point, bbox }: StepColumns, check: ColumnArrays): SelectionColumn | null {
  const given = Object.entries({ mask, point, bbox }).filter(([, column]) => column !== undefined);
  if (given.length > 1) {
    const names = given.map(([name]) => `'${name}'`).join(" and ");
    throw stepsInvalid(given[1]![0], `${names} are both selections; send one of them`);
  }
  if (mask !== undefined) return { kind: "mask", packed: check.bytes("mask", mask) };
  if (point !== undefined) return { kind: "point", corners: check.numbers("point", point) };
  return bbox === undefined ? null : { kind: "bbox", corners: check.numbers("bbox", bbox) };
}

/** What `info` says in fields of its own. */
const OWN_FIELDS: readonly string[] = ["similarity", "success", "metrics"];

function checkNamed(
  group: "metrics" | "info",
  columns: StepColumns["info"],
  check: ColumnArrays,
): NamedColumns {
  if (columns === undefined) return [];
  if (typeof columns !== "object" || columns === null)
    throw stepsInvalid(group, "it is no object of columns");
  return Object.entries(columns).map(([name, column]) => {
    const path = `${group}.${name}`;
    checkKey(name, group);
    if (group === "info" && OWN_FIELDS.includes(name))
      throw stepsInvalid(path, `send '${name === "metrics" ? "metrics.NAME" : name}' instead`);
    return [name, check.numbers(path, column)] as const;
  });
}

function checkNames(names: StepColumns["operationNames"]): CheckedColumns["operationNames"] {
  if (names === undefined || names === null) return null;
  if (typeof names !== "object" || !Object.values(names).every((name) => typeof name === "string"))
    throw stepsInvalid("operation_names", "they are no list of texts, and no texts by operation");
  return names;
}

function countEnds(
  terminated: ArrayLike<number> | null,
  truncated: ArrayLike<number> | null,
  steps: number,
): number {
  let ends = 0;
  for (let step = 0; step < steps; step++) {
    if ((terminated !== null && terminated[step] !== 0) || (truncated !== null && truncated[step] !== 0))
      ends++;
  }
  return ends;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
