import { join, relative } from "node:path";
import type { EpiscopeConfig, Run } from "@episcope/core";
import { wandbDirectories } from "@episcope/plugin-wandb";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import type { ProgramIo } from "../terminal/io.js";
import { RUN_PAGE } from "./run-pictures.js";

/** Where everything of a recorded run stands. */
export function describeRecording(run: Run, config: EpiscopeConfig, io: ProgramIo): string {
  const lines = [`run       ${shown(run.dir, io)}`];
  const stats = run.stats();
  const episode = config.storage.episode_dir_format.replace(/\{episode[^}]*\}|\{timestamp\}/g, "*");
  const pictures = stats.episodes > 0 ? drawnExtensions(run.dir, io) : [];
  if (pictures.length > 0) {
    const extensions = pictures.length === 1 ? pictures[0] : `{${pictures.join(",")}}`;
    lines.push(`pictures  ${shown(join(run.dir, episode, `*.${extensions}`), io)}`);
  }
  const page = join(run.dir, RUN_PAGE);
  if (io.fs.existsSync(page)) lines.push(`overview  ${shown(page, io)}`);
  if (stats.episodes > 0 && config.logging.structured_logging) {
    lines.push(`log       ${shown(join(run.dir, episode, "journal.epi"), io)}`);
  }
  for (const directory of wandbDirectories(run.dir, io.fs)) {
    const how = isUploaded(directory, io)
      ? "uploaded"
      : `upload it with: episcope sync ${shown(run.dir, io)}, or wandb sync ${shown(directory, io)}`;
    lines.push(`W&B       ${shown(directory, io)}  (${how})`);
  }
  return lines.join("\n");
}

/** How the pictures of the run's episodes end: a renderer's node may be called otherwise. */
function drawnExtensions(runDir: string, { fs }: ProgramIo): string[] {
  const found = new Set<string>();
  for (const entry of fs.readdirSync(runDir, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith(".")) continue;
    for (const file of fs.readdirSync(join(runDir, entry.name)) as string[]) {
      const extension = /^(?!journal\.|episode\.)[^.]+\.(?!json$)(.+)$/.exec(file)?.[1];
      if (extension !== undefined) found.add(extension);
    }
    // One episode shows them all.
    if (found.size > 0) break;
  }
  return [...found].sort();
}

/**
 * 3 where an output has not everything that it should have, or the run is not where it was asked for; the run has said which, and
 * what to do about it.
 */
export function recordingStatus(run: Run): ExitStatus {
  const { incomplete, elsewhere } = run.stats();
  return incomplete.length === 0 && !elsewhere ? EXIT.done : EXIT.repairedWithLoss;
}

/** By the mark that the official client leaves too. */
function isUploaded(directory: string, io: ProgramIo): boolean {
  return io.fs.readdirSync(directory).some((name) => String(name).endsWith(".wandb.synced"));
}

/** Relative where it is shorter: the line is meant to be copied. */
function shown(path: string, io: ProgramIo): string {
  const short = relative(io.cwd, path);
  return short === "" || short.startsWith("..") ? path : short;
}
