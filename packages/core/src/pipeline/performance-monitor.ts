import type { Clock } from "@episcope/records/store";
import { type ServiceToken, serviceToken } from "../contract/services.js";

/** What measures the cost of recording. */
export const PERFORMANCE_MONITOR: ServiceToken<PerformanceMonitor> = serviceToken(
  "episcope.performance-monitor",
);

/** What is still drawn: 0 = all; 1 = no ordinary steps; 2 = no state dumps and no whole-episode pages either. */
export type DrawingDetail = 0 | 1 | 2;

export interface DetailChange {
  /** Milliseconds since the run was opened. */
  readonly atMs: number;
  readonly from: DrawingDetail;
  readonly to: DrawingDetail;
  /** Share of the producer's time in the window before. */
  readonly overhead: number;
}

export interface PerformanceReport {
  /** Share of the producer's time that recording took, over the whole run: a ratio of totals. */
  readonly overhead: number;
  readonly recordingMs: number;
  readonly elapsedMs: number;
  readonly steps: number;
  readonly detail: DrawingDetail;
  /** Pictures and dumps that were not made to keep within the budget. */
  readonly reduced: number;
  readonly changes: readonly DetailChange[];
  /** Of this process, as last looked at; bytes. */
  readonly memory: { readonly rss: number; readonly rssPeak: number; readonly heapUsed: number };
}

export interface PerformanceMonitorOptions {
  readonly clock: Clock;
  /** `logging.performance_monitor.target_overhead`; null = measure only, never reduce. */
  readonly targetOverhead: number | null;
  onChange(change: DetailChange): void;
  /** Default: the process's. */
  memoryUsage?(): { readonly rss: number; readonly heapUsed: number };
}

/** One call in so many is timed, and counts for all of them: the clock costs more than a part of the step. */
const SAMPLE = 16;
const WINDOW_MS = 1_000;
/** Windows below half the target before one level of detail comes back. */
const CALM_WINDOWS = 3;

/**
 * Measures what recording costs the producer and holds it to a budget, in a way that does not depend on chance: past
 * the target, pictures of ordinary steps go first, then dumps and pages. Records and key steps are never given up.
 */
export class PerformanceMonitor {
  readonly #options: PerformanceMonitorOptions;
  readonly #openedAt: number;
  readonly #changes: DetailChange[] = [];
  #steps = 0;
  #recordingMs = 0;
  #windowStart: number;
  #windowRecordingMs = 0;
  #calm = 0;
  #detail: DrawingDetail = 0;
  #reduced = 0;
  #memory = { rss: 0, rssPeak: 0, heapUsed: 0 };

  constructor(options: PerformanceMonitorOptions) {
    this.#options = options;
    this.#openedAt = options.clock.monotonic();
    this.#windowStart = this.#openedAt;
    this.#look();
  }

  get detail(): DrawingDetail {
    return this.#detail;
  }

  /** Before the recording of a step; one in 16 is timed, for the others it gives null. */
  startStep(): number | null {
    this.#steps += 1;
    return this.#steps % SAMPLE === 1 ? this.#options.clock.monotonic() : null;
  }

  /** After a step that is timed, with what `startStep` gave. */
  endStep(started: number): void {
    const now = this.#options.clock.monotonic();
    this.#add((now - started) * SAMPLE, now);
  }

  /** Counts time on the producer's thread that is no part of a step, drawing in process for instance. */
  addRecordingTime(ms: number): void {
    this.#add(ms, this.#options.clock.monotonic());
  }

  /** Wraps a function of the producer, so that its time and what recording takes of it show in the report. */
  measureStepImpact<Args extends unknown[], Result>(
    name: string,
    call: (...args: Args) => Result,
  ): MeasuredCall<Args, Result> {
    const { clock } = this.#options;
    const totals = { name, calls: 0, totalMs: 0, recordingMs: 0 };
    const measured = (...args: Args): Result => {
      const before = this.#recordingMs;
      const start = clock.monotonic();
      const finish = (): void => {
        totals.calls += 1;
        totals.totalMs += clock.monotonic() - start;
        totals.recordingMs += this.#recordingMs - before;
      };
      let result: Result;
      try {
        result = call(...args);
      } catch (error) {
        finish();
        throw error;
      }
      if (result instanceof Promise) return result.finally(finish) as Result;
      finish();
      return result;
    };
    return Object.assign(measured, { impact: () => ({ ...totals }) });
  }

  /** True while something is given up to keep within the budget. */
  shouldReduceLogging(): boolean {
    return this.#detail > 0;
  }

  /** Counts pictures and dumps that were given up. */
  countReduced(count = 1): void {
    this.#reduced += count;
  }

  getPerformanceReport(): PerformanceReport {
    this.#look();
    const elapsedMs = this.#options.clock.monotonic() - this.#openedAt;
    return {
      overhead: elapsedMs === 0 ? 0 : this.#recordingMs / elapsedMs,
      recordingMs: this.#recordingMs,
      elapsedMs,
      steps: this.#steps,
      detail: this.#detail,
      reduced: this.#reduced,
      changes: [...this.#changes],
      memory: { ...this.#memory },
    };
  }

  #add(ms: number, now: number): void {
    this.#recordingMs += ms;
    this.#windowRecordingMs += ms;
    const elapsed = now - this.#windowStart;
    if (elapsed < WINDOW_MS) return;
    this.#decide(this.#windowRecordingMs / elapsed, now);
    this.#windowStart = now;
    this.#windowRecordingMs = 0;
    this.#look();
  }

  #decide(overhead: number, now: number): void {
    const { targetOverhead } = this.#options;
    if (targetOverhead === null) return;
    if (overhead > targetOverhead) {
      this.#calm = 0;
      if (this.#detail < 2) this.#change((this.#detail + 1) as DrawingDetail, overhead, now);
      return;
    }
    this.#calm = overhead < targetOverhead / 2 ? this.#calm + 1 : 0;
    if (this.#calm < CALM_WINDOWS || this.#detail === 0) return;
    this.#calm = 0;
    this.#change((this.#detail - 1) as DrawingDetail, overhead, now);
  }

  #change(to: DrawingDetail, overhead: number, now: number): void {
    const change = { atMs: now - this.#openedAt, from: this.#detail, to, overhead };
    this.#detail = to;
    this.#changes.push(change);
    this.#options.onChange(change);
  }

  #look(): void {
    const { rss, heapUsed } = (this.#options.memoryUsage ?? process.memoryUsage)();
    this.#memory = { rss, heapUsed, rssPeak: Math.max(rss, this.#memory.rssPeak) };
  }
}

export interface StepImpact {
  readonly name: string;
  readonly calls: number;
  readonly totalMs: number;
  /** Of `totalMs`, estimated from the calls that were timed. */
  readonly recordingMs: number;
}

export type MeasuredCall<Args extends unknown[], Result> = ((...args: Args) => Result) & {
  impact(): StepImpact;
};
