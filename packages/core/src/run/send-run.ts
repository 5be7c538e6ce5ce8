import nodeFs from "node:fs";
import { join, resolve } from "node:path";
import type { Accounting, EpisodeView, PlainObject } from "@episcope/records";
import {
  EPISODE_JOURNAL,
  EpisodeManager,
  episodeViewFrom,
  holdRunLock,
  RunReader,
  RunStream,
  recoverRun,
} from "@episcope/records/store";
import { checkConfig } from "../config/check-config.js";
import { drawingPlan } from "../config/trigger.js";
import { outgoingMissing, sinksNotFound } from "../contract/errors.js";
import { createRunHooks, hasTaps } from "../contract/hooks.js";
import type { RunIdentity } from "../contract/roles.js";
import { CLOCK, FILE_SYSTEM, LOGGER, RUN_IDENTITY } from "../contract/services.js";
import { CORE_PLUGINS } from "../host/builtin-plugins.js";
import { createClock, createConsoleLogger } from "../host/console-logger.js";
import { RunContainer } from "../host/container.js";
import { type NodePlanner, type PlannedNode, planNodes } from "../host/plugin-nodes.js";
import { PluginRegistry } from "../host/plugin-registry.js";
import type { PluginsWithoutRunOptions } from "../host/plugins-without-run.js";
import type { AsyncLogger, OutputProgress } from "../output/async-logger.js";
import { LoggedItems } from "../output/logged-items.js";
import { Outgoing } from "../output/outgoing.js";
import { OUTPUTS_FILE, outputsJson, readOutputs } from "../output/outputs-file.js";
import { openOutputs } from "../pipeline/open-outputs.js";
import { ProblemLog } from "../pipeline/problem-log.js";
import { redeliver } from "../pipeline/redeliver.js";
import { type IncompleteOutput, incompleteOutputs } from "./incomplete-outputs.js";
import { missingFilters } from "./outgoing-filters.js";
import { recordedConfig } from "./recorded-config.js";

export interface SendRunOptions extends PluginsWithoutRunOptions {
  /** Hydra overrides on top of the config that the run was recorded with. */
  readonly overrides?: readonly string[];
  /** Sinks that get something, by their config keys. Default: all of the config. */
  readonly only?: readonly string[];
  /** From the run's beginning also where a sink has had something of it. Default: false, from where it was. */
  readonly again?: boolean;
}

export interface SendReport {
  /** Absolute. */
  readonly dir: string;
  /** By config key: what a sink has of the run. */
  readonly accounting: { readonly [key: string]: Accounting };
  readonly incomplete: readonly IncompleteOutput[];
}

/** Between two times that is kept how far the sinks have come. */
const SAVE_MS = 2_000;

/**
 * Fills sinks from a run that is over, as if they had been there when it was recorded: a sink that the run does not know from its
 * beginning, another from where it was. Pictures are drawn for them alone. Throws SINKS_NOT_FOUND, and what `resumeRun` throws.
 */
export async function sendRun(runDir: string, options: SendRunOptions = {}): Promise<SendReport> {
  const container = new RunContainer(options.container);
  const fs = container.use(FILE_SYSTEM, options.fs ?? nodeFs);
  const clock = container.use(CLOCK, options.clock ?? createClock());
  const cwd = options.cwd ?? process.cwd();
  const dir = resolve(cwd, runDir);
  const { config, configHash } = await recordedConfig(fs, dir, options.overrides);
  const logger = container.use(LOGGER, options.logger ?? createConsoleLogger(config.logging.log_level));
  const unlock = holdRunLock(fs, dir);
  try {
    recoverRun(dir, { fs });
    const run = new RunReader(dir, { fs });
    const manager = new EpisodeManager(config.storage, { fs, clock, cwd });
    manager.continueRun(dir);
    const registry = new PluginRegistry([...CORE_PLUGINS, ...(options.plugins ?? [])], {
      cwd,
      allowPlugins: options.allowPlugins ?? [],
    });
    const shown = config as unknown as PlainObject;
    const identity: RunIdentity = {
      name: run.name,
      startTime: run.manifest.created,
      configHash,
      config: shown,
    };
    container.use(RUN_IDENTITY, identity);
    const planner: NodePlanner = { config: checkConfig(config), registry, container };
    const problems = new ProblemLog(logger, clock);
    const report = (error: unknown, key: string): void => problems.report(error, key);
    const hooks = createRunHooks((error) => report(error, "hooks"));

    const { sinks: planned, providers } = await planNodes(planner);
    const sinks = wanted(planned, options.only);
    const before = readOutputs(fs, dir) ?? { filters: [], outputs: new Map<string, OutputProgress>() };
    for (const filter of missingFilters(planned, before.filters)) throw outgoingMissing(filter);
    const keys = new Set(sinks.map(({ key }) => key));
    const known = [...before.outputs].filter(([key]) => keys.has(key) && options.again !== true);
    const outputs = await openOutputs({
      ...{ config, planner, identity, runDir: dir, fs, clock, logger, hooks, manager, report },
      nodes: { sinks, renderers: [], format: null, policy: null, warnings: [], providers },
      saved: new Map(known),
      onDrawingTime: () => {},
    });
    const pageOf = (episode: number): EpisodeView | null => {
      const journal = join(manager.episodeDir(episode), EPISODE_JOURNAL);
      return fs.existsSync(journal) ? episodeViewFrom(fs, journal, episode) : null;
    };
    const asyncLogger = outputs.connect({ log: null, pageOf });
    const save = (): void => {
      const outputs = new Map([...before.outputs, ...progressOf(asyncLogger, keys)]);
      manager.writeRunFile(OUTPUTS_FILE, outputsJson({ ...before, outputs }));
    };
    const saving = new Saving(asyncLogger, save, report);
    const outgoing = hasTaps(hooks.outgoing) ? new Outgoing(hooks) : null;
    const items = new LoggedItems(new RunStream(dir, { fs }), 0, outgoing);
    try {
      await saving.now();
      await hooks.runStart.promise(identity);
      const plan = drawingPlan(config.visualization);
      const { visualizer } = outputs;
      await redeliver({ items, asyncLogger, visualizer, manager, fs, plan, pageOf, report });
    } finally {
      items.close();
      await asyncLogger.close(new Promise(() => {}));
      await saving.stop();
      save();
      await hooks.runEnd.promise(identity);
      for (const plugin of outputs.hooksPlugins) await plugin.close?.();
      outputs.abort();
      await outputs.close();
    }
    const accounting = Object.fromEntries(
      Object.entries(asyncLogger.accounting()).filter(([key]) => keys.has(key)),
    );
    return { dir, accounting, incomplete: incompleteOutputs(accounting) };
  } finally {
    await container.close((error) => logger.warn(String(error)));
    unlock();
  }
}

function wanted(sinks: readonly PlannedNode[], only: readonly string[] | undefined): readonly PlannedNode[] {
  const keys = sinks.map(({ key }) => key);
  const unknown = only?.find((key) => !keys.includes(key));
  if (sinks.length === 0 || unknown !== undefined) throw sinksNotFound(unknown ?? null, keys);
  if (only === undefined) return sinks;
  // What decides what sinks see is not left out with the sinks that get nothing.
  return sinks.filter(({ key, definition }) => only.includes(key) || definition.kind === "hooks");
}

/** Renderers that drew for the sinks alone have no place in the run. */
function progressOf(asyncLogger: AsyncLogger, keys: ReadonlySet<string>): [string, OutputProgress][] {
  return [...asyncLogger.progress()].filter(([key]) => keys.has(key));
}

/** Keeps how far the sinks have come, now and then: who is killed goes on there. */
class Saving {
  readonly #asyncLogger: AsyncLogger;
  readonly #save: () => void;
  readonly #report: (error: unknown, key: string) => void;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | null = null;

  constructor(asyncLogger: AsyncLogger, save: () => void, report: (error: unknown, key: string) => void) {
    this.#asyncLogger = asyncLogger;
    this.#save = save;
    this.#report = report;
    this.#timer = setInterval(() => void this.now(), SAVE_MS).unref();
  }

  now(): Promise<void> {
    this.#running ??= this.#once().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #once(): Promise<void> {
    try {
      await this.#asyncLogger.save();
      this.#save();
    } catch (error) {
      this.#report(error, "outputs");
    }
  }
}
