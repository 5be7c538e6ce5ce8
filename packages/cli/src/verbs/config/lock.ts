import { resolve } from "node:path";
import { lockText } from "@episcope/core/config";
import { checkComposition, commandOf, composeConfig } from "../../compose/compose-run.js";
import { checkLocked, type LockedFlags, lockOf } from "../../compose/config-lock.js";
import { EXIT, type ExitStatus } from "../../terminal/exit-status.js";
import type { ProgramIo } from "../../terminal/io.js";

/**
 * `episcope config lock [OVERRIDE…] [--in FILE]`: what a run with this config would have for its lock, for `--locked` of a
 * verb to compare with. With `--config-name play` it is that of `play`.
 */
export async function lockConfig(
  words: readonly string[],
  flags: LockedFlags & { readonly in?: string },
  io: ProgramIo,
): Promise<ExitStatus> {
  const verb = flags.configName ?? "config";
  await checkLocked(verb, words, flags, io);
  const composedAt = new Date();
  const composition = await composeConfig<unknown>(verb, words, flags, io, composedAt);
  checkComposition(composition, verb);
  const text = lockText(lockOf(composition, composedAt, commandOf(verb, flags)));
  if (flags.in === undefined) await io.out(text);
  else {
    io.fs.writeFileSync(resolve(io.cwd, flags.in), text);
    await io.out(`${flags.in}\n`);
  }
  return EXIT.done;
}
