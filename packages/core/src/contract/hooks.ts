import type {
  EpisodeEndRecord,
  EpisodeStartRecord,
  StepRecord,
  StepView,
  StreamRecord,
} from "@episcope/records";
import type { CleanupStep, InventoryEpisode } from "@episcope/records/store";
import { AsyncSeriesHook, SyncBailHook, SyncHook, SyncWaterfallHook } from "tapable";
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
  /** True: this step gets a picture; false: it gets none. The first answer counts; nothing leaves it to the config. */
  readonly draw: SyncBailHook<[StepView], boolean | undefined>;
  /** True: no cleanup touches this episode. The first answer counts; nothing leaves it to the policy. */
  readonly protect: SyncBailHook<[InventoryEpisode], boolean | undefined>;
  /**
   * What sinks, and the pictures that they get, see of a record: each tap gives the next one a record of the same type, seq and
   * episode, or null to withhold it. `info` and `meta` may be changed where they stand. The number is the episode's in the run.
   */
  readonly outgoing: SyncWaterfallHook<[StreamRecord | null, number | null]>;
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
    draw: new SyncBailHook(["view"], "draw"),
    protect: new SyncBailHook(["episode"], "protect"),
    outgoing: new SyncWaterfallHook(["record", "number"], "outgoing"),
  };
  if (onError !== undefined) {
    for (const [name, hook] of Object.entries(hooks)) isolateTaps(hook, name as keyof RunHooks, onError);
  }
  return hooks;
}

/** Hooks whose answer is waited for where records are taken: they are out of reach of a plugin in a thread of its own. */
export const DECIDING_HOOKS: readonly (keyof RunHooks)[] = ["draw", "protect", "outgoing"];

/** Whether anybody listens; a hook that is isolated counts as used without a tap. */
export function hasTaps(hook: { readonly taps: readonly unknown[] }): boolean {
  return hook.taps.length > 0;
}

/** Whether a plugin keeps an episode from every cleanup. */
export function isProtected({ protect }: RunHooks, episode: InventoryEpisode): boolean {
  return hasTaps(protect) && protect.call(episode) === true;
}

type AnyHook = RunHooks[keyof RunHooks];

/** What a tap that decides and fails has said: nothing is deleted or let out because a plugin is wrong. */
const ANSWER_OF_FAILED: { readonly [hook in keyof RunHooks]?: unknown } = { protect: true, outgoing: null };

function isolateTaps(hook: AnyHook, hookName: keyof RunHooks, onError: (error: unknown) => void): void {
  (hook as SyncHook<[unknown]>).intercept({
    register: (tap) => {
      const fail = (cause: unknown): unknown => {
        onError(hookFailed(tap.name, hookName, cause));
        return ANSWER_OF_FAILED[hookName];
      };
      const call = (hookName === "outgoing" ? checkedTap(tap.fn) : tap.fn) as (...args: unknown[]) => unknown;
      return {
        ...tap,
        fn:
          tap.type === "async"
            ? isolatedCallback(call, fail)
            : isolatedCall(call, fail, tap.type === "promise"),
      };
    },
  });
}

/** A tap of `outgoing` that has to give a record of the same place; what is withheld already is not shown to it. */
function checkedTap(fn: unknown) {
  const call = fn as (record: StreamRecord, number: number | null) => StreamRecord | null | undefined;
  return (given: StreamRecord | null, number: number | null): StreamRecord | null => {
    if (given === null) return null;
    const { type, seq } = given;
    const episode = "episode" in given ? given.episode : undefined;
    const result = call(given, number);
    if (result === undefined) return given;
    if (result === null) return null;
    if (
      result.type === type &&
      result.seq === seq &&
      ("episode" in result ? result.episode : undefined) === episode
    )
      return result;
    throw new TypeError("it gave a record of another type, seq or episode than it was given");
  };
}

function isolatedCall(
  call: (...args: unknown[]) => unknown,
  fail: (cause: unknown) => unknown,
  isAsync: boolean,
) {
  return (...args: unknown[]): unknown => {
    try {
      const result = call(...args);
      return result instanceof Promise ? result.catch(fail) : result;
    } catch (cause) {
      const answer = fail(cause);
      return isAsync ? Promise.resolve() : answer;
    }
  };
}

/** A tap of `tapAsync`: its last argument is the callback, which must be called once whatever happens. */
function isolatedCallback(call: (...args: unknown[]) => unknown, fail: (cause: unknown) => unknown) {
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
