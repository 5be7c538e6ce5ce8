import type { StepColumns } from "../columns/step-columns.js";

/** Many steps of many environments in one message; in MessagePack streams only. */
export interface StepsMessage {
  readonly type: "steps";
  /** Of the first record that is made of it; the others count on from it. */
  readonly seq: number;
  /** How many records are made of it, refused ones too: steps, starts and ends. */
  readonly records: number;
  readonly columns: StepColumns;
}

/** Arrays begin at multiples of this many bytes, from the beginning of the message's body. */
export const ALIGNMENT = 8;

export function alignUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Fields of the head of a message; `?` marks those that may be left out. */
export const HEAD_FIELDS: readonly string[] = [
  ...["type", "seq", "records", "shape", "envs?", "time?", "starts?", "tasks?", "operation_names?"],
  ...["raw", "arrays"],
];

/** The lists of `starts`, and the arrays that may replace them. */
export const START_LISTS = {
  t: "start_t",
  env: "start_env",
  task: "start_task",
  pair: "start_pair",
} as const;
/** The grids of the starts, by the names of their arrays. */
export const START_GRIDS = { initial: "start_grid", target: "start_target", input: "start_input" } as const;
/** The arrays that are columns of the same name. */
export const PLAIN_COLUMNS = [
  "after",
  "before",
  "operation",
  "mask",
  "point",
  "bbox",
  "reward",
  "terminated",
  "truncated",
  "similarity",
  "success",
  "priority",
] as const;
