import type { PlainObject } from "@episcope/records";

/**
 * Milliseconds that a sink may spend in `close`, of the seconds that its options give it: the pipeline gives each call of a sink
 * `logging.async_logger.worker_timeout`, and counts one that needs longer as failed.
 */
export function closingBudgetMs(seconds: number, config: PlainObject): number {
  const { logging } = config as {
    readonly logging?: { readonly async_logger?: { readonly worker_timeout?: unknown } };
  };
  const limit = logging?.async_logger?.worker_timeout;
  return 1000 * (typeof limit === "number" ? Math.max(0, Math.min(seconds, limit - 1)) : seconds);
}
