import type { Accounting } from "@episcope/records";
import { RunStream } from "@episcope/records/store";
import { drawingPlan } from "../config/trigger.js";
import { outgoingMissing, sinksNotFound } from "../contract/errors.js";
import { createRunHooks, hasTaps } from "../contract/hooks.js";
import { type PlannedNode, planNodes } from "../host/plugin-nodes.js";
import type { AsyncLogger, OutputProgress } from "../output/async-logger.js";
import { LoggedItems } from "../output/logged-items.js";
import { Outgoing } from "../output/outgoing.js";
import { OUTPUTS_FILE, outputsJson, readOutputs } from "../output/outputs-file.js";
import { openOutputs } from "../pipeline/open-outputs.js";
import { redeliver } from "../pipeline/redeliver.js";
import { type IncompleteOutput, incompleteOutputs } from "./incomplete-outputs.js";
import { openRecordedRun, type ResumeRunOptions } from "./open-recorded-run.js";
import { missingFilters } from "./outgoing-filters.js";

export interface SendRunOptions extends ResumeRunOptions {
  /** Sinks that get something, by their config keys. Default: all of the config. */
  readonly only?: readonly string[];
  /** From the run's beginning also where a sink has had something of it. Default: false, from where it was. */
  readonly again?: boolean;
}

export interface SendReport {
  /** Absolute; where the run has gone on elsewhere, there. */
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
  const recorded = await openRecordedRun(runDir, options);
  try {
    const { dir, left, manager, config, identity, planner, fs, clock, logger, report, pageOf } = recorded;
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
    const asyncLogger = outputs.connect({ log: null, pageOf });
    const save = (): void => {
      const outputs = new Map([...before.outputs, ...progressOf(asyncLogger, keys)]);
      manager.writeRunFile(OUTPUTS_FILE, outputsJson({ ...before, outputs }));
    };
    const saving = new Saving(asyncLogger, save, report);
    const outgoing = hasTaps(hooks.outgoing) ? new Outgoing(hooks) : null;
    const items = new LoggedItems(new RunStream(dir, { fs, left }), 0, outgoing);
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
    await recorded.close();
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
