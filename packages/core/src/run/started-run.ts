import { join } from "node:path";
import { EpiscopeError } from "@episcope/errors";
import type { EpisodeManager, FileSystem, StartRunOptions } from "@episcope/records/store";
import { isRunLocked, LOG_DIRECTORY, LogReader, runExists } from "@episcope/records/store";
import { readOutputs } from "../output/outputs-file.js";

/** `manager.startNewRun`, whose RUN_EXISTS names what finishes the run that is there, where something of it waits. */
export function startedRun(manager: EpisodeManager, fs: FileSystem, options: StartRunOptions): string {
  try {
    return manager.startNewRun(options);
  } catch (error) {
    if (!(error instanceof EpiscopeError) || error.code !== "RUN_EXISTS") throw error;
    const dir = error.fields.file;
    throw dir !== undefined && isUnfinished(fs, dir) ? runExists(dir, true) : error;
  }
}

/** A run of another process that still goes on is not unfinished. */
function isUnfinished(fs: FileSystem, dir: string): boolean {
  if (isRunLocked(fs, dir)) return false;
  if (LogReader.first(fs, join(dir, LOG_DIRECTORY)) !== null) return true;
  try {
    const saved = readOutputs(fs, dir);
    return saved !== null && [...saved.outputs.values()].some(({ waiting }) => waiting > 0);
  } catch {
    // `resume` says what is wrong with it.
    return false;
  }
}
