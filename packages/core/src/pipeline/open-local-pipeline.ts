import type { DrawingPlan } from "../config/trigger.js";
import { createRunHooks, hasTaps } from "../contract/hooks.js";
import type { StructuredLogger } from "../log/structured-logger.js";
import type { AsyncLogger } from "../output/async-logger.js";
import { buildLogger, buildRecording, connectOutputs, planDrawing } from "./build-recording.js";
import { buildFinisher, holdLimits, openJournals, resolveManager, StorageLimits } from "./build-storage.js";
import { LocalPipeline } from "./local-pipeline.js";
import { type OpenedOutputs, openOutputs } from "./open-outputs.js";
import { OutputsKeeper } from "./outputs-keeper.js";
import type { LocalPipelineOptions, PipelineParts } from "./pipeline-parts.js";

/** Builds the plugins of a run and what connects them. What a plugin throws while it is made is thrown here. */
export async function openLocalPipeline(options: LocalPipelineOptions): Promise<LocalPipeline> {
  const { problems, budget, onWait } = options;
  const report = (error: unknown, key: string): void => problems.report(error, key);
  const hooks = createRunHooks((error) => report(error, "hooks"));
  const limits = new StorageLimits();
  const building = { ...options, hooks, report };
  const parts: PipelineParts = { ...building, manager: resolveManager(building, limits) };
  const onDrawingTime = (ms: number): void => budget.addRecordingTime(ms);
  const outputs = await openOutputs({ ...parts, onDrawingTime, onWait });
  const opened: Closable[] = [outputs];
  try {
    return await connect(parts, { outputs, limits, opened });
  } catch (error) {
    await outputs.discard();
    for (const part of opened) await part.close();
    throw error;
  }
}

interface Closable {
  close(): Promise<void>;
}

interface OpenedParts {
  readonly outputs: OpenedOutputs;
  readonly limits: StorageLimits;
  /** Closed when the run is, in this order, or when it could not be opened. */
  readonly opened: Closable[];
}

/** From the end of an episode to its beginning: each part is given those that it hands records to. */
async function connect(
  parts: PipelineParts,
  { outputs, limits, opened }: OpenedParts,
): Promise<LocalPipeline> {
  const { hooks, identity } = parts;
  const drawing = planDrawing(parts, outputs);
  const journals = await openJournals(parts, outputs);
  opened.push(journals);
  const storage = buildFinisher(parts, limits);
  const { finisher } = storage;
  const log = buildLogger(parts, { journals, finisher, limits, hasOutputs: drawing.hasOutputs });
  await holdLimits(parts, storage, { outputs, limits, log });
  const asyncLogger = connectOutputs(parts, outputs, log);
  const recordingParts = { outputs, drawing, asyncLogger, finisher, limits };
  const recording = buildRecording(parts, recordingParts, log);
  if (hasTaps(hooks.runStart)) await hooks.runStart.promise(identity);
  return new LocalPipeline({
    ...{ recording, log, asyncLogger, finisher, problems: parts.problems, hooks, identity },
    runDir: parts.runDir,
    idle: log === null && isIdle(parts, drawing.plan),
    outputs: drawing.hasOutputs ? buildKeeper(parts, asyncLogger, { log, filters: outputs.filters }) : null,
    closers: [
      ...outputs.hooksPlugins.map((plugin) => async () => plugin.close?.()),
      async () => outputs.abort(),
      () => parts.planner.container.close((error) => parts.report(error, "services")),
      ...opened.map((part) => () => part.close()),
    ],
    report: parts.report,
  });
}

/** True where a record would reach nobody, where there is no log. */
function isIdle({ hooks }: PipelineParts, { stateDumps }: DrawingPlan): boolean {
  return !stateDumps && ![hooks.episodeStart, hooks.step, hooks.episodeEnd].some(hasTaps);
}

function buildKeeper(
  { manager, report }: PipelineParts,
  asyncLogger: AsyncLogger,
  { log, filters }: { readonly log: StructuredLogger | null; readonly filters: readonly string[] },
): OutputsKeeper {
  return new OutputsKeeper({
    ...{ manager, asyncLogger, filters, report },
    beforeSave: () => log?.flushNow(),
    onPassed: (position) => log?.passed(position),
  });
}
