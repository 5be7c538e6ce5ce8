import type { Command } from "commander";
import type { ExitStatus } from "../terminal/exit-status.js";
import type { ProgramIo } from "../terminal/io.js";

/** A command line after the verb: flags are read by commander, words keep their order. */
export interface VerbInput<Flags> {
  /** RUN directories and overrides, as typed. */
  readonly words: readonly string[];
  readonly flags: Flags;
}

/** What one verb of the program does; `declare` adds its flags to the command. Names and summaries stand in `verbs.ts`. */
export interface Verb<Flags = Record<string, unknown>> {
  declare(command: Command): void;
  run(input: VerbInput<Flags>, io: ProgramIo): Promise<ExitStatus>;
}
