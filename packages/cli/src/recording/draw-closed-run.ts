import type { EpiscopeConfig, Run } from "@episcope/core";
import { RunReader } from "@episcope/records/store";
import type { ProgramIo } from "../terminal/io.js";
import { drawsRunPictures, writeRunPictures } from "./run-pictures.js";

/**
 * Draws the overview of a run that was closed. Its records are safe by then, so whatever goes wrong here costs the overview
 * alone: it is said in a line, with the verb that draws it later.
 */
export function drawClosedRun(run: Run, config: EpiscopeConfig, io: ProgramIo): void {
  if (!drawsRunPictures(config) || run.stats().episodes === 0) return;
  try {
    writeRunPictures(new RunReader(run.dir, { fs: io.fs }), config, run.dir, io);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    io.message(
      `The overview of the run could not be drawn: ${reason} 'episcope render ${run.dir}' tries again.`,
    );
  }
}
