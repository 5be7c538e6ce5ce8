import type { EpisodeTrace } from "./episode-trace.js";
import type { FailureRule } from "./failure-mode.js";

/** Longest cycle that is looked for, in steps. */
const LONGEST_CYCLE = 32;
/** An oscillation goes forth and back at least so often: A-B-A-B-A. */
const FEWEST_TURNS = 3;

/** A-B-A-B-A: two states in turn, at least three returns in a row. */
export const oscillation: FailureRule = (trace) => {
  const stretch = longestStretch(stretchesOf(trace, 2));
  if (stretch === null || stretch.length < FEWEST_TURNS) return null;
  return {
    steps: rangeOf(stretch.from, stretch.length + 1),
    evidence: `two states in turn over steps ${stretch.from} to ${stretch.from + stretch.length}`,
  };
};

/** A cycle of three states or more that is walked at least twice: A-B-C-A-B-C. */
export const loop: FailureRule = (trace) => {
  const longest = Math.min(LONGEST_CYCLE, trace.states.length >> 1);
  for (let period = 3; period <= longest; period++) {
    const stretch = longestStretch(stretchesOf(trace, period));
    if (stretch === null || stretch.length < period) continue;
    const rounds = Math.floor((stretch.length + period) / period);
    return {
      steps: rangeOf(stretch.from, stretch.length + period - 1),
      evidence: `a cycle of ${period} states, walked ${rounds} times from step ${stretch.from} on`,
    };
  }
  return null;
};

/** A step that undoes the step before it; those of an oscillation belong to that. */
export const undoPairs: FailureRule = (trace) => {
  const steps: number[] = [];
  for (const { from, length } of stretchesOf(trace, 2)) {
    if (length >= FEWEST_TURNS) continue;
    for (let at = from; at < from + length; at++) steps.push(at, at + 1);
  }
  if (steps.length === 0) return null;
  const pairs = steps.length / 2;
  return {
    steps: [...new Set(steps)],
    evidence: `${pairs} ${pairs === 1 ? "step undoes" : "steps undo"} what the step before did`,
  };
};

interface Stretch {
  /** The first step of it. */
  readonly from: number;
  /** How many states in a row come back after `period` steps. */
  readonly length: number;
}

/** Where states come back after exactly `period` steps, each of which changed something. */
function* stretchesOf({ states, changed }: EpisodeTrace, period: number): Generator<Stretch> {
  let from = -1;
  const last = states.length - period;
  for (let at = 0; at <= last; at++) {
    if (at < last && states[at] === states[at + period] && isCycle(states, changed, at, period)) {
      if (from < 0) from = at;
    } else if (from >= 0) {
      yield { from, length: at - from };
      from = -1;
    }
  }
}

/** Whether every step from `at` on leads to another state, and none of them back before the period is over. */
function isCycle(states: Uint32Array, changed: Uint16Array, at: number, period: number): boolean {
  for (let step = at; step < at + period; step++) {
    if (changed[step] === 0) return false;
    if (step > at && states[step] === states[at]) return false;
  }
  return true;
}

function longestStretch(stretches: Iterable<Stretch>): Stretch | null {
  let longest: Stretch | null = null;
  for (const stretch of stretches) if (longest === null || stretch.length > longest.length) longest = stretch;
  return longest;
}

function rangeOf(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, offset) => from + offset);
}
