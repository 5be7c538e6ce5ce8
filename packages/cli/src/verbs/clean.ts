import { resolve } from "node:path";
import { type EpiscopeConfig, openCleanup } from "@episcope/core";
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

type CleanFlags = ComposeFlags & RecorderFlags & { readonly dryRun?: boolean };

export const cleanVerb: Verb<CleanFlags> = {
  declare(command) {
    declareRecorderFlags(command);
    command.option("--dry-run", "print the plan with its reasons and delete nothing");
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
    const planned = steps.reduce((sum, step) => sum + step.bytes, 0);
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
    io.message(
      steps.length === 0
        ? `There is nothing to delete below ${base}.`
        : `${steps.length - failed} of ${counted(steps.length, "deletion")} freed ${freed} bytes below ${base}.`,
    );
    return failed === 0 ? EXIT.done : EXIT.failed;
  },
};

/** A folder is what `storage.base_output_dir` names: `episcope clean outputs/dev_episodes`. */
function withBase(words: readonly string[], io: ProgramIo): readonly string[] {
  const { directories, others } = directoriesFirst(words, io);
  if (directories[1] !== undefined) throw wordUnused("clean", directories[1]);
  return directories
    .map((dir) => `storage.base_output_dir=${JSON.stringify(resolve(io.cwd, dir))}`)
    .concat(others);
}
