import type { Command } from "commander";
import type { ExitStatus } from "./exit-status.js";
import type { ProgramIo } from "./io.js";

/** A command line after the verb: flags are read by commander, words keep their order. */
export interface VerbInput<Flags> {
  /** RUN directories and overrides, as typed. */
  readonly words: readonly string[];
  readonly flags: Flags;
}

/** One verb of the program; `declare` adds its flags to the command. */
export interface Verb<Flags = Record<string, unknown>> {
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** How the words read in `--help`, for instance "RUN [overrides…]". */
  readonly words: string;
  declare(command: Command): void;
  run(input: VerbInput<Flags>, io: ProgramIo): Promise<ExitStatus>;
}
