import { join, resolve } from "node:path";
import { type EpiscopeConfig, openCleanup } from "@episcope/core";
import {
  emptyRuns,
  type FileSystem,
  finishedRuns,
  inventoryOf,
  removeEmptyRuns,
} from "@episcope/records/store";
import { builtinPlugins } from "../compose/builtin-plugins.js";
import { type ComposeFlags, composeRun } from "../compose/compose-run.js";
import { projectPlugins } from "../compose/project-plugins.js";
import { declareRecorderFlags, type RecorderFlags } from "../recording/open-recorder.js";
import { wordUnused } from "../terminal/errors.js";
import { EXIT } from "../terminal/exit-status.js";
import type { ProgramIo } from "../terminal/io.js";
import { table } from "../terminal/table.js";
import { counted } from "../terminal/words.js";
import { directoriesFirst } from "./run-places.js";
import type { Verb } from "./verb.js";

type CleanFlags = ComposeFlags & RecorderFlags & { readonly dryRun?: boolean; readonly empty?: boolean };

export const cleanVerb: Verb<CleanFlags> = {
  declare(command) {
    declareRecorderFlags(command);
    command.option("--dry-run", "print the plan with its reasons and delete nothing");
    command.option("--empty", "delete the runs without an episode and without metrics as well");
  },
  async run({ words, flags }, io) {
    const { config } = await composeRun<EpiscopeConfig>("config", withBase(words, io), flags, io);
    const cleanup = await openCleanup(config, {
      plugins: builtinPlugins(),
      allowPlugins: [...(flags.allowPlugins ?? []), ...projectPlugins(io.cwd, io.fs)],
      cwd: io.cwd,
      fs: io.fs,
    });
    const { steps, base } = cleanup;
    const empty = emptyRuns(io.fs, base);
    const unused = flags.empty === true ? empty : [];
    const planned = steps.reduce((sum, step) => sum + step.bytes, 0);
    io.message(describeUse(base, planned, config, io.fs));
    if (steps.length > 0) {
      const rows = steps.map(({ run, episode, what, bytes, reason }) => [
        run,
        `${episode}`,
        what,
        `${bytes}`,
        reason,
      ]);
      await io.out(table(["run", "episode", "deletes", "bytes", "reason"], rows));
    }
    for (const name of unused) await io.out(`${name}: no episode, no metrics\n`);
    if (unused.length < empty.length) {
      io.message(
        `${counted(empty.length, "run")} without an episode ${empty.length === 1 ? "is" : "are"} there too; --empty deletes such.`,
      );
    }
    if (flags.dryRun === true) {
      io.message(
        steps.length === 0
          ? `There is nothing to delete below ${base}.`
          : `${counted(steps.length, "deletion")} would free ${planned} bytes below ${base}; nothing was deleted.`,
      );
      return EXIT.done;
    }
    let failed = 0;
    const freed = cleanup.apply((error, step) => {
      failed += 1;
      io.message(`${step.run}, episode ${step.episode}: ${(error as Error).message}`);
    });
    const gone = removeEmptyRuns(io.fs, base, unused, (error, name) => {
      failed += 1;
      io.message(`${name}: ${(error as Error).message}`);
    });
    if (gone.length > 0) io.message(`${counted(gone.length, "empty run")} deleted below ${base}.`);
    else if (unused.length === 0 || steps.length > 0)
      io.message(
        steps.length === 0
          ? `There is nothing to delete below ${base}.`
          : `${steps.length - failed} of ${counted(steps.length, "deletion")} freed ${freed} bytes below ${base}.`,
      );
    return failed === 0 ? EXIT.done : EXIT.failed;
  },
};

/** What is used, what holds, and what the policy may not touch. `planned` are the bytes that it would free. */
function describeUse(base: string, planned: number, { storage }: EpiscopeConfig, fs: FileSystem): string {
  const { max_storage_gb, cleanup_policy } = storage;
  const limit = max_storage_gb * 1e9;
  const used = inventoryOf(finishedRuns(fs, base)).totalBytes;
  const others = Math.max(0, bytesBelow(fs, base) - used);
  const left = used - planned;
  const excess =
    left > limit ? ` cleanup_policy=${cleanup_policy} leaves ${shownBytes(left)}, more than the limit.` : "";
  return (
    `Below ${base}: ${shownBytes(used)} of the episodes of finished runs, which storage.max_storage_gb=${max_storage_gb} ` +
    `(${shownBytes(limit)}) counts; ${shownBytes(others)} more that no policy touches: configs, run.epi, W&B directories, ` +
    `runs that are being recorded, and what is none of ours.${excess}`
  );
}

/** Of the files below a directory; links are not followed. */
function bytesBelow(fs: FileSystem, dir: string): number {
  let bytes = 0;
  try {
    for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) bytes += bytesBelow(fs, path);
      else if (entry.isFile()) bytes += fs.lstatSync(path).size;
    }
  } catch {
    // Not to be read, or gone meanwhile.
  }
  return bytes;
}

function shownBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let at = 0;
  let value = bytes;
  for (; value >= 10_000 && at < units.length - 1; at++) value /= 1000;
  return `${at === 0 ? value : Number(value.toPrecision(3))} ${units[at]}`;
}

/** A folder is what `storage.base_output_dir` names: `episcope clean outputs/dev_episodes`. */
function withBase(words: readonly string[], io: ProgramIo): readonly string[] {
  const { directories, others } = directoriesFirst(words, io);
  if (directories[1] !== undefined) throw wordUnused("clean", directories[1]);
  return directories
    .map((dir) => `storage.base_output_dir=${JSON.stringify(resolve(io.cwd, dir))}`)
    .concat(others);
}
