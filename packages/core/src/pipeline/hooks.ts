import { AsyncSeriesHook, SyncHook } from "tapable";
import type { EpisodeEndRecord, EpisodeStartRecord, StepRecord } from "../episode/record.js";
import type { Artifact, CleanupStep, RunIdentity } from "./roles.js";

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

export function createRunHooks(): RunHooks {
  return {
    runStart: new AsyncSeriesHook(["run"], "runStart"),
    episodeStart: new SyncHook(["record", "number"], "episodeStart"),
    step: new SyncHook(["record", "number"], "step"),
    artifact: new SyncHook(["artifact"], "artifact"),
    episodeEnd: new AsyncSeriesHook(["record", "number"], "episodeEnd"),
    cleanup: new AsyncSeriesHook(["plan"], "cleanup"),
    runEnd: new AsyncSeriesHook(["run"], "runEnd"),
  };
}
