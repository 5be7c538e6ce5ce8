import { join } from "node:path";
import type { FileSystem } from "@episcope/records/store";
import { type OutboxReport, sendOutbox, type Waiting } from "@episcope/tracker";
import { serverMissing } from "./errors.js";
import type { TrackioRow } from "./rows.js";
import { type Environment, findServer, sendRows, type TrackioRun } from "./server.js";

/** Stands beside the outbox: what a later upload must know of the run. */
export const RUN_FILE = "run.json";

export interface TrackioSyncOptions {
  readonly fs: FileSystem;
  /** TRACKIO_SERVER_URL, TRACKIO_WRITE_TOKEN, proxies and so on. */
  readonly env: Environment;
  /** Seconds after which the rest is left. Default: a day. */
  readonly timeout?: number;
  /** Default: real time. */
  readonly waiting?: Waiting;
}

const A_DAY = 86_400;

/** Whether a run has rows for Trackio. */
export function hasTrackioRows(runDir: string, fs: Pick<FileSystem, "existsSync">): boolean {
  return fs.existsSync(join(runDir, "trackio", RUN_FILE));
}

/**
 * Sends the rows of a run that the server does not have; a second call sends nothing. The process that recorded it must be gone.
 * Throws TRACKIO_SERVER_MISSING.
 */
export async function syncTrackioRun(runDir: string, options: TrackioSyncOptions): Promise<OutboxReport> {
  const { fs, env, waiting, timeout = A_DAY } = options;
  const folder = join(runDir, "trackio");
  const kept = JSON.parse(fs.readFileSync(join(folder, RUN_FILE), "utf8")) as Omit<TrackioRun, "runDir"> & {
    readonly server: string | null;
  };
  const server = findServer(kept.server, env, fs);
  if (server === null) throw serverMissing();
  return sendOutbox<TrackioRow>({
    ...{ fs, env, path: join(folder, "outbox.ndjson"), timeout: Math.min(timeout, A_DAY) },
    ...(waiting === undefined ? {} : { waiting }),
    send: (rows, to) => sendRows(rows, to, { server, run: { ...kept, runDir }, fs }),
  });
}
