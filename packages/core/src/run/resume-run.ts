import { join } from "node:path";
import type { Accounting } from "@episcope/records";
import type { FileSystem } from "@episcope/records/store";
import { LOG_DIRECTORY, LogReader, RunStream, removeLog, runHead } from "@episcope/records/store";
import { drawingPlan } from "../config/trigger.js";
import type { EpiscopeConfig } from "../config/types.js";
import { outgoingMissing } from "../contract/errors.js";
import { createRunHooks, hasTaps } from "../contract/hooks.js";
import type { Logger } from "../contract/plugin.js";
import { type PlannedNode, planNodes, sinkNodes } from "../host/plugin-nodes.js";
import type { OutputProgress } from "../output/async-logger.js";
import { LoggedItems } from "../output/logged-items.js";
import { Outgoing } from "../output/outgoing.js";
import { readOutputs, type SavedOutputs } from "../output/outputs-file.js";
import { openOutputs } from "../pipeline/open-outputs.js";
import { OutputsKeeper } from "../pipeline/outputs-keeper.js";
import { redeliver } from "../pipeline/redeliver.js";
import { exportMissing } from "./export-missing.js";
import { type IncompleteOutput, incompleteOutputs } from "./incomplete-outputs.js";
import { openRecordedRun, type RecordedRun, type ResumeRunOptions } from "./open-recorded-run.js";
import { missingFilters } from "./outgoing-filters.js";

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

/**
 * Brings the outputs of a run that was interrupted up to the end of its records: pictures, exports and sinks go on where they
 * were. What was recorded does not change, and nothing is recorded. A node whose plugin is missing keeps waiting. Throws
 * RUN_NOT_FOUND, RUN_IN_USE, RUN_CONFIG_MISSING, OUTPUTS_FILE_INVALID, and what `openRun` throws.
 */
export async function resumeRun(runDir: string, options: ResumeRunOptions = {}): Promise<ResumeReport> {
  const recorded = await openRecordedRun(runDir, options);
  try {
    const { dir, fs, run } = recorded;
    const saved = readOutputs(fs, dir);
    const exported = await exportMissing(recorded, run);
    const accounting = saved === null ? {} : await resumeOutputs(recorded, saved);
    return { dir, accounting, incomplete: incompleteOutputs(accounting), exported };
  } finally {
    await recorded.close();
  }
}

async function resumeOutputs(recorded: RecordedRun, saved: SavedOutputs): Promise<Accounts> {
  const { dir, left, fs, clock, logger, config, identity, manager, planner, report, pageOf } = recorded;
  const head = runHead(fs, dir, left);
  if (isComplete(saved, head)) return accountsOf(saved.outputs);
  const hooks = createRunHooks((error) => report(error, "hooks"));
  const planned = await planNodes(planner, (key, error) => report(error, key));
  const nodes = { ...planned, sinks: mayGoOn(planned.sinks, saved.filters, report) };
  const outputs = await openOutputs({
    ...{ config, planner, nodes, identity, runDir: dir, fs, clock, logger, hooks, manager, report },
    saved: saved.outputs,
    onDrawingTime: () => {},
  });
  const asyncLogger = outputs.connect({ log: null, pageOf });
  const open = new Set(asyncLogger.lanes.map((lane) => lane.key));
  const known = nodeKeys(config);
  const closed = [...saved.outputs].filter(([key]) => !open.has(key));
  const others = new Map(closed.map(([key, one]) => [key, known.has(key) ? one : givenUp(one)]));
  asyncLogger.head = head;
  const from = firstNeeded(asyncLogger.needed, recorded);
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
function firstNeeded(needed: number, { run, dir, fs }: RecordedRun): number {
  // A log that is there for the outputs has only what they need.
  if (LogReader.first(fs, join(dir, LOG_DIRECTORY)) !== null) return 0;
  let first = needed;
  for (const { positions, ended } of run.episodes)
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
