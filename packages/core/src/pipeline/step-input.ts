import type { Action, Grid, PlainValue, StepInfo, StepRecord } from "@episcope/records";
import { fieldUnknown } from "../contract/errors.js";

/** A step as the program gives it. */
export interface StepInput {
  readonly action: Action;
  readonly after: Grid;
  readonly reward: number;
  readonly info?: StepInfo;
  /** Only where it is not the last `after`. */
  readonly before?: Grid;
  readonly terminated?: boolean;
  readonly truncated?: boolean;
  /** Kept with `logging.include_full_states`. */
  readonly state?: PlainValue;
}

const FIELDS: ReadonlySet<string> = new Set([
  "action",
  "after",
  "reward",
  "info",
  "before",
  "terminated",
  "truncated",
  "state",
]);

/** Throws RECORD_INVALID for a field that nobody would read. */
export function checkStepFields(input: StepInput): void {
  for (const field in input) if (!FIELDS.has(field)) throw fieldUnknown("step", field, [...FIELDS]);
}

/** The record of a step that was given in parts. */
export function stepRecord(
  episode: string,
  step: number,
  seq: number,
  time: number,
  input: StepInput,
): StepRecord {
  return {
    type: "step",
    seq,
    episode,
    step,
    time,
    ...(input.before === undefined ? {} : { before: input.before }),
    action: input.action,
    after: input.after,
    reward: input.reward,
    terminated: input.terminated ?? false,
    truncated: input.truncated ?? false,
    info: input.info ?? {},
    ...(input.state === undefined ? {} : { state: input.state }),
  };
}
