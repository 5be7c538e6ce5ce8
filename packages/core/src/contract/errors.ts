import { type Problem, problemLines } from "@episcope/config";
import { EpiscopeError } from "@episcope/errors";

/** Packages that hold the plugins which `conf/` names. */
const PACKAGE_OF: ReadonlyMap<string, string> = new Map([
  ...["svg", "png", "html", "pdf", "terminal", "hdf5", "pickle", "wandb", "tensorboard", "trackio"].map(
    (name) => [name, `@episcope/plugin-${name}`] as const,
  ),
  ["gif", "@episcope/plugin-png"] as const,
]);

export function pluginUnknown(
  key: string,
  target: string,
  { kinds, known }: { readonly kinds: readonly string[]; readonly known: readonly string[] },
): EpiscopeError {
  const home = PACKAGE_OF.get(target);
  if (home !== undefined) {
    return new EpiscopeError(
      "PLUGIN_NOT_INSTALLED",
      `${key}: the ${kinds[0]} '${target}' is not installed. Installed: ${list(known)}.`,
      {
        hint: `Install ${home} beside the program, or give it to openRun as a plugin.`,
        fields: { key, package: home, options: known },
      },
    );
  }
  return new EpiscopeError(
    "PLUGIN_UNKNOWN",
    `${key}._target_: there is no ${kinds.join(" or ")} '${target}'. Known: ${list(known)}.`,
    {
      hint: "Name one of these, or a module as './file.ts#export' or 'package#export' that the program allows.",
      fields: { key: `${key}._target_`, options: known },
    },
  );
}

export function pluginNotAllowed(key: string, target: string, allowed: readonly string[]): EpiscopeError {
  return new EpiscopeError(
    "PLUGIN_NOT_ALLOWED",
    `${key}._target_: '${target}' names a module, and this program does not allow it. Allowed: ${list(allowed)}.`,
    {
      hint: "Allow it where the program is started: --allow-plugins PATH-or-PACKAGE, or openRun(config, { allowPlugins: [...] }).",
      fields: { key: `${key}._target_`, options: allowed },
    },
  );
}

export function pluginLoadFailed(key: string, target: string, cause: unknown): EpiscopeError {
  return new EpiscopeError(
    "PLUGIN_LOAD_FAILED",
    // Node adds a stack of requires, which names our own files.
    `${key}._target_: '${target}' could not be loaded: ${textOf(cause).split("\nRequire stack:", 1)[0]}`,
    {
      hint: "Check the path, which is relative to the working directory, and that the module runs by itself.",
      fields: { key: `${key}._target_`, file: target },
      cause,
    },
  );
}

export function pluginInvalid(where: string, problem: string): EpiscopeError {
  return new EpiscopeError("PLUGIN_INVALID", `${where}: ${problem}.`, {
    hint: "A plugin is what definePlugin({kind, name, create}) returns.",
    fields: { key: where },
  });
}

export function pluginKindMismatch(
  key: string,
  target: string,
  { kind, kinds }: { readonly kind: string; readonly kinds: readonly string[] },
): EpiscopeError {
  return new EpiscopeError(
    "PLUGIN_KIND_MISMATCH",
    `${key}: '${target}' is a ${kind}; here stands a ${kinds.join(" or ")}.`,
    { hint: "Move the node to the group of its kind.", fields: { key, options: kinds } },
  );
}

export function pluginDuplicate(kind: string, name: string): EpiscopeError {
  return new EpiscopeError("PLUGIN_DUPLICATE", `two plugins of kind ${kind} are called '${name}'.`, {
    hint: "Give openRun each plugin once, or rename one.",
    fields: { plugin: name },
  });
}

export function pluginOptionsInvalid(
  key: string,
  plugin: string,
  problems: readonly Problem[],
): EpiscopeError {
  return new EpiscopeError(
    "PLUGIN_OPTIONS_INVALID",
    `${key}: the options of the plugin '${plugin}' are not valid:\n  ${problemLines(problems).join("\n  ")}`,
    { fields: { key, plugin, problems } },
  );
}

export function pluginCreateFailed(key: string, plugin: string, cause: unknown): EpiscopeError {
  return new EpiscopeError(
    "PLUGIN_CREATE_FAILED",
    `${key}: the plugin '${plugin}' could not be built: ${textOf(cause)}${placeOf(cause)}`,
    {
      hint: "logging.log_level=DEBUG shows the stack.",
      fields: { key, plugin },
      cause,
    },
  );
}

export function serviceUnknown(name: string, known: readonly string[]): EpiscopeError {
  return new EpiscopeError(
    "SERVICE_UNKNOWN",
    `there is no service '${name}' here. There are: ${list(known)}.`,
    {
      hint: "A plugin finds a service of the program or of another plugin if it names it: definePlugin({ needs: [TOKEN], … }), and the other one provides: [TOKEN].",
      fields: { service: name, options: known },
    },
  );
}

export function serviceDuplicate(name: string, first: string, second: string): EpiscopeError {
  return new EpiscopeError(
    "SERVICE_DUPLICATE",
    `'${first}' and '${second}' both provide the service '${name}'.`,
    {
      hint: "Take one of the plugins out, or give their services different names.",
      fields: { service: name, options: [first, second] },
    },
  );
}

export function serviceLate(name: string, plugin: string): EpiscopeError {
  return new EpiscopeError(
    "SERVICE_LATE",
    `'${plugin}' provides the service '${name}', which others use already.`,
    {
      hint: "Call context.provide in create(), and list the token in the plugin's `provides`: it is then built before those that need it.",
      fields: { service: name, plugin },
    },
  );
}

export function serviceFailed(name: string, action: string, cause: unknown): EpiscopeError {
  return new EpiscopeError("SERVICE_FAILED", `the service '${name}' could not ${action}: ${textOf(cause)}`, {
    fields: { service: name, action },
    cause,
  });
}

export function nodeUnknown(
  key: string,
  name: string,
  { group, options }: { readonly group: string; readonly options: readonly string[] },
): EpiscopeError {
  return new EpiscopeError(
    "NODE_UNKNOWN",
    `${key}: '${group}' has no node '${name}'. Nodes: ${list(options)}.`,
    {
      hint: `Name one of the nodes, or add yours: +${group}.${name}._target_=…`,
      fields: { key, options },
    },
  );
}

export function extensionConflict(first: string, second: string, extension: string): EpiscopeError {
  return new EpiscopeError(
    "EXTENSION_CONFLICT",
    `visualization.renderers: '${first}' and '${second}' both write files that end in .${extension}.`,
    {
      hint: "Take one of them out of visualization.output_formats.",
      fields: { key: "visualization.output_formats" },
    },
  );
}

export function combinationInvalid(
  key: string,
  problem: string,
  { hint, options = [] }: { readonly hint: string; readonly options?: readonly string[] },
): EpiscopeError {
  return new EpiscopeError("CONFIG_COMBINATION", `${key}: ${problem}.`, { hint, fields: { key, options } });
}

export function hookFailed(plugin: string, hook: string, cause: unknown): EpiscopeError {
  return new EpiscopeError("HOOK_FAILED", `plugin '${plugin}' failed in the hook ${hook}: ${textOf(cause)}`, {
    fields: { plugin, hook },
    cause,
  });
}

export function hookOutOfReach(plugin: string, hook: string): EpiscopeError {
  return new EpiscopeError(
    "HOOK_OUT_OF_REACH",
    `'${plugin}' taps the hook ${hook}, which decides, from a thread of its own.`,
    {
      hint: "Tap it in a plugin of the kind 'hooks', which runs where records are taken.",
      fields: { plugin, hook },
    },
  );
}

export function outgoingMissing(key: string): EpiscopeError {
  return new EpiscopeError(
    "OUTGOING_MISSING",
    `${key} decided what sinks see when the run was recorded, and its plugin is missing: no sink goes on.`,
    {
      hint: "Give the plugin to resumeRun, or allow its module with --allow-plugins; or give the sinks up: '~logging.sinks.NAME'.",
      fields: { key },
    },
  );
}

export function sinkFailed(key: string, action: string, cause: unknown): EpiscopeError {
  return new EpiscopeError("SINK_FAILED", `${key} failed to ${action}: ${textOf(cause)}`, {
    fields: { key, action },
    cause,
  });
}

export function sinkTimedOut(key: string, action: string, seconds: number): EpiscopeError {
  return new EpiscopeError("SINK_TIMEOUT", `${key} did not ${action} within ${seconds} s.`, {
    hint: "Raise logging.async_logger.worker_timeout if the sink is merely slow.",
    fields: { key, action },
  });
}

export function sinkQuarantined(key: string, reason: string, cause: unknown): EpiscopeError {
  return new EpiscopeError("SINK_QUARANTINED", `${key} gets nothing more in this run: ${reason}.`, {
    hint: "'episcope resume RUN' tries it again; with an overflow policy that drops, what it would have got is counted as dropped.",
    fields: { key, reason },
    cause,
  });
}

export function renderFailed(key: string, what: string, cause: unknown): EpiscopeError {
  return new EpiscopeError("RENDER_FAILED", `${key} could not draw ${what}: ${textOf(cause)}`, {
    fields: { key },
    cause,
  });
}

export function sealFailed(cause: unknown): EpiscopeError {
  return new EpiscopeError("SEAL_FAILED", `journals could not be made of the log: ${textOf(cause)}`, {
    hint: "The log has their records, and is tried again; after the run 'episcope recover RUN' makes them.",
    cause,
  });
}

export function exportFailed(key: string, episode: number, cause: unknown): EpiscopeError {
  return new EpiscopeError("EXPORT_FAILED", `${key} could not export episode ${episode}: ${textOf(cause)}`, {
    hint: "The journal has the episode; 'episcope export' can try again.",
    fields: { key, episode },
    cause,
  });
}

export function recordedConfigMissing(file: string, cause: unknown): EpiscopeError {
  return new EpiscopeError(
    "RUN_CONFIG_MISSING",
    `the config that the run was recorded with cannot be read: ${textOf(cause)}`,
    {
      hint: "Its outputs cannot go on without it; the records do not need it.",
      fields: { file },
      cause,
    },
  );
}

export function outputsFileInvalid(file: string, cause: unknown): EpiscopeError {
  return new EpiscopeError("OUTPUTS_FILE_INVALID", `${file} cannot be read: ${textOf(cause)}`, {
    hint: "It says how far the outputs of the run have come. Without it they begin again: move it away.",
    fields: { file },
    cause,
  });
}

/** `key`: what was asked for; null where the config has no sink at all. */
export function sinksNotFound(key: string | null, known: readonly string[]): EpiscopeError {
  const what =
    key === null ? "the run's config has no sink that is switched on" : `there is no sink '${key}'`;
  return new EpiscopeError(
    "SINKS_NOT_FOUND",
    `${what}.${known.length === 0 ? "" : ` There are ${list(known)}.`}`,
    {
      hint: "Switch one on: logging.wandb.enabled=true, or +logging.sinks.tensorboard._target_=tensorboard.",
      fields: key === null ? { options: known } : { key, options: known },
    },
  );
}

export function workerEnded(reason: string): EpiscopeError {
  return new EpiscopeError("WORKER_ENDED", `a worker thread is gone: ${reason}.`, {
    hint: "What it had in hand is tried once more in a new one.",
    fields: { reason },
  });
}

export function pipelineEnded(reason: string): EpiscopeError {
  return new EpiscopeError("PIPELINE_ENDED", `the thread of the pipeline is gone: ${reason}.`, {
    hint: "The journal is kept; nothing more is drawn, exported or sent to sinks in this run.",
    fields: { reason },
  });
}

export function runClosed(): EpiscopeError {
  return new EpiscopeError("RUN_CLOSED", "the run is closed.", { hint: "Open another run with openRun." });
}

export function fieldUnknown(what: string, field: string, options: readonly string[]): EpiscopeError {
  return new EpiscopeError(
    "RECORD_INVALID",
    `${what}: there is no field '${field}' here; there are ${options.join(", ")}.`,
    { hint: "Leave it out, or put it into `info`.", fields: { path: field, options } },
  );
}

export function reentrantCall(plugin: string): EpiscopeError {
  return new EpiscopeError("REENTRANT_CALL", `${plugin} tried to record while it was being given a record.`, {
    hint: "A sink or tap that records would record for ever; keep what you have and record it elsewhere.",
    fields: { plugin },
  });
}

export function columnsOfEpisode(): EpiscopeError {
  return new EpiscopeError(
    "STEPS_INVALID",
    "the columns of one episode have one environment and no starts.",
    { hint: "Give `run.steps` the columns of several environments; it starts their episodes." },
  );
}

export function episodeUnknown(key: string): EpiscopeError {
  return new EpiscopeError("EPISODE_UNKNOWN", `there is no open episode '${key}'.`, {
    hint: "Send its episode-start first; an ended episode takes no more steps.",
    fields: { episode: key },
  });
}

export function episodeAlreadyOpen(key: string): EpiscopeError {
  return new EpiscopeError("EPISODE_OPEN", `an episode '${key}' is open already.`, {
    hint: "End it first, or give the new one another key.",
    fields: { episode: key },
  });
}

export function flushTimedOut(seconds: number, missing: readonly string[]): EpiscopeError {
  return new EpiscopeError(
    "FLUSH_TIMEOUT",
    `not everything was written within ${seconds} s; missing: ${missing.join(", ")}.`,
    {
      fields: { missing },
    },
  );
}

export function closeFailed(errors: readonly unknown[]): EpiscopeError {
  return new EpiscopeError(
    "CLOSE_FAILED",
    `closing the run met ${errors.length} errors: ${errors.map(textOf).join("; ")}`,
    {
      fields: { count: errors.length },
      cause: new AggregateError(errors),
    },
  );
}

/** " (file:line:column)" of whoever threw, as far as a stack says it. */
function placeOf(cause: unknown): string {
  const stack = cause instanceof Error && typeof cause.stack === "string" ? cause.stack : "";
  const place = /\n\s+at .*?((?:file:\/\/)?\/[^\s()]+:\d+:\d+)/.exec(stack)?.[1];
  return place === undefined ? "" : ` (${place.replace(/^file:\/\//, "")})`;
}

/** The stacks of an error and of its causes, for who looks for the place. */
export function stacksOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { stack = String(error), cause } = error;
  return cause === undefined ? stack : `${stack}\ncaused by ${stacksOf(cause)}`;
}

export function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : [...names].sort().join(", ");
}
