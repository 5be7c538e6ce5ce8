import nodeFs from "node:fs";
import { join, resolve } from "node:path";
import type { Accounting, EpisodeView, PlainObject } from "@episcope/records";
import type { Clock, FileSystem } from "@episcope/records/store";
import {
  EPISODE_JOURNAL,
  EpisodeManager,
  episodeViewFrom,
  holdRunLock,
  LOG_DIRECTORY,
  LogReader,
  type ManifestEpisode,
  RunReader,
  RunStream,
  recoverRun,
  removeLog,
  runHead,
} from "@episcope/records/store";
import { checkConfig } from "../config/check-config.js";
import { drawingPlan } from "../config/trigger.js";
import type { EpiscopeConfig } from "../config/types.js";
import { outgoingMissing } from "../contract/errors.js";
import { createRunHooks, hasTaps } from "../contract/hooks.js";
import type { Logger } from "../contract/plugin.js";
import type { RunIdentity } from "../contract/roles.js";
import { CLOCK, FILE_SYSTEM, LOGGER, RUN_IDENTITY } from "../contract/services.js";
import { CORE_PLUGINS } from "../host/builtin-plugins.js";
import { createClock, createConsoleLogger } from "../host/console-logger.js";
import { RunContainer } from "../host/container.js";
import { type NodePlanner, type PlannedNode, planNodes, sinkNodes } from "../host/plugin-nodes.js";
import { PluginRegistry } from "../host/plugin-registry.js";
import type { PluginsWithoutRunOptions } from "../host/plugins-without-run.js";
import type { OutputProgress } from "../output/async-logger.js";
import { LoggedItems } from "../output/logged-items.js";
import { Outgoing } from "../output/outgoing.js";
import { readOutputs, type SavedOutputs } from "../output/outputs-file.js";
import { openOutputs } from "../pipeline/open-outputs.js";
import { OutputsKeeper } from "../pipeline/outputs-keeper.js";
import { ProblemLog } from "../pipeline/problem-log.js";
import { redeliver } from "../pipeline/redeliver.js";
import { exportMissing } from "./export-missing.js";
import { type IncompleteOutput, incompleteOutputs } from "./incomplete-outputs.js";
import { missingFilters } from "./outgoing-filters.js";
import { recordedConfig } from "./recorded-config.js";
import { partsOf } from "./run-parts.js";

export interface ResumeRunOptions extends PluginsWithoutRunOptions {
  /** Hydra overrides on top of the config that the run was recorded with. */
  readonly overrides?: readonly string[];
}

export interface ResumeReport {
  /** Absolute; where the run has gone on elsewhere, there. */
  readonly dir: string;
  /** Of the outputs, over the whole run. */
  readonly accounting: { readonly [key: string]: Accounting };
  /** Outputs that still have not everything. */
  readonly incomplete: readonly IncompleteOutput[];
  /** Episodes that were exported now. */
  readonly exported: number;
}

interface Resuming {
  readonly dir: string;
  /** The directory that the run has left, where it went on elsewhere. */
  readonly left: string | undefined;
  readonly episodes: readonly ManifestEpisode[];
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly problems: ProblemLog;
  readonly config: EpiscopeConfig;
  readonly identity: RunIdentity;
  readonly manager: EpisodeManager;
  readonly planner: NodePlanner;
}

/**
 * Brings the outputs of a run that was interrupted up to the end of its records: pictures, exports and sinks go on where they
 * were. What was recorded does not change, and nothing is recorded. A node whose plugin is missing keeps waiting. Throws
 * RUN_NOT_FOUND, RUN_IN_USE, RUN_CONFIG_MISSING, OUTPUTS_FILE_INVALID, and what `openRun` throws.
 */
export async function resumeRun(runDir: string, options: ResumeRunOptions = {}): Promise<ResumeReport> {
  const container = new RunContainer(options.container);
  const fs = container.use(FILE_SYSTEM, options.fs ?? nodeFs);
  const clock = container.use(CLOCK, options.clock ?? createClock());
  const cwd = options.cwd ?? process.cwd();
  const parts = partsOf(fs, resolve(cwd, runDir));
  const dir = parts.at(-1)!;
  const { config, configHash } = await recordedConfig(fs, dir, options.overrides);
  const logger = container.use(LOGGER, options.logger ?? createConsoleLogger(config.logging.log_level));
  const unlock = holdRunLock(fs, dir);
  try {
    // 1. The records, whole.
    recoverRun(dir, { fs });
    const run = new RunReader(dir, { fs });
    const { episodes } = run;
    const left = parts.length > 1 ? parts[0] : undefined;
    const manager = new EpisodeManager(config.storage, { fs, clock, cwd });
    manager.continueRun(parts[0]!);
    if (parts.length > 1) manager.followElsewhere(dir);

    // 2. What the run was recorded with.
    const registry = new PluginRegistry([...CORE_PLUGINS, ...(options.plugins ?? [])], {
      cwd,
      allowPlugins: options.allowPlugins ?? [],
    });
    const startTime = run.manifest.created;
    const shown = config as unknown as PlainObject;
    const identity: RunIdentity = { name: run.name, startTime, configHash, config: shown };
    container.use(RUN_IDENTITY, identity);
    const planner: NodePlanner = { config: checkConfig(config), registry, container };
    const problems = new ProblemLog(logger, clock);
    const place = { dir, left, episodes, fs, manager };
    const resuming = { ...place, clock, logger, problems, config, identity, planner };

    // 3. The outputs.
    const saved = readOutputs(fs, dir);
    const exported = await exportMissing(resuming, run);
    const accounting = saved === null ? {} : await resumeOutputs(resuming, saved);
    return { dir, accounting, incomplete: incompleteOutputs(accounting), exported };
  } finally {
    await container.close((error) => logger.warn(String(error)));
    unlock();
  }
}

async function resumeOutputs(resuming: Resuming, saved: SavedOutputs): Promise<Accounts> {
  const { dir, left, fs, clock, logger, problems, config, identity, manager, planner } = resuming;
  const head = runHead(fs, dir, left);
  if (isComplete(saved, head)) return accountsOf(saved.outputs);
  const report = (error: unknown, key: string): void => problems.report(error, key);
  const hooks = createRunHooks((error) => report(error, "hooks"));
  const planned = await planNodes(planner, (key, error) => report(error, key));
  const nodes = { ...planned, sinks: mayGoOn(planned.sinks, saved.filters, report) };
  const outputs = await openOutputs({
    ...{ config, planner, nodes, identity, runDir: dir, fs, clock, logger, hooks, manager, report },
    saved: saved.outputs,
    onDrawingTime: () => {},
  });
  const pageOf = (episode: number): EpisodeView | null => {
    const journal = join(manager.episodeDir(episode), EPISODE_JOURNAL);
    return fs.existsSync(journal) ? episodeViewFrom(fs, journal, episode) : null;
  };
  const asyncLogger = outputs.connect({ log: null, pageOf });
  const open = new Set(asyncLogger.lanes.map((lane) => lane.key));
  const known = nodeKeys(config);
  const closed = [...saved.outputs].filter(([key]) => !open.has(key));
  const others = new Map(closed.map(([key, one]) => [key, known.has(key) ? one : givenUp(one)]));
  asyncLogger.head = head;
  const from = firstNeeded(asyncLogger.needed, resuming);
  asyncLogger.head = from;
  const filters = [...new Set([...saved.filters, ...outputs.filters])];
  const keeper = new OutputsKeeper({ manager, asyncLogger, filters, others, report });
  const stream = new RunStream(dir, { fs, from, left });
  const items = new LoggedItems(stream, from, hasTaps(hooks.outgoing) ? new Outgoing(hooks) : null);
  try {
    await hooks.runStart.promise(identity);
    const { visualizer } = outputs;
    const plan = drawingPlan(config.visualization);
    await redeliver({ items, asyncLogger, visualizer, manager, fs, plan, pageOf, report });
    asyncLogger.head = head;
    for (const [key, one] of others) others.set(key, stillWaiting(one, head));
    tellDamage(fs, dir, logger);
  } finally {
    items.close();
    await asyncLogger.close(new Promise(() => {}));
    await keeper.close();
    // Of a run that keeps no journals.
    if (!keeper.isAwaited) removeLog(fs, join(dir, LOG_DIRECTORY));
    await hooks.runEnd.promise(identity);
    for (const plugin of outputs.hooksPlugins) await plugin.close?.();
    outputs.abort();
    await outputs.close();
  }
  return { ...accountsOf(others), ...asyncLogger.accounting() };
}

type Accounts = { readonly [key: string]: Accounting };

/** Whether every output has passed the end of the run. */
function isComplete({ outputs }: SavedOutputs, head: number): boolean {
  return [...outputs.values()].every(
    ({ cursors, waiting }) =>
      waiting === 0 && [...cursors.values()].every(({ position }) => position >= head),
  );
}

/** Where reading begins: an episode that outputs need something of is read from its start, one that was cut off too. */
function firstNeeded(needed: number, { episodes, dir, fs }: Resuming): number {
  // A log that is there for the outputs has only what they need.
  if (LogReader.first(fs, join(dir, LOG_DIRECTORY)) !== null) return 0;
  let first = needed;
  for (const { positions, ended } of episodes)
    if (positions !== undefined && (positions.last >= needed || ended === null))
      first = Math.min(first, positions.first);
  return first;
}

/** What is damaged in the log of a run that keeps no journals. */
function tellDamage(fs: FileSystem, dir: string, logger: Logger): void {
  const path = join(dir, LOG_DIRECTORY);
  using log = new LogReader(path, { fs, glances: true });
  while (log.next() !== null);
  for (const { message } of log.problems) logger.warn(`${path}: ${message}`);
}

/** The sinks of a run that may go on: where a plugin that decides what they see is missing, none. */
function mayGoOn(
  sinks: readonly PlannedNode[],
  filters: readonly string[],
  report: (error: unknown, key: string) => void,
): readonly PlannedNode[] {
  const missing = missingFilters(sinks, filters);
  if (missing.length === 0) return sinks;
  for (const key of missing) report(outgoingMissing(key), key);
  return sinks.filter(({ definition }) => definition.kind === "hooks");
}

/** Keys of the nodes that get something. */
function nodeKeys(config: EpiscopeConfig): ReadonlySet<string> {
  const renderers = Object.keys(config.visualization.renderers);
  return new Set([
    ...sinkNodes(config).map(({ key }) => key),
    ...renderers.map((name) => `visualization.renderers.${name}`),
  ]);
}

/** Of an output whose node was taken out of the config: what it waited for is given up. */
function givenUp({ cursors, waiting, ...output }: OutputProgress): OutputProgress {
  let left = waiting;
  const passed = [...cursors].map(([stream, { written, reasons }]) => {
    const all = left === 0 ? reasons : { ...reasons, given_up: (reasons["given_up"] ?? 0) + left };
    left = 0;
    return [stream, { position: Number.MAX_SAFE_INTEGER, written, reasons: all }] as const;
  });
  return { ...output, cursors: new Map(passed), waiting: 0 };
}

/** Of an output that could not be opened: it waits for what stands behind its cursor, which nobody can count without it. */
function stillWaiting(output: OutputProgress, head: number): OutputProgress {
  const positions = [...output.cursors.values()].map(({ position }) => position);
  const behind = Math.max(0, head - Math.min(head, ...positions));
  return { ...output, waiting: Math.max(output.waiting, behind) };
}

/** As they were saved. */
function accountsOf(outputs: ReadonlyMap<string, OutputProgress>): Accounts {
  return Object.fromEntries(
    [...outputs].map(([key, { cursors, waiting }]) => {
      let written = 0;
      const reasons: { [reason: string]: number } = {};
      for (const cursor of cursors.values()) {
        written += cursor.written;
        for (const [reason, count] of Object.entries(cursor.reasons))
          reasons[reason] = (reasons[reason] ?? 0) + count;
      }
      const dropped = Object.values(reasons).reduce((sum, count) => sum + count, 0);
      return [key, { accepted: written + dropped + waiting, written, dropped, reasons }];
    }),
  );
}
