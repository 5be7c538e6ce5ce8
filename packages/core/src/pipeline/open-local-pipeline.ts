import { drawingPlan } from "../config/trigger.js";
import { createRunHooks, hasTaps } from "../contract/hooks.js";
import {
  buildRecording,
  buildStructuredLogger,
  connectOutputs,
  type RecordingParts,
} from "./build-recording.js";
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
  const connected = connectOutputs(parts, outputs, drawingPlan(parts.config.visualization));
  const journals = await openJournals(parts, outputs);
  opened.push(journals);
  const storage = buildFinisher(parts, journals, limits);
  await holdLimits(parts, storage, { outputs, limits });
  const { finisher } = storage;
  const recordingParts = { outputs, connected, finisher, limits };
  const log = buildStructuredLogger(parts, recordingParts);
  const recording = buildRecording(parts, recordingParts, log);
  if (hasTaps(hooks.runStart)) await hooks.runStart.promise(identity);
  const { asyncLogger } = connected;
  return new LocalPipeline({
    ...{ recording, log, asyncLogger, finisher, problems: parts.problems, hooks, identity },
    runDir: parts.runDir,
    idle: log === null && isIdle(parts, recordingParts),
    outputs: buildKeeper(parts, recordingParts),
    closers: [
      ...outputs.hooksPlugins.map((plugin) => async () => plugin.close?.()),
      async () => outputs.abort(),
      () => parts.planner.container.close((error) => parts.report(error, "services")),
      ...opened.map((part) => () => part.close()),
    ],
    report: parts.report,
  });
}

/** True where a record would reach nobody, as far as the journal does not count. */
function isIdle({ hooks }: PipelineParts, { outputs, connected }: RecordingParts): boolean {
  const isTapped = [hooks.episodeStart, hooks.step, hooks.episodeEnd].some(hasTaps);
  return outputs.sinks.length === 0 && !connected.draws && !connected.plan.stateDumps && !isTapped;
}

/** Null without outputs. */
function buildKeeper(
  { manager, report }: PipelineParts,
  { outputs: { filters }, connected: { outputLog, asyncLogger } }: RecordingParts,
): OutputsKeeper | null {
  return outputLog === null
    ? null
    : new OutputsKeeper({ manager, asyncLogger, log: outputLog, filters, report });
}
