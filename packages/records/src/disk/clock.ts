export interface Clock {
  /** Unix seconds, for people and file names. */
  now(): number;
  /** Milliseconds that never run backwards, for durations. */
  monotonic(): number;
}
