import type { Grid } from "../episode/grid.js";
import type { Action, PlainValue, StepInfo } from "../episode/record.js";

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
