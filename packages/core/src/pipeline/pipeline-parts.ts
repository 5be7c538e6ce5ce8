import type { Clock, EpisodeManager, FileSystem } from "@episcope/records/store";
import type { EpiscopeConfig } from "../config/types.js";
import type { RunHooks } from "../contract/hooks.js";
import type { Logger } from "../contract/plugin.js";
import type { RunIdentity } from "../contract/roles.js";
import type { NodePlanner, PlannedNodes } from "../host/plugin-nodes.js";
import type { DrawingBudget } from "./pipeline.js";
import type { ProblemLog } from "./problem-log.js";

export interface LocalPipelineOptions {
  readonly config: EpiscopeConfig;
  readonly planner: NodePlanner;
  readonly nodes: PlannedNodes;
  readonly identity: RunIdentity;
  /** Absolute; it exists. */
  readonly runDir: string;
  readonly cwd: string;
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly problems: ProblemLog;
  readonly budget: DrawingBudget;
  /** Told when records were written, or `acknowledged` has changed. */
  onProgress?(): void;
  /** Told when the run goes on in another directory. */
  onMove?(dir: string): void;
  /** Called again and again while this thread stands still for a sink. */
  onWait?(): void;
}

/** What every builder of a pipeline is given. */
export interface PipelineParts extends LocalPipelineOptions {
  readonly manager: EpisodeManager;
  readonly hooks: RunHooks;
  report(error: unknown, key: string): void;
}
