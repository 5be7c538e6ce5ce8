import { basename, dirname, resolve } from "node:path";
import { hasTrackioRows, type OutboxReport, syncTrackioRun } from "@episcope/plugin-trackio";
import {
  exportRemainder,
  type SyncReport,
  syncWandbDirectory,
  wandbDirectories,
  wandbSyncCommand,
} from "@episcope/plugin-wandb";
import { lockRun, unlockRun } from "@episcope/records/store";
import { nothingToSync } from "../terminal/errors.js";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import type { ProgramIo } from "../terminal/io.js";
import { wholeNumber } from "../terminal/number-flags.js";
import { counted } from "../terminal/words.js";
import { onlyRuns } from "./run-words.js";
import type { Verb } from "./verb.js";

interface SyncFlags {
  readonly artifact?: boolean;
  readonly exportRemainder?: boolean;
  readonly timeout?: string;
}

export const syncVerb: Verb<SyncFlags> = {
  declare(command) {
    command.option(
      "--timeout <seconds>",
      "longest time for one W&B run; what is left then is sent by the next call",
    );
    command.option(
      "--export-remainder",
      "sends nothing: puts what W&B does not have yet into directories for the official 'wandb sync'",
    );
    command.option("--artifact", "to W&B also the run's own files: records, exports, pictures, config");
  },
  async run({ words, flags }, io) {
    const timeout = wholeNumber("--timeout", flags.timeout, 1);
    let status: ExitStatus = EXIT.done;
    for (const word of onlyRuns("sync", words, io)) {
      const { runDir, directories, isWhole } = placesOf(resolve(io.cwd, word), io);
      const hasTrackio = isWhole && hasTrackioRows(runDir, io.fs);
      if (directories.length === 0 && !hasTrackio) throw nothingToSync(word);
      const options = { fs: io.fs, env: io.env, ...(timeout === undefined ? {} : { timeout }) };
      lockRun(io.fs, runDir);
      try {
        if (flags.exportRemainder === true) {
          for (const directory of directories) await io.out(exported(directory, io));
          continue;
        }
        for (const directory of directories) {
          const report = await syncWandbDirectory(directory, {
            ...{ ...options, logger: messageLogger(io) },
            ...(flags.artifact === true ? { filesOf: runDir } : {}),
          });
          await io.out(`${basename(directory)}: ${describe(report)}\n`);
          status = worse(status, statusOf(report));
        }
        if (hasTrackio) {
          const report = await syncTrackioRun(runDir, options);
          await io.out(`${basename(runDir)}: ${describeRows(report)}\n`);
          status = worse(status, statusOf({ ...report, missing: [] }));
        }
      } finally {
        unlockRun(io.fs, runDir);
      }
    }
    return status;
  },
};

/** A run, or one of the W&B directories in it. */
function placesOf(
  path: string,
  io: ProgramIo,
): { readonly runDir: string; readonly directories: readonly string[]; readonly isWhole: boolean } {
  if (basename(dirname(path)) === "wandb")
    return { runDir: dirname(dirname(path)), directories: [path], isWhole: false };
  return { runDir: path, directories: wandbDirectories(path, io.fs), isWhole: true };
}

function exported(directory: string, io: ProgramIo): string {
  const { directory: made, rows, files } = exportRemainder(directory, { fs: io.fs, now: Date.now() / 1000 });
  if (made === null)
    return `${basename(directory)}: nothing of it is left apart; ${wandbSyncCommand(directory)}\n`;
  const rest = `${counted(rows, "row")} and ${counted(files, "file")}`;
  return `${basename(directory)}: ${rest} are left: ${wandbSyncCommand(made)}\n`;
}

function describe({ rows, files, missing, page, isComplete, error }: SyncReport): string {
  const sent = `${counted(rows, "row")} and ${counted(files - missing.length, "file")}`;
  const lost = missing.length === 0 ? "" : `, ${counted(missing.length, "file")} not taken`;
  if (error !== null) return `${sent} are at W&B, the rest is not: ${(error as Error).message}`;
  const where = page === null ? "" : `: ${page}`;
  return isComplete ? `${sent} are at W&B${lost}${where}` : `${sent} are at W&B${lost}, the rest is not`;
}

function describeRows({ rows, isComplete, error }: OutboxReport): string {
  const sent = `${counted(rows, "row")} are at Trackio`;
  if (error !== null) return `${sent}, the rest is not: ${(error as Error).message}`;
  return isComplete ? sent : `${sent}, the rest is not`;
}

function statusOf({
  error,
  isComplete,
  missing,
}: Pick<SyncReport, "error" | "isComplete" | "missing">): ExitStatus {
  if (error !== null) return EXIT.failed;
  return isComplete && missing.length === 0 ? EXIT.done : EXIT.repairedWithLoss;
}

function worse(one: ExitStatus, other: ExitStatus): ExitStatus {
  if (one === EXIT.failed || other === EXIT.failed) return EXIT.failed;
  return one === EXIT.done ? other : one;
}

function messageLogger(io: ProgramIo) {
  const say = (message: string): void => io.message(message);
  return { debug() {}, info() {}, warn: say, error: say };
}
