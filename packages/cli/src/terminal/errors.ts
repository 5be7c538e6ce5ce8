import { EpiscopeError } from "@episcope/errors";

/** Wrong use of the command line; the program ends with exit status 2. */
export class UsageError extends EpiscopeError {}

export function runMissing(verb: string): UsageError {
  return new UsageError("CLI_RUN_MISSING", `'episcope ${verb}' needs a run directory.`, {
    hint: `Name one: episcope ${verb} outputs/dev_episodes/run_…; 'play' and 'record' print it when they are done.`,
  });
}

export function runNotFound(word: string): UsageError {
  return new UsageError("CLI_RUN_NOT_FOUND", `There is no run directory '${word}'.`, {
    hint: "A run directory holds manifest.json and run.epi.",
    fields: { file: word },
  });
}

export function nothingToSync(word: string): UsageError {
  return new UsageError("CLI_NOTHING_TO_SYNC", `'${word}' holds nothing for W&B or Trackio.`, {
    hint: "Record with logging=wandb_basic or logging=trackio.",
    fields: { file: word },
  });
}

export function importMissing(): UsageError {
  return new UsageError("CLI_IMPORT_MISSING", "'episcope import' needs a file or a folder of exports.", {
    hint: "Name one: episcope import outputs/dev_episodes/run_…/episode_0001/episode.json.gz",
  });
}

/** A file or folder that a verb takes is not there. */
export function inputFileMissing(word: string): UsageError {
  return new UsageError("CLI_FILE_MISSING", `There is no file or folder '${word}'.`, {
    hint: "Overrides have a '=': storage.base_output_dir=…",
    fields: { file: word },
  });
}

/** A folder without exports: nothing is wrong with the command line. */
export function exportsNotFound(word: string): EpiscopeError {
  return new EpiscopeError(
    "EXPORT_NOT_FOUND",
    `There is no export of an episode in '${word}', nor below it.`,
    {
      hint: "Exports are called episode.json, episode.json.gz, episode.h5 or episode.pkl; logging.log_format writes them.",
      fields: { file: word },
    },
  );
}

/** A folder without runs: nothing is wrong with the command line. */
export function runsNotFound(word: string): EpiscopeError {
  return new EpiscopeError("RUN_NOT_FOUND", `There is no run in '${word}', nor below it.`, {
    hint: "A run directory holds manifest.json and run.epi.",
    fields: { file: word },
  });
}

/** A verb that takes a query got none, or two. */
export function queryNeeded(verb: string, words: readonly string[]): UsageError {
  const problem =
    words.length === 0 ? "needs a query" : `takes one query, not ${words.length}: ${words.join(" | ")}`;
  return new UsageError("CLI_QUERY_NEEDED", `'episcope ${verb}' ${problem}.`, {
    hint: `Put it between quotes: episcope ${verb} RUN 'op == "paste" and dsim < 0'. A word that names no directory is taken for the query.`,
  });
}

/** One of the two things to compare is a run, the other an episode. */
export function sidesDiffer(a: string, b: string): UsageError {
  return new UsageError(
    "CLI_SIDES_DIFFER",
    `'${a}' and '${b}' are a run and an episode: they cannot be compared.`,
    {
      hint: "Name two runs, or two episodes as RUN/episode_0001.",
    },
  );
}

export function wordUnused(verb: string, word: string): UsageError {
  return new UsageError("CLI_WORD_UNUSED", `'episcope ${verb}' has no use for '${word}'.`, {
    hint: `'episcope ${verb} --help' says what it takes.`,
  });
}

export function flagInvalid(
  flag: string,
  value: string,
  expected: string,
  options?: readonly string[],
): UsageError {
  return new UsageError("CLI_FLAG_INVALID", `${flag} takes ${expected}, not '${value}'.`, {
    fields: { key: flag, ...(options ? { options } : {}) },
  });
}

export function flagNeeded(flag: string, why: string): UsageError {
  return new UsageError("CLI_FLAG_NEEDED", `${flag} is needed: ${why}.`, { fields: { key: flag } });
}

export function lineTooLong(line: number, maxBytes: number): EpiscopeError {
  return new EpiscopeError("CLI_LINE_TOO_LONG", `Line ${line} is longer than ${maxBytes} bytes.`, {
    hint: "Send one record per line.",
    fields: { line },
  });
}

export function streamCut(bytes: number): EpiscopeError {
  return new EpiscopeError(
    "CLI_STREAM_CUT",
    `The stream ends within a message: ${bytes} bytes of it have come.`,
  );
}

/** The input is told by its beginning, and is nothing that can be recorded. */
export function formatUnreadable(what: string, hint: string): EpiscopeError {
  return new EpiscopeError("CLI_FORMAT_UNREADABLE", `The input is no record stream: it is ${what}.`, {
    hint,
  });
}

export function inputEnded(cause: unknown): EpiscopeError {
  return new EpiscopeError(
    "CLI_STREAM_CUT",
    `The compressed stream is cut or damaged here: ${(cause as Error).message}.`,
    { cause },
  );
}

export function helloMissing(place: string): EpiscopeError {
  return new EpiscopeError(
    "CLI_HELLO_MISSING",
    `The stream does not begin with a 'hello' message (${place}).`,
    {
      hint: 'Send {"type":"hello","version":1,"producer":"name"} first.',
    },
  );
}

export function inputUnreadable(input: string, cause: unknown): EpiscopeError {
  return new EpiscopeError(
    "CLI_INPUT_UNREADABLE",
    `The input '${input}' cannot be read: ${(cause as Error).message}.`,
    {
      hint: "input=- reads standard input; otherwise name a file that exists.",
      fields: { key: "input", file: input },
      cause,
    },
  );
}

export function projectPluginsInvalid(file: string): EpiscopeError {
  return new EpiscopeError(
    "CLI_PROJECT_PLUGINS_INVALID",
    `'episcope.plugins' in ${file} is no list of texts.`,
    {
      hint: 'Write "episcope": {"plugins": ["./my-sink.ts"]}.',
      fields: { file, key: "episcope.plugins" },
    },
  );
}

export function recordedConfigMissing(file: string, cause: unknown): EpiscopeError {
  return new EpiscopeError(
    "CLI_RECORDED_CONFIG_MISSING",
    `The run's own config cannot be read: ${(cause as Error).message}.`,
    {
      hint: "The records do not need it: --format ndjson and --format terminal work without it.",
      fields: { file },
      cause,
    },
  );
}

export function configDirMissing(dir: string): EpiscopeError {
  return new EpiscopeError("CLI_CONFIG_DIR_MISSING", `There is no folder '${dir}' to search for configs.`, {
    fields: { key: "--config-dir", file: dir },
  });
}

/** `group` is the nearest mapping around the key that exists, "" for the whole config; `options` are its keys. */
export function configKeyUnknown(key: string, group: string, options: readonly string[]): EpiscopeError {
  const place = group === "" ? "It has" : `'${group}' has`;
  return new EpiscopeError(
    "CLI_CONFIG_KEY_UNKNOWN",
    `The composed config has no key '${key}'. ${place}: ${options.join(", ") || "no keys"}.`,
    { hint: "'episcope config' prints all of them.", fields: { key, options } },
  );
}

/** A key of Hydra's that this program has no use for: taking it without a word would be a lie. */
export function hydraKeyUnused(key: string, instead: string): EpiscopeError {
  return new EpiscopeError("CLI_HYDRA_KEY_UNUSED", `This program has no use for '${key}'.`, {
    hint: instead,
    fields: { key },
  });
}

/** The verbs that compose without running have no --multirun. */
export function sweepInSingleRun(error: EpiscopeError): EpiscopeError {
  return new EpiscopeError(error.code, error.message, {
    hint: "'episcope play --multirun' makes a run for each value. A list needs brackets, key=[a,b]; a text with commas needs quotes, key='a,b'.",
    fields: error.fields,
    cause: error,
  });
}

export function fileAsOverride(file: string): UsageError {
  return new UsageError("CLI_FILE_AS_OVERRIDE", `'${file}' is a file, and words are overrides.`, {
    hint: `Did you mean input=${file}?`,
    fields: { file },
  });
}

/** Runs of a sweep failed; each has been told of. */
export function runsFailed(failed: number, total: number): EpiscopeError {
  return new EpiscopeError("CLI_SWEEP_FAILED", `${failed} of ${total} runs of the sweep failed.`, {
    hint: "What was wrong with each stands above.",
    fields: { failed, total },
  });
}

/** `record -m` of what can be read only once. */
export function streamNotRepeatable(input: string): UsageError {
  return new UsageError("CLI_STREAM_ONCE", `A sweep cannot record '${input}': it can be read only once.`, {
    hint: "Write the stream into a file first, and name that: episcope record -m input=FILE …",
    fields: { input },
  });
}

/** A file of ours could not be read or written, and nothing nearer to it knew what to do instead. */
export function fileRefused(cause: NodeJS.ErrnoException): EpiscopeError {
  return new EpiscopeError("CLI_FILE_REFUSED", `The system refuses a file: ${cause.message}.`, {
    hint: "Check that the path exists, that you may read or write it, and that its disk has space.",
    ...(cause.path === undefined ? {} : { fields: { file: cause.path } }),
    cause,
  });
}

/** A word of `episcope config` that does something else than to compose. */
export function configWords(word: string, usage: string): UsageError {
  return new UsageError("CLI_CONFIG_WORDS", `'episcope config ${word}' needs other words.`, {
    hint: `Write: episcope config ${word} ${usage}`,
  });
}

export function editedFileMissing(file: string): EpiscopeError {
  return new EpiscopeError("CLI_EDIT_FILE_MISSING", `There is no file '${file}' to change.`, {
    hint: "'episcope config init DIR' copies the presets, to be changed.",
    fields: { file },
  });
}

export function fileExists(file: string): EpiscopeError {
  return new EpiscopeError("CLI_FILE_EXISTS", `'${file}' is there already.`, {
    hint: "Nothing is written over: choose another place or name.",
    fields: { file },
  });
}

export function lockMissing(word: string): UsageError {
  return new UsageError("CLI_LOCK_MISSING", `'${word}' is no run and no lock file.`, {
    hint: "A run has .episcope/config.lock.json; 'episcope config lock OVERRIDE… --in FILE' makes one without a run.",
    fields: { file: word },
  });
}

/** A value that a lock and the config of today do not agree about; `origin` is the file or the override it comes from. */
export interface Drift {
  readonly key: string;
  readonly locked?: { readonly value: string; readonly origin: string };
  readonly now?: { readonly value: string; readonly origin: string };
}

export function configDrifted(lock: string, drift: readonly Drift[]): EpiscopeError {
  const side = (name: string, told: Drift["now"]): string =>
    told === undefined ? `    ${name} no such key` : `    ${name} ${told.value}   ${told.origin}`.trimEnd();
  const lines = drift.flatMap(({ key, locked, now }) => [
    `  ${key}`,
    side("locked", locked),
    side("now   ", now),
  ]);
  return new EpiscopeError(
    "CLI_CONFIG_DRIFTED",
    `The config is not the one of ${lock}:\n${lines.join("\n")}`,
    {
      hint: "Change the files or the overrides back, or lock the config as it is now: episcope config lock OVERRIDE… --in FILE.",
      fields: { file: lock, options: drift.map(({ key }) => key) },
    },
  );
}

/** A run that no verb of this program recorded. */
export function rerunUnknown(word: string): UsageError {
  return new UsageError("CLI_RERUN_UNKNOWN", `'${word}' was not recorded by 'play' or 'record'.`, {
    hint: "Its own program can run again with the config of its lock: 'config' in .episcope/config.lock.json.",
    fields: { file: word },
  });
}
