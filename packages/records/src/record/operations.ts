import type { Action } from "./record.js";

const COLOURS = 10;

/** Standard names of the operations 0..34, by id (JaxARC's `OPERATION_NAMES`). */
export const OPERATION_NAMES: readonly string[] = [
  ...Array.from({ length: COLOURS }, (_, colour) => `Fill ${colour}`),
  ...Array.from({ length: COLOURS }, (_, colour) => `Flood Fill ${colour}`),
  "Move Up",
  "Move Down",
  "Move Left",
  "Move Right",
  "Rotate CW",
  "Rotate CCW",
  "Flip H",
  "Flip V",
  "Copy",
  "Paste",
  "Cut",
  "Clear",
  "Copy Input",
  "Resize",
  "Submit",
];

/** Id of the operation that hands in a solution. */
export const SUBMIT_OPERATION = 34;

/** The name to show: the producer's own, else the standard one, else "Operation <id>". */
export function operationName(action: Action): string {
  return action.name ?? OPERATION_NAMES[action.operation] ?? `Operation ${action.operation}`;
}
