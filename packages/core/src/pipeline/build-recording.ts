import { join } from "node:path";
import type { EpisodeView } from "@episcope/records";
import type { EpisodeManager, FileSystem } from "@episcope/records/store";
import { EPISODE_JOURNAL, episodeViewFrom, handleStorageError } from "@episcope/records/store";
import { type DrawingPlan, drawsStep } from "../config/trigger.js";
import { hasTaps } from "../contract/hooks.js";
import { KEY_STEP_DETECTION, STEP_TRIGGER, type StepTrigger } from "../contract/services.js";
import type { AsyncLogger } from "../output/async-logger.js";
import { Outgoing } from "../output/outgoing.js";
import { OutputLog } from "../output/output-log.js";
import { dumpStep } from "../output/state-dump.js";
import type { StorageLimits } from "./build-storage.js";
import { DETECTION, guardDetection, guardTrigger } from "./deciding-services.js";
import type { EpisodeFinisher } from "./episode-finisher.js";
import type { OpenedOutputs } from "./open-outputs.js";
import type { PipelineParts } from "./pipeline-parts.js";
import { Recording } from "./recording.js";
import { STRUCTURED_LOGGER, StructuredLogger } from "./structured-logger.js";

/** The outputs of a run, ready for records. */
export interface ConnectedOutputs {
  readonly plan: DrawingPlan;
  /** Whether any picture is drawn. */
  readonly draws: boolean;
  /** For outputs that are late; null where there are none. */
  readonly outputLog: OutputLog | null;
  readonly asyncLogger: AsyncLogger;
}

export function connectOutputs(
  { config, fs, runDir, manager, report }: PipelineParts,
  outputs: OpenedOutputs,
  plan: DrawingPlan,
): ConnectedOutputs {
  const draws = outputs.renderers.length > 0 && (plan.steps !== "none" || plan.summary);
  const outputLog =
    outputs.sinks.length > 0 || draws
      ? new OutputLog({ fs, runDir, durability: config.storage.durability, report })
      : null;
  const asyncLogger = outputs.connect({ log: outputLog, pageOf: (episode) => pageOf(fs, manager, episode) });
  return { plan, draws, outputLog, asyncLogger };
}

/** The page of an episode, from its journal; null where that is gone. */
function pageOf(fs: FileSystem, manager: EpisodeManager, episode: number): EpisodeView | null {
  const journal = join(manager.episodeDir(episode), EPISODE_JOURNAL);
  return fs.existsSync(journal) ? episodeViewFrom(fs, journal, episode) : null;
}

export interface RecordingParts {
  readonly outputs: OpenedOutputs;
  readonly connected: ConnectedOutputs;
  readonly finisher: EpisodeFinisher;
  readonly limits: StorageLimits;
}

/** Null with `structured_logging: false`. */
export function buildStructuredLogger(
  parts: PipelineParts,
  { connected: { outputLog }, finisher, limits }: RecordingParts,
): StructuredLogger | null {
  const { config, planner, identity, fs, clock, logger, manager, report, onProgress } = parts;
  const { structured_logging: isKept, async_logger } = config.logging;
  if (!isKept) return null;
  const make = () =>
    new StructuredLogger({
      manager,
      fs,
      clock,
      durability: config.storage.durability,
      configHash: identity.configHash,
      onFailure: (error) => handleStorageError(error, () => limits.makeRoom()) === "retry",
      onRecovery: () => logger.info("The journal can be written again."),
      batchSize: async_logger.batch_size,
      flushIntervalMs: async_logger.flush_interval * 1000,
      report,
      // Nothing is safe that late outputs could not read.
      beforeWrite: () => void outputLog?.write(),
      ...(onProgress === undefined ? {} : { onProgress }),
      finishEpisode: (number, start, end) => finisher.finish(number, start, end),
    });
  planner.container.offer(STRUCTURED_LOGGER, make);
  return planner.container.resolve(STRUCTURED_LOGGER);
}

export function buildRecording(
  parts: PipelineParts,
  { outputs, connected, finisher, limits }: RecordingParts,
  log: StructuredLogger | null,
): Recording {
  const { hooks, budget, manager, planner, report } = parts;
  const { plan, asyncLogger, outputLog } = connected;
  const { container } = planner;
  container.offer(KEY_STEP_DETECTION, () => DETECTION);
  const byPlan: StepTrigger = { draws: (view) => drawsStep(plan, view) };
  container.offer(STEP_TRIGGER, () => byPlan);
  const trigger = container.resolve(STEP_TRIGGER);
  return new Recording({
    detection: guardDetection(container.resolve(KEY_STEP_DETECTION), report),
    trigger: trigger === byPlan ? byPlan : guardTrigger(trigger, byPlan, report),
    triggerKeepsSteps: trigger !== byPlan,
    log,
    asyncLogger,
    outputLog,
    hooks,
    outgoing: hasTaps(hooks.outgoing) ? new Outgoing(hooks) : null,
    plan,
    budget,
    drawsPages: outputs.visualizer.renderersFor("episode").length > 0,
    stepViews: (number) => finisher.stepViews(number),
    mayDraw: drawLimit(parts, limits),
    dumpStep: (episode, record, view) => dumpStep(manager, episode, record, view),
    report,
  });
}

/** Says once that drawing has stopped. */
function drawLimit(
  { config, manager, logger }: PipelineParts,
  limits: StorageLimits,
): (episode: number) => boolean {
  let said = false;
  return (episode) => {
    if (manager.mayDraw(episode)) return limits.drawingStopped === null;
    if (!said) {
      said = true;
      logger.warn(
        `storage.max_episodes_per_run=${config.storage.max_episodes_per_run} is reached: later episodes are logged, but not drawn.`,
      );
    }
    return false;
  };
}
