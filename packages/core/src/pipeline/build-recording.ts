import { join } from "node:path";
import type { EpisodeView } from "@episcope/records";
import { EPISODE_JOURNAL, episodeViewOf, findEpisode, handleStorageError } from "@episcope/records/store";
import { type DrawingPlan, drawingPlan, drawsStep } from "../config/trigger.js";
import { hasTaps } from "../contract/hooks.js";
import { KEY_STEP_DETECTION, STEP_TRIGGER, type StepTrigger } from "../contract/services.js";
import type { EpisodeFinisher } from "../log/episode-finisher.js";
import { STRUCTURED_LOGGER, StructuredLogger } from "../log/structured-logger.js";
import type { AsyncLogger } from "../output/async-logger.js";
import { Outgoing } from "../output/outgoing.js";
import { dumpStep } from "../output/state-dump.js";
import type { JournalSealing } from "../threads/journal-sealing.js";
import type { StorageLimits } from "./build-storage.js";
import { DETECTION, guardDetection, guardTrigger } from "./deciding-services.js";
import type { OpenedOutputs } from "./open-outputs.js";
import type { PipelineParts } from "./pipeline-parts.js";
import { Recording } from "./recording.js";

/** What is drawn of a run. */
export interface Drawing {
  readonly plan: DrawingPlan;
  /** Whether there are pictures or sinks, which read the log. */
  readonly hasOutputs: boolean;
}

export function planDrawing({ config }: PipelineParts, { sinks, renderers }: OpenedOutputs): Drawing {
  const plan = drawingPlan(config.visualization);
  const draws = renderers.length > 0 && (plan.steps !== "none" || plan.summary);
  return { plan, hasOutputs: sinks.length > 0 || draws };
}

export interface LoggerParts {
  readonly journals: JournalSealing;
  readonly finisher: EpisodeFinisher;
  readonly limits: StorageLimits;
  readonly hasOutputs: boolean;
}

/** Null where no journals are kept and nobody reads the log. */
export function buildLogger(
  parts: PipelineParts,
  { journals, finisher, limits, hasOutputs }: LoggerParts,
): StructuredLogger | null {
  const { config, planner, identity, fs, clock, logger, manager, report, onProgress } = parts;
  const { structured_logging: isKept, async_logger } = config.logging;
  if (!isKept && !hasOutputs) return null;
  const make = () =>
    new StructuredLogger({
      ...{ manager, fs, clock, finisher, hasOutputs, report, onProgress },
      durability: config.storage.durability,
      configHash: identity.configHash,
      episodeDirFormat: config.storage.episode_dir_format,
      journals: isKept ? journals : null,
      onFailure: (error) => {
        const { runDir: dir } = manager;
        const places = { dir, fallbackDir: config.storage.fallback_dir, cleanUp: () => limits.makeRoom() };
        return handleStorageError(error, places) === dir;
      },
      onRecovery: () => logger.info("The journal can be written again."),
      batchSize: async_logger.batch_size,
      flushIntervalMs: async_logger.flush_interval * 1000,
    });
  planner.container.offer(STRUCTURED_LOGGER, make);
  return planner.container.resolve(STRUCTURED_LOGGER);
}

/** The outputs of a run, ready for records. */
export function connectOutputs(
  { fs, manager }: PipelineParts,
  outputs: OpenedOutputs,
  log: StructuredLogger | null,
): AsyncLogger {
  const pageOf = (episode: number): EpisodeView | null => {
    const found = findEpisode(fs, join(manager.episodeDir(episode), EPISODE_JOURNAL), episode);
    return found === null ? null : episodeViewOf(found);
  };
  return outputs.connect({ log: log?.source ?? null, pageOf });
}

export interface RecordingParts {
  readonly outputs: OpenedOutputs;
  readonly drawing: Drawing;
  readonly asyncLogger: AsyncLogger;
  readonly finisher: EpisodeFinisher;
  readonly limits: StorageLimits;
}

export function buildRecording(
  parts: PipelineParts,
  { outputs, drawing: { plan }, asyncLogger, finisher, limits }: RecordingParts,
  log: StructuredLogger | null,
): Recording {
  const { hooks, budget, manager, planner, report } = parts;
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
    hooks,
    outgoing: hasTaps(hooks.outgoing) ? new Outgoing(hooks) : null,
    plan,
    budget,
    drawsPages: outputs.visualizer.renderersFor("episode").length > 0,
    stepViews: (number) => finisher.stepViews(number),
    mayDraw: drawLimit(parts, limits),
    dumpStep: (episode, step) => dumpStep(manager, episode, step),
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
