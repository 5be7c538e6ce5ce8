import type { ColumnSizes } from "./step-columns.js";

type ShapeOf = (sizes: ColumnSizes) => readonly number[];

const perStep: ShapeOf = ({ rows, environments }) => [rows, environments];
const grids: ShapeOf = ({ rows, environments, height, width }) => [rows, environments, height, width];
const perStart: ShapeOf = ({ starts }) => [starts];
const startGrids: ShapeOf = ({ starts, height, width }) => [starts, height, width];
const several =
  (count: number): ShapeOf =>
  ({ rows, environments }) => [rows, environments, count];

/** What a column holds: bytes, integers of any width, or any numbers. */
export type ColumnKind = "bytes" | "integers" | "numbers";

/** The columns by the names that the wire has for them. */
const COLUMNS: { readonly [name: string]: readonly [ColumnKind, ShapeOf] } = {
  time: ["numbers", ({ rows }) => [rows]],
  after: ["bytes", grids],
  before: ["bytes", grids],
  operation: ["integers", perStep],
  mask: [
    "bytes",
    ({ rows, environments, height, width }) => [rows, environments, Math.ceil((height * width) / 8)],
  ],
  point: ["integers", several(2)],
  bbox: ["integers", several(4)],
  reward: ["numbers", perStep],
  terminated: ["integers", perStep],
  truncated: ["integers", perStep],
  similarity: ["numbers", perStep],
  success: ["numbers", perStep],
  priority: ["numbers", perStep],
  start_t: ["integers", perStart],
  start_env: ["integers", perStart],
  start_task: ["integers", perStart],
  start_pair: ["integers", perStart],
  start_grid: ["bytes", startGrids],
  start_target: ["bytes", startGrids],
  start_input: ["bytes", startGrids],
};

/** The names of the wire's arrays, for messages. */
export const COLUMN_NAMES: readonly string[] = [...Object.keys(COLUMNS), "metrics.NAME", "info.NAME"];

/** The part of a name after "metrics." or "info."; null for every other name. */
export function namedColumn(
  name: string,
): { readonly group: "metrics" | "info"; readonly key: string } | null {
  const dot = name.indexOf(".");
  const group = name.slice(0, Math.max(dot, 0));
  return group === "metrics" || group === "info" ? { group, key: name.slice(dot + 1) } : null;
}

/** Kind and shape of a column; undefined for a name that there is not. */
export function describeColumn(
  name: string,
  sizes: ColumnSizes,
): { readonly kind: ColumnKind; readonly shape: readonly number[] } | undefined {
  const entry = Object.hasOwn(COLUMNS, name) ? COLUMNS[name] : undefined;
  if (entry !== undefined) return { kind: entry[0], shape: entry[1](sizes) };
  return namedColumn(name) === null ? undefined : { kind: "numbers", shape: perStep(sizes) };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}
