import { resolve } from "node:path";
import { createConsoleLogger, type SendReport, sendRun } from "@episcope/core";
import { builtinPlugins } from "../compose/builtin-plugins.js";
import { projectPlugins } from "../compose/project-plugins.js";
import { declareAllowPlugins, type RecorderFlags } from "../recording/open-recorder.js";
import { EXIT, type ExitStatus } from "../terminal/exit-status.js";
import { splitRunWords } from "./run-words.js";
import type { Verb } from "./verb.js";

interface SendFlags extends RecorderFlags {
  readonly to?: readonly string[];
  readonly again?: boolean;
}

export const sendVerb: Verb<SendFlags> = {
  declare(command) {
    command.option(
      "--to <tracker>",
      "wandb, tensorboard, trackio, or a plugin of your own: switches its node on; may be given more than once",
      (tracker: string, before: readonly string[] = []) => [...before, tracker],
    );
    command.option("--again", "from the beginning, also where the tracker has had something of the run");
    declareAllowPlugins(command);
  },
  async run({ words, flags }, io) {
    const { runs, overrides } = splitRunWords("send", words, io);
    const nodes = (flags.to ?? []).map(nodeOf);
    const named = [...nodes.map(({ key }) => key), ...overrides.flatMap(sinkIn)];
    let status: ExitStatus = EXIT.done;
    for (const word of runs) {
      const report = await sendRun(resolve(io.cwd, word), {
        overrides: [...nodes.map(({ override }) => override), ...overrides],
        ...(named.length === 0 ? {} : { only: [...new Set(named)] }),
        again: flags.again === true,
        plugins: builtinPlugins(),
        allowPlugins: [...(flags.allowPlugins ?? []), ...projectPlugins(io.cwd, io.fs)],
        cwd: io.cwd,
        fs: io.fs,
        logger: createConsoleLogger("INFO", (line) => io.message(line)),
      });
      await io.out(`${word}: ${describe(report)}\n`);
      if (report.incomplete.length > 0) status = EXIT.repairedWithLoss;
    }
    return status;
  },
};

/** W&B has a node of its own; others are named after their plugins. */
function nodeOf(tracker: string): { readonly key: string; readonly override: string } {
  if (tracker === "wandb") return { key: "logging.wandb", override: "++logging.wandb.enabled=true" };
  const name = /^[\w-]+$/.test(tracker) ? tracker : "sent";
  const target = name === tracker ? tracker : `"${tracker.replaceAll('"', '\\"')}"`;
  return { key: `logging.sinks.${name}`, override: `++logging.sinks.${name}._target_=${target}` };
}

/** The sink that an override speaks of. */
function sinkIn(override: string): readonly string[] {
  const key = /^[+~]*(logging\.(?:sinks\.[^.=]+|wandb))\b/.exec(override)?.[1];
  return key === undefined ? [] : [key];
}

function describe({ accounting, incomplete }: SendReport): string {
  const parts = Object.entries(accounting).map(
    ([key, { accepted, written }]) => `${key} ${written} of ${accepted}`,
  );
  return [incomplete.length === 0 ? "sent" : "incomplete", ...parts].join("; ");
}
