import type { Logger, PluginContext } from "@episcope/core";
import { closingBudgetMs } from "@episcope/tracker";
import type { Upload } from "./online/open-upload.js";
import type { UploadMode } from "./online/upload-mode.js";
import type { WandbConfig } from "./run/options.js";
import { shellWord, wandbSyncCommand } from "./run/run-directory.js";
import type { WandbIntegration } from "./wandb-integration.js";

/** What closing does once the log is written. */
export interface RunEnding {
  /** So many bytes of the log will not be taken back. */
  cover(length: number): void;
  end(): Promise<void>;
}

/** Says where the run is, and how it is uploaded later. */
export class OfflineNotice implements RunEnding {
  readonly #wandb: WandbIntegration;
  readonly #mode: Extract<UploadMode, { kind: "offline" }>;
  readonly #context: PluginContext;

  constructor(
    wandb: WandbIntegration,
    mode: Extract<UploadMode, { kind: "offline" }>,
    context: PluginContext,
  ) {
    this.#wandb = wandb;
    this.#mode = mode;
    this.#context = context;
  }

  cover(): void {}

  async end(): Promise<void> {
    const directory = this.#wandb.directory!;
    const notice = this.#mode.asked
      ? `W&B run: ${directory}`
      : `W&B run: ${directory}; it stays here, no key was found for ${this.#mode.baseUrl}: ` +
        `set WANDB_API_KEY, then ${episcopeSyncCommand(this.#context)} or ${wandbSyncCommand(directory)}`;
    this.#context.logger.info(notice, { directory });
  }
}

/** Gives the upload its last moments, and says how far it came. */
export class UploadEnd implements RunEnding {
  readonly #upload: Upload;
  readonly #wandb: WandbIntegration;
  readonly #options: WandbConfig;
  readonly #context: PluginContext;

  constructor(upload: Upload, wandb: WandbIntegration, options: WandbConfig, context: PluginContext) {
    this.#upload = upload;
    this.#wandb = wandb;
    this.#options = options;
    this.#context = context;
    context.signal.addEventListener("abort", () => void upload.stop().catch(() => undefined), { once: true });
  }

  cover(length: number): void {
    this.#upload.limit = length;
  }

  async end(): Promise<void> {
    this.cover(Number.POSITIVE_INFINITY);
    const { logger, run } = this.#context;
    const end = await this.#upload.finish(closingBudgetMs(this.#options.finish_timeout, run.config));
    const { page, rows, files, missing } = this.#upload.report;
    const directory = this.#wandb.directory!;
    if (end.state === "complete") {
      logger.info(`W&B run: ${page} (${rows} rows, ${files - missing.length} files)`, { directory, page });
      tellOfMissing(missing, logger);
      return;
    }
    // The official client appends, so it may be named only where the server has nothing yet.
    const official = rows === 0 ? ` or ${wandbSyncCommand(directory)}` : "";
    const reason = end.state === "left" ? "the server was not reached in time" : "the server refused it";
    logger.warn(
      `W&B: ${reason}; the run is whole in ${directory}: ${episcopeSyncCommand(this.#context)}${official}`,
      { directory, rows },
    );
  }
}

function tellOfMissing(missing: readonly string[], logger: Logger): void {
  if (missing.length === 0) return;
  logger.warn(`W&B: ${missing.length} files were not uploaded, ${missing[0]} for one`, { files: missing });
}

function episcopeSyncCommand({ paths }: PluginContext): string {
  return `episcope sync ${shellWord(paths.runDir)}`;
}
