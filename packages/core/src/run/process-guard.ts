import { constants } from "node:os";
import type { Logger } from "../contract/plugin.js";

// biome-ignore lint/suspicious/noExplicitAny: what an event carries is its own.
type Listener = (...args: any[]) => void;

/** The events and acts of a process; `process` has them. */
export interface ProcessEvents {
  readonly pid: number;
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
  listenerCount(event: string): number;
  kill(pid: number, signal: NodeJS.Signals): unknown;
  exit(code: number): unknown;
}

export interface ProcessGuardOptions {
  readonly events: ProcessEvents;
  readonly logger: Logger;
  /** Hands what was accepted to the system, synchronously. */
  flushNow(): void;
  /** Records and pictures that are accepted and not written. */
  pending(): number;
  /** Closes the run as interrupted; resolves within the shutdown timeout. */
  close(): Promise<void>;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Keeps what was accepted when the process ends before the run does. At `process.exit()` and after an uncaught error
 * the journal is written synchronously; errors are only watched, so exit code and stack stay. SIGINT and SIGTERM
 * close the run, then take their course; a second SIGINT leaves at once and says how much was left.
 */
export class ProcessGuard {
  readonly #options: ProcessGuardOptions;
  #interrupted = false;

  constructor(options: ProcessGuardOptions) {
    this.#options = options;
    const { events } = options;
    events.on("exit", this.#onEnd);
    events.on("uncaughtExceptionMonitor", this.#onEnd);
    for (const signal of SIGNALS) events.on(signal, this.#onSignal);
  }

  /** Takes the listeners off again. */
  release(): void {
    const { events } = this.#options;
    events.off("exit", this.#onEnd);
    events.off("uncaughtExceptionMonitor", this.#onEnd);
    for (const signal of SIGNALS) events.off(signal, this.#onSignal);
  }

  readonly #onEnd = (): void => this.#options.flushNow();

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const { events, logger } = this.#options;
    if (this.#interrupted) {
      this.#options.flushNow();
      const left = this.#options.pending();
      logger.warn(`${signal} again: leaving at once; ${left} queued records and pictures were not written.`);
      this.release();
      events.exit(128 + constants.signals[signal]);
      return;
    }
    this.#interrupted = true;
    logger.warn(`${signal}: writing what is queued; press Ctrl-C again to leave at once.`);
    this.#options
      .close()
      .catch((error: unknown) => logger.error(String(error)))
      .finally(() => {
        this.release();
        // Other listeners for the signal, of the program or of another run, decide what happens next.
        if (events.listenerCount(signal) === 0) events.kill(events.pid, signal);
      });
  };
}
