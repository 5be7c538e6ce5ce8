import { join } from "node:path";
import type { Logger } from "@episcope/core";
import type { FileSystem } from "@episcope/records/store";
import { createWaiting, type Waiting } from "@episcope/tracker";
import { refuseHandedOver } from "./export-remainder.js";
import type { LoggedArtifact, LoggedRun } from "./format/decode-records.js";
import { keyMissing, uploadUnreadable } from "./format/errors.js";
import { recoverLog } from "./format/recover-log.js";
import type { ArtifactEntry } from "./format/wandb-records.js";
import { openUpload } from "./online/open-upload.js";
import { type Environment, uploadMode } from "./online/upload-mode.js";
import type { UploadReport } from "./online/uploader.js";
import { artifactRecord } from "./run/artifact.js";
import { producer } from "./run/producer.js";
import { runFiles } from "./run/run-files.js";

export interface SyncOptions {
  readonly fs: FileSystem;
  /** WANDB_BASE_URL, WANDB_API_KEY, proxies and so on. */
  readonly env: Environment;
  readonly logger: Logger;
  /** A run directory whose files are sent as an artifact too; files that are there already are not sent again. */
  readonly filesOf?: string;
  /** Seconds after which the rest is left. Default: a day. */
  readonly timeout?: number;
  /** Default: real time. */
  readonly waiting?: Waiting;
}

export interface SyncReport extends UploadReport {
  /** Why the rest was not sent; null where all was, or time was up. */
  readonly error: unknown;
}

const A_DAY = 86_400;
const RETRY_ATTEMPTS = 3;
const RETRY_SECONDS = 1;

/**
 * Uploads a W&B run directory from where the server is; a second call sends nothing. Cuts a torn end off first, and notes
 * exit code 1 where the run has none: the process that wrote it must be gone. Throws WANDB_KEY_MISSING,
 * WANDB_UPLOAD_UNREADABLE, WANDB_HANDED_OVER.
 */
export async function syncWandbDirectory(directory: string, options: SyncOptions): Promise<SyncReport> {
  const { fs, env, logger, waiting = createWaiting(), timeout = A_DAY, filesOf } = options;
  const mode = uploadMode(false, { ...env, WANDB_MODE: undefined }, fs);
  if (mode.kind === "offline") throw keyMissing(mode.baseUrl);
  refuseHandedOver(directory, fs);
  const log = logIn(directory, fs);
  recoverLog(fs, log, { exitCode: 1 });
  const artifact = (run: LoggedRun): LoggedArtifact => runArtifact(run, runFiles(filesOf!, fs));
  const upload = openUpload({
    ...(filesOf === undefined ? {} : { artifact }),
    ...{ fs, env, logger, waiting, mode, directory, isKnown: true, userAgent: producer().replace(" ", "/") },
    ...{ retryAttempts: RETRY_ATTEMPTS, retryDelay: RETRY_SECONDS, now: () => performance.now() },
  });
  const end = await upload.finish(Math.min(timeout, A_DAY) * 1000);
  return { ...upload.report, error: end.state === "refused" ? end.error : null };
}

function runArtifact(
  { runId, entity, project }: LoggedRun,
  entries: readonly ArtifactEntry[],
): LoggedArtifact {
  const name = `run-${runId}-files`;
  return artifactRecord({ runId, entity, project, type: "episcope-run", name, entries, seed: runId });
}

function logIn(directory: string, fs: FileSystem): string {
  let names: string[];
  try {
    names = fs.readdirSync(directory);
  } catch {
    names = [];
  }
  const name = names.find((entry) => entry.endsWith(".wandb"));
  if (name === undefined) throw uploadUnreadable(directory);
  return join(directory, name);
}
