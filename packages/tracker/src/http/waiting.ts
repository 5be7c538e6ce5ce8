/** How a background sender spends time; a test gives one that does not. */
export interface Waiting {
  /**
   * Resolves after `ms`, earlier once `hurry` is called, and rejects with the signal's reason when it aborts. `exact`: the
   * server named the time, and hurry does not shorten it.
   */
  wait(ms: number, signal: AbortSignal, exact?: boolean): Promise<void>;
  /** From now on nobody waits for long: the program is about to end. */
  hurry(): void;
}

/** Longest wait in a hurry: a server that comes back is noticed. */
const HURRIED_MS = 4_000;

export function createWaiting(): Waiting {
  let hurried = false;
  const sleepers = new Set<() => void>();
  return {
    wait(ms, signal, exact = false) {
      if (signal.aborted) return Promise.reject(signal.reason);
      return new Promise((resolve, reject) => {
        const end = (): void => {
          clearTimeout(timer);
          sleepers.delete(end);
          signal.removeEventListener("abort", abort);
          resolve();
        };
        const abort = (): void => {
          end();
          reject(signal.reason);
        };
        const timer = setTimeout(end, hurried && !exact ? Math.min(ms, HURRIED_MS) : ms);
        // What waits for the network keeps no program alive.
        timer.unref();
        signal.addEventListener("abort", abort, { once: true });
        if (!exact) sleepers.add(end);
      });
    },
    hurry() {
      hurried = true;
      for (const end of [...sleepers]) end();
    },
  };
}
