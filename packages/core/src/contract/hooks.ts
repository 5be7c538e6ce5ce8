import type { EpisodeEndRecord, EpisodeStartRecord, StepRecord } from "@episcope/records";
import type { CleanupStep } from "@episcope/records/store";
import { AsyncSeriesHook, SyncHook } from "tapable";
import { hookFailed } from "./errors.js";
import type { Artifact, RunIdentity } from "./roles.js";

/** The lifecycle of a run. `docs/hooks.md` says when each fires and what an error in a tap does. */
export interface RunHooks {
  readonly runStart: AsyncSeriesHook<[RunIdentity]>;
  readonly episodeStart: SyncHook<[EpisodeStartRecord, number]>;
  readonly step: SyncHook<[StepRecord, number]>;
  readonly artifact: SyncHook<[Artifact]>;
  readonly episodeEnd: AsyncSeriesHook<[EpisodeEndRecord, number]>;
  readonly cleanup: AsyncSeriesHook<[readonly CleanupStep[]]>;
  readonly runEnd: AsyncSeriesHook<[RunIdentity]>;
}

/**
 * Makes the hooks of one run. With `onError` every tap is isolated: what it throws or rejects with is passed to
 * `onError` as HOOK_FAILED, which names plugin and hook, and the other taps run. Without, errors reach the caller.
 */
export function createRunHooks(onError?: (error: unknown) => void): RunHooks {
  const hooks: RunHooks = {
    runStart: new AsyncSeriesHook(["run"], "runStart"),
    episodeStart: new SyncHook(["record", "number"], "episodeStart"),
    step: new SyncHook(["record", "number"], "step"),
    artifact: new SyncHook(["artifact"], "artifact"),
    episodeEnd: new AsyncSeriesHook(["record", "number"], "episodeEnd"),
    cleanup: new AsyncSeriesHook(["plan"], "cleanup"),
    runEnd: new AsyncSeriesHook(["run"], "runEnd"),
  };
  if (onError !== undefined) {
    for (const [name, hook] of Object.entries(hooks)) isolateTaps(hook, name, onError);
  }
  return hooks;
}

/** Whether anybody listens; a hook that is isolated counts as used without a tap. */
export function hasTaps(hook: { readonly taps: readonly unknown[] }): boolean {
  return hook.taps.length > 0;
}

type AnyHook = RunHooks[keyof RunHooks];

function isolateTaps(hook: AnyHook, hookName: string, onError: (error: unknown) => void): void {
  (hook as SyncHook<[unknown]>).intercept({
    register: (tap) => {
      const fail = (cause: unknown): void => onError(hookFailed(tap.name, hookName, cause));
      const call = tap.fn as (...args: unknown[]) => unknown;
      return { ...tap, fn: tap.type === "async" ? isolatedCallback(call, fail) : isolatedCall(call, fail) };
    },
  });
}

function isolatedCall(call: (...args: unknown[]) => unknown, fail: (cause: unknown) => void) {
  return (...args: unknown[]): unknown => {
    try {
      const result = call(...args);
      return result instanceof Promise ? result.catch(fail) : result;
    } catch (cause) {
      fail(cause);
      return Promise.resolve();
    }
  };
}

/** A tap of `tapAsync`: its last argument is the callback, which must be called once whatever happens. */
function isolatedCallback(call: (...args: unknown[]) => unknown, fail: (cause: unknown) => void) {
  return (...args: unknown[]): void => {
    const done = args.pop() as () => void;
    let called = false;
    const once = (cause?: unknown): void => {
      if (called) return;
      called = true;
      if (cause !== undefined && cause !== null) fail(cause);
      done();
    };
    try {
      call(...args, once);
    } catch (cause) {
      once(cause);
    }
  };
}
