import type { LockCommand } from "@episcope/core";
import { composeAgain } from "../compose/compose-again.js";
import type { ComposeFlags } from "../compose/compose-run.js";
import { lockAt, refuseDrift } from "../compose/config-lock.js";
import type { PlayConfig, RecordConfig } from "../compose/primary-schemas.js";
import { declareAllowPlugins, type RecorderFlags } from "../recording/open-recorder.js";
import { rerunUnknown, runMissing } from "../terminal/errors.js";
import type { ExitStatus } from "../terminal/exit-status.js";
import { play } from "./play.js";
import { record } from "./record.js";
import type { Verb } from "./verb.js";

interface RerunFlags extends Pick<RecorderFlags, "allowPlugins"> {
  readonly locked?: boolean;
}

export const rerunVerb: Verb<RerunFlags> = {
  declare(command) {
    declareAllowPlugins(command);
    command.option("--locked", "stop where the config files of today give another config than the run's");
  },
  async run({ words, flags }, io): Promise<ExitStatus> {
    const [word, ...overrides] = words;
    if (word === undefined) throw runMissing("rerun");
    const found = lockAt(word, io);
    const { lock, file } = found;
    const command = lock.command ?? commandBefore(lock.config);
    if (command?.verb !== "play" && command?.verb !== "record") throw rerunUnknown(word);
    const places: ComposeFlags = {
      ...(command.config_path === undefined ? {} : { configPath: command.config_path }),
      ...(command.config_dir === undefined ? {} : { configDir: command.config_dir }),
    };
    if (flags.locked === true) {
      const named = { ...places, configName: command.config_name };
      await refuseDrift(found, { verb: command.verb, words: lock.overrides, flags: named, shown: word }, io);
    }
    const rerun = { file, command, words: overrides, flags: places };
    return command.verb === "play"
      ? play(composeAgain<PlayConfig>(lock, rerun, io), flags, io)
      : record(composeAgain<RecordConfig>(lock, rerun, io), flags, io);
  },
};

/** Locks that do not say how their run was made hold the keys of its verb. */
function commandBefore(config: object): LockCommand | undefined {
  const verb = "task_dir" in config ? "play" : "input" in config ? "record" : undefined;
  return verb === undefined ? undefined : { verb, config_name: verb };
}
