import type { Logger } from "@episcope/core";
import type { FileSystem } from "@episcope/records/store";
import {
  BackgroundSender,
  createHttpClient,
  type HttpClient,
  type SendingEnd,
  type Waiting,
} from "@episcope/tracker";
import type { LoggedArtifact, LoggedRun } from "../format/decode-records.js";
import type { Environment, UploadMode } from "./upload-mode.js";
import { Uploader, type UploadReport } from "./uploader.js";

/** The official client's pace. */
const INTERVAL_MS = 15_000;

export interface UploadOptions {
  readonly fs: FileSystem;
  readonly logger: Logger;
  readonly env: Environment;
  /** Default: one of its own, by the environment. */
  readonly client?: HttpClient;
  readonly waiting: Waiting;
  readonly mode: Extract<UploadMode, { kind: "online" }>;
  readonly userAgent: string;
  /** Absolute path of the W&B run directory. */
  readonly directory: string;
  /** Whether anything of the run may be at the server already. */
  readonly isKnown: boolean;
  /** Of a run that goes on: what of the log was not taken back. Default: all. */
  readonly kept?: { readonly files: number; readonly artifacts: number };
  /** Sent behind everything that the log names. */
  readonly artifact?: (run: LoggedRun) => LoggedArtifact;
  /** Failed tries in a row after which the user is told, once. */
  readonly retryAttempts: number;
  /** Seconds. */
  readonly retryDelay: number;
  /** Milliseconds that never run backwards. */
  now(): number;
}

/** An upload that runs beside the program. */
export interface Upload {
  /** Bytes of the log that may be sent. Default: all. */
  limit: number;
  readonly report: UploadReport;
  /** Sends the rest, and says within `budgetMs` how far it came. */
  finish(budgetMs: number): Promise<SendingEnd>;
  /** Sends nothing more. */
  stop(): Promise<void>;
}

export function openUpload(options: UploadOptions): Upload {
  const { fs, logger, env, waiting, mode, directory, isKnown, userAgent, retryAttempts, retryDelay, now } =
    options;
  const client = options.client ?? createHttpClient({ env });
  let isTold = false;
  const server = {
    ...{ baseUrl: mode.baseUrl, key: mode.key, userAgent, client, waiting, firstDelayMs: retryDelay * 1000 },
    onFailure({ attempt, reason }: { readonly attempt: number; readonly reason: string }): void {
      if (attempt < retryAttempts || isTold) return;
      isTold = true;
      logger.warn(
        `W&B: ${mode.baseUrl} does not answer (${reason}); the run is recorded, and sent when it does`,
      );
    },
    onAnswer(): void {
      if (isTold) logger.info(`W&B: ${mode.baseUrl} answers again`);
      isTold = false;
    },
  };
  const more = {
    ...(options.kept === undefined ? {} : { kept: options.kept }),
    ...(options.artifact === undefined ? {} : { artifact: options.artifact }),
  };
  const uploader = new Uploader({ fs, logger, directory, server, isKnown, ...more, now });
  const sender = new BackgroundSender({
    ...{ delivery: uploader, waiting, intervalMs: INTERVAL_MS },
    onRefused: (error) => logger.warn(`W&B: nothing more is uploaded: ${(error as Error).message}`),
  });
  sender.start();
  let ended: Promise<void> | null = null;
  const end = (): Promise<void> => {
    if (ended === null) {
      uploader.close();
      // One that was given is closed by who gave it.
      ended = options.client === undefined ? client.close() : Promise.resolve();
    }
    return ended;
  };
  return {
    set limit(bytes: number) {
      uploader.limit = bytes;
    },
    get report() {
      return uploader.report;
    },
    async finish(budgetMs) {
      const result = await sender.finish(budgetMs);
      await end();
      return result;
    },
    async stop() {
      sender.stop();
      await end();
    },
  };
}
