import { EpiscopeError } from "@episcope/errors";
import { nearest } from "../scalar/nearest.js";

/** The command line is not one: the program was used wrongly, and ends with status 2. */
export class UsageError extends EpiscopeError {}

export function flagUnknown(word: string, options: readonly string[]): UsageError {
  const key = word.replace(/^-+/, "").split("=", 1)[0]!;
  const meant = nearest(`--${key}`, options);
  const suggestion = meant === undefined ? "" : ` Did you mean '${meant}'?`;
  return new UsageError("APPLICATION_FLAG", `There is no flag '${word}'.${suggestion}`, {
    hint: `Flags: ${options.join(", ")}. A key of the config is set without dashes: ${key}=…`,
    fields: { flag: word, options },
  });
}

export function flagValue(words: readonly string[], problem: string): UsageError {
  return new UsageError("APPLICATION_FLAG_VALUE", `The flag ${words.join("/")} ${problem}.`, {
    fields: { flag: words[0]! },
  });
}

export function flagsExclusive(): EpiscopeError {
  return new EpiscopeError(
    "APPLICATION_FLAGS",
    "Only one of --run, --multirun, --cfg, --info and --shell-completion can be given.",
    { hint: "Leave out all but one of them." },
  );
}

export function resolveWithoutConfig(): EpiscopeError {
  return new EpiscopeError("APPLICATION_FLAGS", "The flag --resolve belongs to --cfg or --help.", {
    hint: "Add --cfg job.",
  });
}

export function packageNotFound(name: string): EpiscopeError {
  return new EpiscopeError("CONFIG_PACKAGE", `The package '${name}' is not in the config.`, {
    hint: "Leave out --package to see the whole config.",
    fields: { key: name },
  });
}

export function configDirMissing(dir: string): EpiscopeError {
  return new EpiscopeError("SOURCE_NOT_FOUND", `The additional config directory '${dir}' is not there.`, {
    hint: "Check what --config-dir names.",
    fields: { file: dir },
  });
}

export function configPathIsFile(path: string): EpiscopeError {
  return new EpiscopeError("APPLICATION_CONFIG_PATH", `configPath is a folder, not the file '${path}'.`, {
    hint: "Name the folder in configPath and the file, without its ending, in configName.",
    fields: { file: path },
  });
}

export function helpTemplateInvalid(name: string): EpiscopeError {
  return new EpiscopeError("HELP_TEMPLATE", `The help template names '$${name}', which is nothing.`, {
    hint: "Use $FLAGS_HELP, $APP_CONFIG_GROUPS, $HYDRA_CONFIG_GROUPS, $CONFIG; write $$ for a dollar.",
    fields: { key: "hydra.help.template" },
  });
}

export function rerunNotFound(dir: string): EpiscopeError {
  return new EpiscopeError("RERUN_NOT_FOUND", `There is no job to run again in '${dir}'.`, {
    hint: "Name the directory of a job, which holds .hydra/config.yaml and .hydra/hydra.yaml.",
    fields: { file: dir },
  });
}

export function shellUnknown(shell: string): UsageError {
  return new UsageError("COMPLETION_SHELL", `There is no completion for '${shell}'.`, {
    hint: "Write -sc install=bash, install=zsh or install=fish.",
    fields: { options: ["bash", "zsh", "fish"] },
  });
}

export function modeChanged(stated: unknown, composed: unknown): EpiscopeError {
  return new EpiscopeError(
    "HYDRA_MODE_CHANGED",
    `hydra.mode is ${String(stated ?? "not said")} before composing, and ${String(composed)} in the composed config.`,
    {
      hint: "Set hydra.mode in the primary config itself, or on the command line.",
      fields: { key: "hydra.mode" },
    },
  );
}
