import nodeFs from "node:fs";
import { join, resolve } from "node:path";
import type { EpisodeView, PlainObject } from "@episcope/records";
import {
  type Clock,
  EPISODE_JOURNAL,
  EpisodeManager,
  episodeViewFrom,
  type FileSystem,
  holdRunLock,
  RunReader,
  recoverRun,
} from "@episcope/records/store";
import { checkConfig } from "../config/check-config.js";
import type { EpiscopeConfig } from "../config/types.js";
import type { Logger } from "../contract/plugin.js";
import type { RunIdentity } from "../contract/roles.js";
import { CLOCK, FILE_SYSTEM, LOGGER, RUN_IDENTITY } from "../contract/services.js";
import { CORE_PLUGINS } from "../host/builtin-plugins.js";
import { createClock, createConsoleLogger } from "../host/console-logger.js";
import { RunContainer } from "../host/container.js";
import type { NodePlanner } from "../host/plugin-nodes.js";
import { PluginRegistry } from "../host/plugin-registry.js";
import type { PluginsWithoutRunOptions } from "../host/plugins-without-run.js";
import { ProblemLog } from "../pipeline/problem-log.js";
import { recordedConfig } from "./recorded-config.js";
import { partsOf } from "./run-parts.js";

export interface ResumeRunOptions extends PluginsWithoutRunOptions {
  /** Hydra overrides on top of the config that the run was recorded with. */
  readonly overrides?: readonly string[];
}

/** A run that is over, held by this process until `close`, its records whole, with what its outputs are made of. */
export interface RecordedRun {
  /** Absolute; where the run has gone on elsewhere, there. */
  readonly dir: string;
  /** The directory that the run has left, where it went on elsewhere. */
  readonly left: string | undefined;
  readonly run: RunReader;
  readonly manager: EpisodeManager;
  readonly config: EpiscopeConfig;
  readonly identity: RunIdentity;
  readonly planner: NodePlanner;
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly cwd: string;
  readonly logger: Logger;
  readonly problems: ProblemLog;
  report(error: unknown, key: string): void;
  /** The whole of an episode, for what draws its page; null where it has no journal. */
  pageOf(episode: number): EpisodeView | null;
  /** Ends the services of the run, and lets go of it. */
  close(): Promise<void>;
}

/**
 * Takes a run that is over, recovers it, and opens what its config names. Whoever calls it closes it. Throws RUN_NOT_FOUND,
 * RUN_IN_USE, RUN_CONFIG_MISSING.
 */
export async function openRecordedRun(runDir: string, options: ResumeRunOptions): Promise<RecordedRun> {
  const container = new RunContainer(options.container);
  const fs = container.use(FILE_SYSTEM, options.fs ?? nodeFs);
  const clock = container.use(CLOCK, options.clock ?? createClock());
  const cwd = options.cwd ?? process.cwd();
  const parts = partsOf(fs, resolve(cwd, runDir));
  const dir = parts.at(-1)!;
  const left = parts.length > 1 ? parts[0] : undefined;
  const { config, configHash } = await recordedConfig(fs, dir, options.overrides);
  const logger = container.use(LOGGER, options.logger ?? createConsoleLogger(config.logging.log_level));
  const unlock = holdRunLock(fs, dir);
  try {
    recoverRun(dir, { fs });
    const run = new RunReader(dir, { fs });
    const manager = new EpisodeManager(config.storage, { fs, clock, cwd });
    manager.continueRun(left ?? dir);
    if (left !== undefined) manager.followElsewhere(dir);
    const registry = new PluginRegistry([...CORE_PLUGINS, ...(options.plugins ?? [])], {
      cwd,
      allowPlugins: options.allowPlugins ?? [],
    });
    const identity: RunIdentity = {
      name: run.name,
      startTime: run.manifest.created,
      configHash,
      config: config as unknown as PlainObject,
    };
    container.use(RUN_IDENTITY, identity);
    const problems = new ProblemLog(logger, clock);
    return {
      ...{ dir, left, run, manager, config, identity, fs, clock, cwd, logger, problems },
      planner: { config: checkConfig(config), registry, container },
      report: (error, key) => problems.report(error, key),
      pageOf: (episode) => {
        const journal = join(manager.episodeDir(episode), EPISODE_JOURNAL);
        return fs.existsSync(journal) ? episodeViewFrom(fs, journal, episode) : null;
      },
      close: async () => {
        await container.close((error) => logger.warn(String(error)));
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
