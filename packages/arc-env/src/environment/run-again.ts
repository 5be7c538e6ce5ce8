import { differingCells, type EpisodeRecord, gridsEqual } from "@episcope/records";
import { applyOperation, type Canvas } from "./apply-operation.js";

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
  let canvas: Canvas | undefined;
  let input: Canvas["grid"] | undefined;
  for (const record of records) {
    if (record.type === "episode-start") {
      canvas = { grid: record.initial, clipboard: null };
      input = record.input ?? record.initial;
    }
    if (record.type !== "step" || canvas === undefined || input === undefined) continue;
    const { step, action, after } = record;
    try {
      canvas = applyOperation(canvas, action, input);
    } catch (error) {
      return { step, problem: (error as Error).message };
    }
    if (!gridsEqual(canvas.grid, after)) return { step, problem: difference(canvas.grid, after) };
  }
  return null;
}

function difference(made: Canvas["grid"], recorded: Canvas["grid"]): string {
  const [rows, columns] = made.shape;
  if (rows !== recorded.shape[0] || columns !== recorded.shape[1]) {
    return `the environment makes a grid of ${rows}x${columns}, recorded is one of ${recorded.shape[0]}x${recorded.shape[1]}`;
  }
  const cells = differingCells(made, { shape: recorded.shape, data: recorded.data });
  return cells === 0 ? "the padding differs" : `${cells} ${cells === 1 ? "cell differs" : "cells differ"}`;
}
