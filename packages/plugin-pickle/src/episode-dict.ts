import { type Action, type Grid, operationName, type PlainValue, type StepRecord } from "@episcope/records";
import type { EpisodeLogHead } from "@episcope/records/store";
import { Float, GridArray, type PickleValue } from "./pickle-value.js";

/** Fields of the head that are floats whatever their value. */
const FLOATS = new Set([
  "start_timestamp",
  "end_timestamp",
  "total_reward",
  "final_similarity",
  "best_similarity",
]);

/** The head of an episode as in the JSON export; its grids are given apart, as they were recorded. */
export function headEntries(
  head: EpisodeLogHead,
  grids: { readonly initial: Grid | null; readonly input: Grid | null; readonly target: Grid | null },
): [string, PickleValue][] {
  return Object.entries({ ...head, ...grids }).map(([name, value]) => {
    if (name === "initial" || name === "input" || name === "target")
      return [name, gridDict(value as Grid | null)];
    if (FLOATS.has(name) && typeof value === "number") return [name, new Float(value)];
    return [name, value as PlainValue as PickleValue];
  });
}

/** A step as in the JSON export, with arrays for grids and masks. */
export function stepDict(record: StepRecord, before: Grid | null): PickleValue {
  return {
    step_num: record.step,
    timestamp: new Float(record.time),
    before_state: gridDict(before),
    action: actionDict(record.action, before),
    after_state: gridDict(record.after),
    reward: new Float(record.reward),
    terminated: record.terminated,
    truncated: record.truncated,
    info: record.info as PickleValue,
    ...(record.state === undefined ? {} : { full_state: record.state as PickleValue }),
  };
}

function actionDict(action: Action, before: Grid | null): PickleValue {
  const { operation, selection } = action;
  let chosen: PickleValue = null;
  if (selection?.kind === "mask" && before !== null) {
    chosen = { kind: "mask", mask: new GridArray(before.shape, selection.mask) };
  } else if (selection !== undefined) {
    chosen = selection.kind === "mask" ? { kind: "mask", mask: [...selection.mask] } : { ...selection };
  }
  return { operation, operation_name: operationName(action), selection: chosen };
}

function gridDict(grid: Grid | null): PickleValue {
  if (grid === null) return null;
  const array = new GridArray(grid.shape, grid.data);
  return grid.mask === undefined
    ? { grid: array }
    : { grid: array, mask: new GridArray(grid.shape, grid.mask) };
}
