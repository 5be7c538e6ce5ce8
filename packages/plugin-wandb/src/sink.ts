import type { Artifact, Logger, PluginContext, RecordItem, Sink, SinkItem } from "@episcope/core";
import type { EpisodeStartRecord, PlainObject, PlainValue, RunEndRecord } from "@episcope/records";
import type { FileSystem } from "@episcope/records/store";
import {
  createHttpClient,
  createWaiting,
  HTTP_TRANSPORT,
  isMarkedStep,
  type Waiting,
} from "@episcope/tracker";
import { pictureNotLogged } from "./format/errors.js";
import type { EpisodeBeginning } from "./history/row-fields.js";
import { openUpload } from "./online/open-upload.js";
import { type Environment, uploadMode } from "./online/upload-mode.js";
import { gitState } from "./run/git-state.js";
import { thisHost } from "./run/host.js";
import { captionOf } from "./run/media.js";
import type { WandbConfig } from "./run/options.js";
import { producer } from "./run/producer.js";
import { programCode } from "./run/program-code.js";
import { installedPackages } from "./run/requirements.js";
import type { RunSurroundings } from "./run/run-head.js";
import { createSystemMetrics } from "./run/system-metrics.js";
import { OfflineNotice, type RunEnding, UploadEnd } from "./run-ending.js";
import { type WandbState, wandbState } from "./state.js";
import { WandbIntegration } from "./wandb-integration.js";

/** The official client's exit codes: 255 is what it notes for Ctrl-C. */
const EXIT_CODES: { readonly [outcome in RunEndRecord["outcome"]]: number } = {
  finished: 0,
  crashed: 1,
  interrupted: 255,
};

const SYSTEM_INTERVAL_MS = 15_000;

const PICTURE_TYPES = {
  png: ["picture/png"],
  svg: ["picture/svg"],
  both: ["picture/png", "picture/svg"],
} as const;

/** The sink that a run has for `logging.wandb`. */
export interface WandbSink extends Sink {
  /** Absolute path of the W&B run directory. */
  readonly directory: string;
}

/** What the sink knows of the world beside its context; a test gives another. */
export interface SinkWorld {
  readonly env: Environment;
  readonly waiting: Waiting;
}

/** Opens the W&B run; its config is on disk when this returns. Throws nothing because of the network, and waits for none. */
export function createWandbSink(
  options: WandbConfig,
  context: PluginContext,
  { env, waiting }: SinkWorld = { env: process.env, waiting: createWaiting() },
): WandbSink {
  const { fs, clock, logger, paths, run } = context;
  const mode = uploadMode(options.offline_mode, env, fs);
  const isOnline = mode.kind === "online";
  const surroundings = surroundingsOf(options, isOnline, fs);
  const wandb = new WandbIntegration(options, { fs, clock, logger, runDir: paths.runDir, surroundings });
  const state = options.resume === "auto" ? wandbState(context.resume?.state) : null;
  const isResumed = state !== null && wandb.resumeRun(run, state);
  if (!isResumed) wandb.initializeRun(run);
  const episodes = isResumed ? state.episodes : [];
  if (mode.kind === "offline") {
    return new RecordingSink(wandb, {
      options,
      context,
      ending: new OfflineNotice(wandb, mode, context),
      episodes,
    });
  }
  const upload = openUpload({
    ...{ fs, logger, env, waiting, mode, directory: wandb.directory!, isKnown: isResumed },
    ...(isResumed ? { kept: wandb.kept } : {}),
    ...{ userAgent: producer().replace(" ", "/"), now: () => clock.monotonic() },
    ...{ retryAttempts: options.retry_attempts, retryDelay: options.retry_delay },
    client: context.resolve(HTTP_TRANSPORT, () => createHttpClient({ env })),
  });
  const ending = new UploadEnd(upload, wandb, options, context);
  return new RecordingSink(wandb, { options, context, ending, episodes });
}

function surroundingsOf({ save_code }: WandbConfig, isOnline: boolean, fs: FileSystem): RunSurroundings {
  const directory = process.cwd();
  return {
    ...{ host: thisHost(), isOnline },
    code: save_code ? gitState(directory) : null,
    program: save_code ? programCode(directory, process.argv[1], fs) : null,
    requirements: save_code ? installedPackages(directory, fs) : [],
  };
}

interface RecordingOptions {
  readonly options: WandbConfig;
  readonly context: PluginContext;
  readonly ending: RunEnding;
  /** That are open where the sink goes on. */
  readonly episodes: WandbState["episodes"];
}

class RecordingSink implements WandbSink {
  readonly accepts: readonly string[];
  readonly pictureSize: NonNullable<Sink["pictureSize"]>;
  readonly directory: string;
  readonly #wandb: WandbIntegration;
  readonly #options: WandbConfig;
  readonly #logger: Logger;
  readonly #ending: RunEnding;
  readonly #open: Map<number, EpisodeBeginning>;
  /** Stops the measuring of the machine. */
  #unwatch: (() => void) | null = null;
  readonly #unsound = new Set<string>();
  #unwritten: readonly SinkItem[] | null = null;
  #lostPictures = 0;
  #sawHistograms = false;
  #topology: "logged" | "missing" | "unsound" = "missing";
  /** Where the run ends without saying so. */
  #exitCode = EXIT_CODES.crashed;

  constructor(wandb: WandbIntegration, { options, context, ending, episodes }: RecordingOptions) {
    this.#ending = ending;
    this.#wandb = wandb;
    this.#options = options;
    this.#logger = context.logger;
    this.#open = new Map(episodes);
    if (options.log_system_metrics) this.#watchSystem();
    this.directory = wandb.directory!;
    const [width, height] = options.max_image_size;
    this.pictureSize = { width, height };
    this.accepts = [
      ...["run-start", "episode-start", "step", "episode-end", "metrics", "batch", "run-end"],
      ...PICTURE_TYPES[options.image_format],
      ...(options.log_animation ? ["picture/gif"] : []),
    ];
  }

  write(batch: readonly SinkItem[]): void {
    // A batch that comes again, because the log could not be written, has been composed already.
    if (batch !== this.#unwritten) {
      this.#unwritten = batch;
      for (const item of batch) {
        if (isPicture(item)) this.#writePicture(item);
        else this.#writeRecord(item);
      }
    }
    this.#wandb.commit();
    this.#ending.cover(this.#wandb.length);
    this.#unwritten = null;
  }

  async flush(): Promise<PlainValue> {
    const episodes = [...this.#open];
    const state: WandbState = { ...(await this.#wandb.flush()), episodes };
    this.#ending.cover(this.#wandb.length);
    return state as unknown as PlainValue;
  }

  async close(): Promise<void> {
    this.#unwatch?.();
    await this.#wandb.finishRun(this.#exitCode);
    if (this.#lostPictures > 1) {
      this.#logger.error(
        `W&B: ${this.#lostPictures} pictures could not be put into the run; the first reason is above`,
      );
    }
    if (this.#options.log_gradients && !this.#sawHistograms) {
      this.#logger.debug("W&B: log_gradients is on, but the producer sent no histograms");
    }
    if (this.#options.log_model_topology && this.#topology === "missing") {
      this.#logger.debug("W&B: log_model_topology is on, but the producer sent no meta.model_topology");
    }
    await this.#ending.end();
  }

  /** At once, every 15 seconds, which is the official client's pace, and at the end. */
  #watchSystem(): void {
    const measure = createSystemMetrics();
    const log = (): void => {
      try {
        this.#wandb.logSystem(measure());
        this.#wandb.commit();
      } catch {
        // It stays composed, and goes out with the next batch, which reports what is wrong.
      }
    };
    log();
    const timer = setInterval(log, SYSTEM_INTERVAL_MS);
    timer.unref();
    this.#unwatch = () => {
      clearInterval(timer);
      log();
    };
  }

  /** One bad picture must not make the pipeline try the whole batch again, or count all of it as lost. */
  #writePicture(picture: Artifact): void {
    try {
      this.#wandb.logPicture(picture);
    } catch (cause) {
      this.#lostPictures += 1;
      if (this.#lostPictures > 1) return;
      const error = pictureNotLogged(captionOf(picture), cause);
      this.#logger.error(`W&B: ${error.message}`, { code: error.code, hint: error.hint });
    }
  }

  #writeRecord(item: RecordItem): void {
    const { record, episode, global_step, similarity } = item;
    const globalStep = global_step ?? 0;
    switch (record.type) {
      case "run-start":
        this.#wandb.logHyperparameters(record.meta);
        this.#writeTopology(record.meta);
        return;
      case "episode-start":
        if (episode !== null) this.#open.set(episode, beginningOf(record));
        return;
      case "step":
        this.#wandb.logStep(record, {
          ...{ episode: episode ?? 0, globalStep, similarity, marked: isMarkedStep(item) },
        });
        return;
      case "episode-end": {
        const number = episode ?? 0;
        this.#wandb.logEpisodeSummary(record, this.#open.get(number), { episode: number, globalStep });
        this.#open.delete(number);
        return;
      }
      case "metrics":
        this.#wandb.logMetrics(record, globalStep);
        if (this.#options.log_gradients && record.histograms !== undefined) {
          this.#sawHistograms = true;
          this.#reportUnsound(this.#wandb.logHistograms(record, globalStep));
        }
        return;
      case "batch":
        this.#wandb.logBatch(record, globalStep);
        return;
      case "run-end":
        this.#exitCode = EXIT_CODES[record.outcome];
        return;
    }
  }

  #writeTopology(meta: PlainObject): void {
    if (!this.#options.log_model_topology) return;
    this.#topology = this.#wandb.logModelTopology(meta);
    if (this.#topology === "unsound") {
      this.#logger.warn(
        "W&B: meta.model_topology is no graph of nodes with id and name, and edges of two ids",
      );
    }
  }

  #reportUnsound(names: readonly string[]): void {
    for (const name of names) {
      if (this.#unsound.has(name)) continue;
      this.#unsound.add(name);
      this.#logger.warn(
        `W&B: histogram '${name}' is left out: it needs finite counts, one edge more than counts, and a name of its own`,
        { name },
      );
    }
  }
}

function beginningOf({ task_id, pair_index, mode, time }: EpisodeStartRecord): EpisodeBeginning {
  return { task_id, pair_index, mode, time };
}

function isPicture(item: SinkItem): item is Artifact {
  return item.type.startsWith("picture/");
}
