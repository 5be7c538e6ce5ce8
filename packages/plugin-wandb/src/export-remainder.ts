import { basename, dirname, join } from "node:path";
import type { FileSystem } from "@episcope/records/store";
import { makeDirectories } from "@episcope/records/store";
import { PositionFile } from "@episcope/tracker";
import { decodeRecord } from "./format/decode-records.js";
import { handedOver, uploadUnreadable } from "./format/errors.js";
import { ProtobufWriter } from "./format/protobuf-writer.js";
import { recoverLog } from "./format/recover-log.js";
import { frameRecords, LOG_HEADER, readAtFrom, readRecords } from "./format/transaction-log.js";
import { encodeRecord, renumbered } from "./format/wandb-records.js";
import { UPLOAD_STATE_FILE, type UploadState } from "./online/upload-state.js";
import { localStamp } from "./run/run-directory.js";

/** In both directories: who has taken over, and where the rest is. */
export const HANDED_OVER_FILE = "handed-over.json";

export interface RemainderOptions {
  readonly fs: FileSystem;
  /** Unix seconds; part of the new directory's name. */
  readonly now: number;
}

export interface Remainder {
  /** Absolute path of the new directory; null where the official client may take the run's own. */
  readonly directory: string | null;
  readonly rows: number;
  readonly files: number;
}

/**
 * Puts what a server does not have yet into a directory of its own, for `wandb sync`: of a run that is partly uploaded the official
 * client would append all rows again. The run's own directory is marked as sent, and taken by nobody any more. A run of which
 * nothing was uploaded, or all, is left as it is. Throws WANDB_UPLOAD_UNREADABLE, WANDB_HANDED_OVER.
 */
export function exportRemainder(directory: string, { fs, now }: RemainderOptions): Remainder {
  refuseHandedOver(directory, fs);
  const log = logPathIn(directory, fs);
  recoverLog(fs, log, { exitCode: 1 });
  const state = new PositionFile<UploadState>(fs, join(directory, UPLOAD_STATE_FILE)).read();
  const isUntouched = state === null || (state.history === 0 && state.files === 0);
  if (isUntouched || state.complete) return { directory: null, rows: 0, files: 0 };

  const { records, rows, files } = remainderOf(fs.readFileSync(log), state);
  const target = join(dirname(directory), `offline-run-${localStamp(now)}-${runIdOf(log)}`);
  fs.mkdirSync(target);
  makeDirectories(fs, join(target, "files"));
  for (const path of files) {
    const [from, to] = [directory, target].map((one) => join(one, "files", ...path.split("/")));
    if (!fs.existsSync(from!)) continue;
    makeDirectories(fs, dirname(to!));
    fs.writeFileSync(to!, fs.readFileSync(from!));
  }
  const bytes = Buffer.concat([LOG_HEADER, frameRecords(records, LOG_HEADER.length)]);
  writeSynced(fs, join(target, basename(log)), bytes);
  const note = `${JSON.stringify({ to: "wandb sync", remainder: target })}\n`;
  fs.writeFileSync(join(target, HANDED_OVER_FILE), note);
  fs.writeFileSync(join(directory, HANDED_OVER_FILE), note);
  fs.writeFileSync(`${log}.synced`, "");
  return { directory: target, rows, files: files.length };
}

/** Throws WANDB_HANDED_OVER where the official client has taken over. */
export function refuseHandedOver(directory: string, fs: FileSystem): void {
  const file = join(directory, HANDED_OVER_FILE);
  if (!fs.existsSync(file)) return;
  const { remainder } = JSON.parse(fs.readFileSync(file, "utf8")) as { readonly remainder: string };
  throw handedOver(directory, remainder);
}

/**
 * Rows, files and artifacts behind what was confirmed; of system metrics and console all, because the official client sends
 * those of a second log from line 0 again.
 */
function remainderOf(
  log: Uint8Array,
  state: UploadState,
): { readonly records: Uint8Array[]; readonly rows: number; readonly files: string[] } {
  const writer = new ProtobufWriter();
  const records: Uint8Array[] = [];
  const files: string[] = [];
  const seen = { rows: 0, files: 0, artifacts: 0 };
  for (const bytes of readRecords(readAtFrom(log))) {
    const record = decodeRecord(bytes);
    const number = records.length + 1;
    if (record.kind === "history") {
      seen.rows += 1;
      if (seen.rows <= state.history) continue;
    } else if (record.kind === "artifact") {
      seen.artifacts += 1;
      if (seen.artifacts <= (state.artifacts ?? 0)) continue;
    } else if (record.kind === "files") {
      const left = record.paths.filter((path) => ++seen.files > state.files || state.missing.includes(path));
      files.push(...left);
      if (left.length > 0) records.push(encodeRecord(writer, number, { kind: "files", paths: left }));
      continue;
    }
    records.push(renumbered(bytes, number));
  }
  return { records, rows: Math.max(0, seen.rows - state.history), files };
}

function writeSynced(fs: FileSystem, path: string, bytes: Uint8Array): void {
  const descriptor = fs.openSync(path, "wx");
  try {
    for (let at = 0; at < bytes.length; ) at += fs.writeSync(descriptor, bytes, at, bytes.length - at, at);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function logPathIn(directory: string, fs: FileSystem): string {
  const name = fs.readdirSync(directory).find((entry) => entry.endsWith(".wandb"));
  if (name === undefined) throw uploadUnreadable(directory);
  return join(directory, name);
}

/** Of `run-<id>.wandb`. */
function runIdOf(log: string): string {
  return basename(log).slice("run-".length, -".wandb".length);
}
