import { differingCells, type EpisodeRecord, type Grid, gridsEqual } from "@episcope/records";
import { applyOperation, type Canvas } from "./apply-operation.js";
import { clipboardOf } from "./clipboard-meta.js";

/** The first step of an episode that this environment does not do as it was recorded. */
export interface StepDifference {
  /** As recorded, from 0. */
  readonly step: number;
  /** For people: how many cells differ, or why the action cannot be done. */
  readonly problem: string;
}

/**
 * Runs the recorded actions of an episode again, from the grid that it began with; null where every step leads to the grid that
 * was recorded. Rewards are not looked at: their weights are the player's.
 */
export function runAgain(records: Iterable<EpisodeRecord>): StepDifference | null {
  for (const { difference } of canvases(records)) if (difference !== null) return difference;
  return null;
}

/** The state of an episode behind one of its steps. */
export interface RecordedState {
  /** The grid is the recorded one; what is in the clipboard follows from the actions. */
  readonly canvas: Canvas;
  /** The first step up to there that this environment does otherwise; null where there is none. */
  readonly difference: StepDifference | null;
}

/** The state that step `step` has left, or the one before the first where it is null; null where there is no such step. */
export function stateAfter(records: Iterable<EpisodeRecord>, step: number | null): RecordedState | null {
  let first: StepDifference | null = null;
  for (const { at, canvas, difference } of canvases(records)) {
    first ??= difference;
    if (at === step) return { canvas, difference: first };
  }
  return null;
}

interface Followed {
  /** Number of the step; null before the first. */
  readonly at: number | null;
  readonly canvas: Canvas;
  readonly difference: StepDifference | null;
}

/** The states of an episode one after another; each step begins with the recorded grid. */
function* canvases(records: Iterable<EpisodeRecord>): Generator<Followed> {
  let canvas: Canvas | undefined;
  let input: Grid | undefined;
  for (const record of records) {
    if (record.type === "episode-start") {
      canvas = { grid: record.initial, clipboard: clipboardOf(record.meta) };
      input = record.input ?? record.initial;
      yield { at: null, canvas, difference: null };
    }
    if (record.type !== "step" || canvas === undefined || input === undefined) continue;
    const { step, action, after } = record;
    let difference: StepDifference | null = null;
    try {
      const made: Canvas = applyOperation(canvas, action, input);
      if (!gridsEqual(made.grid, after)) difference = { step, problem: differenceOf(made.grid, after) };
      canvas = { ...made, grid: after };
    } catch (error) {
      difference = { step, problem: (error as Error).message };
      canvas = { ...canvas, grid: after };
    }
    yield { at: step, canvas, difference };
  }
}

function differenceOf(made: Grid, recorded: Grid): string {
  const [rows, columns] = made.shape;
  if (rows !== recorded.shape[0] || columns !== recorded.shape[1]) {
    return `the environment makes a grid of ${rows}x${columns}, recorded is one of ${recorded.shape[0]}x${recorded.shape[1]}`;
  }
  const cells = differingCells(made, { shape: recorded.shape, data: recorded.data });
  return cells === 0 ? "the padding differs" : `${cells} ${cells === 1 ? "cell differs" : "cells differ"}`;
}
