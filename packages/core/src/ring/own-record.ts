import type { StepRecord } from "@episcope/records";
import { copyGrid, copySelection } from "@episcope/records";
import { type StepInput, stepRecord } from "../pipeline/step-input.js";

/** A record with arrays of its own: the ring's are used again. */
export function ownRecord(
  episode: string,
  step: number,
  seq: number,
  time: number,
  input: StepInput,
): StepRecord {
  const { action, after, before } = input;
  const { selection } = action;
  return stepRecord(episode, step, seq, time, {
    ...input,
    ...(before === undefined ? {} : { before: copyGrid(before) }),
    action: selection === undefined ? action : { ...action, selection: copySelection(selection) },
    after: copyGrid(after),
  });
}
