import { Command, CommanderError } from "commander";
import { VERBS } from "./program/verbs.js";
import { EXIT, type ExitStatus } from "./terminal/exit-status.js";
import { guardedIo } from "./terminal/guarded-io.js";
import type { ProgramIo } from "./terminal/io.js";
import { ownVersion } from "./terminal/own-version.js";
import { describeError } from "./terminal/report-error.js";
import type { Verb } from "./verbs/verb.js";

/** Hydra's two-letter flags, which commander cannot declare. */
const LONG_FORMS = new Map([
  ["-cn", "--config-name"],
  ["-cd", "--config-dir"],
  ["-cp", "--config-path"],
]);

/** `bin/episcope.js` goes there without this file. */
const COMPLETION = /^(?:-sc|--shell-completion)(?:=|$)/;

type Flags = Record<string, unknown>;

/** Runs the program and gives its exit status; never throws and never calls `process.exit`. */
export async function main(argv: readonly string[], world: ProgramIo): Promise<ExitStatus> {
  if (COMPLETION.test(argv[0] ?? "")) return (await import("./program/complete.js")).main(argv, world);
  const io = guardedIo(world);
  let status: ExitStatus = EXIT.done;
  const program = new Command("episcope")
    .description("Records what a reinforcement-learning agent does on ARC grids, and reads it back.")
    .version(ownVersion(), "--version", "print the version")
    .option(
      "--shell-completion <what>",
      "install=bash (or zsh, fish), uninstall=bash: completion for a shell (also -sc)",
    )
    .helpOption("--help, -h", "print this help")
    .helpCommand(false)
    .configureHelp({ subcommandTerm })
    .showHelpAfterError("(episcope --help lists the verbs; episcope VERB --help its flags)");
  let pending = Promise.resolve();
  const print = (text: string): void => {
    pending = pending.then(() => io.out(text));
  };
  for (const { name, summary, words, load } of VERBS) {
    const command = program.command(name).summary(summary).description(summary).argument("[words...]", words);
    // The other verbs need only their line in `--help`.
    if (!argv.includes(name)) continue;
    const verb = (await load()) as Verb;
    command.action(async (words: string[], flags: Flags) => {
      const again = flags["experimentalRerun"];
      status = await (again === undefined ? verb.run({ words, flags }, io) : rerun(String(again), flags, io));
    });
    verb.declare(command);
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: print, writeErr: (text) => io.message(text) });
  }
  try {
    await program.parseAsync(argv.map(commanderWord), { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError && error.code === "commander.unknownOption")
      io.message(keyAdvice(argv));
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse;
    const { text, exitStatus } = describeError(error);
    io.message(text);
    return exitStatus;
  } finally {
    await pending;
  }
}

/** Hydra's `--experimental-rerun RUN` is the verb `rerun`. As with Hydra, overrides and other flags are passed over. */
async function rerun(run: string, { allowPlugins }: Flags, io: ProgramIo): Promise<ExitStatus> {
  const verb = (await VERBS.find(({ name }) => name === "rerun")!.load()) as Verb;
  io.message(
    `Running '${run}' again; overrides and other flags are passed over ('episcope rerun' takes overrides).`,
  );
  return verb.run({ words: [run], flags: allowPlugins === undefined ? {} : { allowPlugins } }, io);
}

/** As commander does it, for verbs whose flags are not loaded too. */
function subcommandTerm(command: Command): string {
  const entry = VERBS.find(({ name }) => name === command.name());
  return `${command.name()}${entry?.hasFlags === true ? " [options]" : ""} [words...]`;
}

/** Hydra's ways to write a flag as commander reads them: `-cn=x`, `-p=x`. */
function commanderWord(word: string): string {
  const [, flag, value] = /^(-[a-z]{1,2})=(.*)$/s.exec(word) ?? [];
  if (flag === undefined) return LONG_FORMS.get(word) ?? word;
  const long = LONG_FORMS.get(flag);
  return long === undefined ? `${flag}${value}` : `${long}=${value}`;
}

/** `--episodes 3` is most often meant as a key of the config. */
function keyAdvice(argv: readonly string[]): string {
  const index = argv.findIndex((word) => /^--[a-z]/.test(word));
  const [key = "key", value] = (argv[index] ?? "--key").slice(2).split("=", 2);
  const next = argv[index + 1];
  const shown = value ?? (next === undefined || next.startsWith("-") ? "…" : next);
  return `A key of the config is set without dashes: ${key.replaceAll("-", "_")}=${shown}`;
}
