import type { Clock } from "../disk/clock.js";

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves both readings. */
  advance(seconds: number): void;
  /** Sets the readings of the wall clock alone, as an administrator would; `monotonic` does not notice. */
  setNow(seconds: number): void;
}

/** `start` in Unix seconds; default 2026-01-02 03:04:05 UTC. */
export function createManualClock(start = 1767323045): ManualClock {
  let now = start;
  let monotonic = 0;
  return {
    now: () => now,
    monotonic: () => monotonic,
    advance(seconds) {
      now += seconds;
      monotonic += seconds * 1000;
    },
    setNow(seconds) {
      now = seconds;
    },
  };
}
