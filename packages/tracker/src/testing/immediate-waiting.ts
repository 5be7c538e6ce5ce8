import type { Waiting } from "../http/waiting.js";

/** Waits for nothing and notes what it was asked for, in milliseconds. */
export function immediateWaiting(): Waiting & { readonly asked: readonly number[] } {
  const asked: number[] = [];
  return {
    asked,
    async wait(ms, signal) {
      asked.push(ms);
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    },
    hurry() {},
  };
}
