import { EpiscopeError, type EpiscopeErrorOptions, type ErrorFields } from "@episcope/errors";
import { nearest } from "../scalar/nearest.js";
import type { DefaultOrigin } from "./origin.js";
import { pluginAdvice } from "./python-plugins.js";

/** The config cannot be composed from its sources. */
export class CompositionError extends EpiscopeError {}

/** A config, a config group or an option that is not there. */
export class MissingConfigError extends CompositionError {}

/** `In 'config' (conf/config.yaml:4): `, as far as it is known. */
function at(origin: DefaultOrigin | undefined): string {
  if (origin === undefined) return "";
  const { file, position } = origin;
  const place =
    file === undefined ? "" : position === undefined ? ` (${file})` : ` (${file}:${position.line})`;
  return `In '${origin.config}'${place}: `;
}

function fieldsOf(origin: DefaultOrigin | undefined): ErrorFields {
  if (origin === undefined) return {};
  const { file, position, frame } = origin;
  return {
    config: origin.config,
    ...(file === undefined ? {} : { file }),
    ...(position === undefined ? {} : { line: position.line, column: position.column }),
    ...(frame === undefined ? {} : { frame }),
  };
}

function failure(
  code: string,
  origin: DefaultOrigin | undefined,
  problem: string,
  options: EpiscopeErrorOptions = {},
): CompositionError {
  const frame = origin?.frame;
  const message = `${at(origin)}${problem}${frame === undefined ? "" : `\n  ${frame}`}`;
  return new CompositionError(code, message, {
    ...options,
    fields: { ...fieldsOf(origin), ...options.fields },
  });
}

function didYouMean(word: string, options: readonly string[]): string {
  const found = nearest(word, options);
  return found === undefined ? "" : ` Did you mean '${found}'?`;
}

/** What a not-found error needs to say where was looked. */
interface SearchedPlace {
  readonly origin: DefaultOrigin | undefined;
  readonly searchPath: readonly string[];
}

export function optionNotFound(
  group: string,
  option: string,
  options: readonly string[],
  { origin, searchPath }: SearchedPlace,
): MissingConfigError {
  const known =
    options.length === 0
      ? `  There is no config group '${group}', or it has no options.`
      : `  Options: ${options.join(", ")}.${didYouMean(option, options)}`;
  return new MissingConfigError(
    "OPTION_NOT_FOUND",
    `${at(origin)}config group '${group}' has no option '${option}'.\n${known}\n  Search path: ${searchPath.join(", ")}`,
    {
      hint: pluginAdvice(group, option) ?? `Choose one of the options, or put ${option}.yaml into the group.`,
      fields: { ...fieldsOf(origin), key: group, options, searchPath },
    },
  );
}

export function configNotFound(
  path: string,
  primary: boolean,
  configs: readonly string[],
  { origin, searchPath }: SearchedPlace,
): MissingConfigError {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const what = primary ? `there is no primary config '${path}'` : `there is no config '${path}'`;
  return new MissingConfigError(
    primary ? "PRIMARY_CONFIG_NOT_FOUND" : "CONFIG_NOT_FOUND",
    `${at(origin)}${what}.${didYouMean(name, configs)}\n  Search path: ${searchPath.join(", ")}`,
    {
      hint: "Check the name, and that its folder is on the search path.",
      fields: { ...fieldsOf(origin), name: path, options: configs, searchPath },
    },
  );
}

export function choiceMissing(
  overrideKey: string,
  options: readonly string[],
  origin: DefaultOrigin | undefined,
): CompositionError {
  return failure(
    "CHOICE_MISSING",
    origin,
    `an option must be chosen for '${overrideKey}'. Options: ${options.join(", ")}.`,
    {
      hint: `Add ${overrideKey}=OPTION to the overrides.`,
      fields: { key: overrideKey, options },
    },
  );
}

export function overrideWithoutMatch(
  key: string,
  value: string,
  matches: readonly string[],
  known: readonly string[],
  origin: DefaultOrigin | undefined,
  text: string | undefined,
): CompositionError {
  const which =
    matches.length > 0
      ? ` Did you mean ${matches.map((match) => `'${match}'`).join(" or ")}?`
      : ` Nothing in the defaults list chooses it.${didYouMean(key, known)}`;
  return failure("OVERRIDE_NO_MATCH", origin, `cannot override the choice of '${key}'.${which}`, {
    ...(text === undefined ? {} : { hint: `To append it to the defaults list use +${key}=${value}.` }),
    fields: {
      key,
      options: matches.length > 0 ? matches : known,
      ...(text === undefined ? {} : { override: text }),
    },
  });
}

export function deletionWithoutMatch(
  key: string,
  option: string | undefined,
  known: readonly string[],
): CompositionError {
  const shown = option === undefined ? key : `${key}=${option}`;
  return failure(
    "DELETION_NO_MATCH",
    undefined,
    `Cannot delete '${shown}': nothing in the defaults list matches.${didYouMean(key, known)}`,
    { fields: { key, options: known } },
  );
}

export function choiceConflict(
  key: string,
  first: string | null,
  second: string | null,
  origin: DefaultOrigin | undefined,
): CompositionError {
  return failure("CHOICE_CONFLICT", origin, `'${key}' is chosen twice: '${first}' and '${second}'.`, {
    hint: `To replace a choice write 'override ${key}: ${first}' at the end of the defaults list.`,
    fields: { key },
  });
}

export function choiceDuplicate(key: string, origin: DefaultOrigin | undefined): CompositionError {
  return failure("CHOICE_DUPLICATE", origin, `'${key}' is in the final defaults list more than once.`, {
    hint: `Choose it once; override it with ${key}=OPTION, without '+'.`,
    fields: { key },
  });
}

export function defaultsListInvalid(origin: DefaultOrigin, kind: string): CompositionError {
  return failure("DEFAULTS_NO_LIST", origin, `the defaults list is ${kind}, not a list.`, {
    hint: "Write each default on a line of its own, with '-' before it.",
  });
}

export function defaultsEntryInvalid(origin: DefaultOrigin, problem: string, hint: string): CompositionError {
  return failure("DEFAULTS_INVALID", origin, `in the defaults list, ${problem}.`, { hint });
}

/** `what`: a config, a config group, a config option. */
export function defaultsPathRefused(
  what: string,
  path: string,
  problem: string,
  origin: DefaultOrigin | undefined,
): CompositionError {
  return failure(
    "DEFAULTS_PATH",
    origin,
    `the ${what} '${path}' ${problem}, which a defaults list does not take.`,
    {
      hint: "Write a path from the root of the search path, '/group/config' or '/group: option', with '/' between its parts.",
      fields: { path },
    },
  );
}

export function configSuffixRefused(name: string): CompositionError {
  return failure("CONFIG_SUFFIX", undefined, `'${name}' is asked for by the suffix '.yml'.`, {
    hint: "Name the file '.yaml', and leave the suffix out.",
    fields: { path: name },
  });
}

/** Where an option with a slash was read as part of the path before. */
export function optionMoved(
  path: string,
  before: string,
  origin: DefaultOrigin | undefined,
): CompositionError {
  return failure("DEFAULTS_OPTION_MOVED", origin, `there is no config '${path}', but there is '${before}'.`, {
    hint: "In Hydra 1.4 'group: sub/option' is 'group/sub: option', and what it names counts from there: move the config.",
    fields: { path },
  });
}

export function overrideTooEarly(
  key: string,
  value: string,
  origin: DefaultOrigin | undefined,
): CompositionError {
  return failure(
    "OVERRIDE_NO_MATCH",
    origin,
    `'override ${key}: ${value}' finds no earlier choice of '${key}'.`,
    {
      hint: "Choose the option in the defaults list before it is overridden.",
      fields: { key },
    },
  );
}

export function selfDuplicate(origin: DefaultOrigin | undefined): CompositionError {
  return failure("DEFAULTS_SELF_TWICE", origin, "_self_ is in the defaults list twice.");
}

export function overrideBeforeDefault(
  last: string,
  next: string,
  origin: DefaultOrigin | undefined,
): CompositionError {
  return failure("DEFAULTS_ORDER", origin, `the override of '${last}' comes before '${next}'.`, {
    hint: "Move entries with 'override' to the end of the defaults list.",
  });
}

export function overrideInInterpolated(key: string, origin: DefaultOrigin | undefined): CompositionError {
  return failure(
    "DEFAULTS_OVERRIDE_INTERPOLATED",
    origin,
    `'${key}' is overridden below a config that was chosen by an interpolation, where that comes too late.`,
    { fields: { key } },
  );
}

export function interpolatedOptions(origin: DefaultOrigin | undefined): CompositionError {
  return failure(
    "DEFAULTS_INTERPOLATION",
    origin,
    "an item of a list of options cannot be an interpolation.",
  );
}

export function interpolationFailed(
  text: string,
  known: readonly string[],
  origin: DefaultOrigin | undefined,
  cause: unknown,
): CompositionError {
  const keys = known.length === 0 ? "" : ` It can use: ${known.join(", ")}.`;
  return failure(
    "DEFAULTS_INTERPOLATION",
    origin,
    `the interpolation '${text}' in the defaults list has no value.${keys}`,
    {
      fields: { options: known },
      cause,
    },
  );
}

export function interpolationLegacy(text: string, origin: DefaultOrigin | undefined): CompositionError {
  return failure(
    "DEFAULTS_INTERPOLATION",
    origin,
    `'${text}' counts entries of the defaults list, which is no longer done.`,
    {
      hint: "Use the name of the config group: ${group}.",
    },
  );
}

export function missingConfigEntry(path: string, origin: DefaultOrigin | undefined): CompositionError {
  return failure("DEFAULTS_INVALID", origin, `the name of a config cannot be missing ('${path}').`, {
    hint: "Only the option of a config group can be ???.",
  });
}

export function defaultsTooDeep(
  path: string,
  limit: number,
  origin: DefaultOrigin | undefined,
): CompositionError {
  return failure(
    "DEFAULTS_TOO_DEEP",
    origin,
    `'${path}' is included over more than ${limit} levels: does a config include itself?`,
    {
      fields: { limit },
    },
  );
}

export function defaultsTooMany(limit: number, origin: DefaultOrigin | undefined): CompositionError {
  return failure(
    "DEFAULTS_TOO_MANY",
    origin,
    `the defaults lists have more than ${limit} entries together: do configs include each other?`,
    { fields: { limit } },
  );
}

export function groupForceAdded(override: string): CompositionError {
  return failure(
    "GROUP_FORCE_ADD",
    undefined,
    `'${override}': an option cannot be added or overridden by ++.`,
    {
      hint: "Use group=OPTION to override the choice, +group=OPTION to append one.",
      fields: { override },
    },
  );
}

export function groupValueInvalid(override: string, kind: string): CompositionError {
  return failure(
    "GROUP_VALUE",
    undefined,
    `'${override}' chooses options of a config group; ${kind} is not the name of one.`,
    {
      hint: "Give a name, or a list of names: group=[a,b].",
      fields: { override },
    },
  );
}

/** Several problems at once; the first decides on the code of the whole. */
export class CompositionProblems extends CompositionError {
  readonly problems: readonly EpiscopeError[];

  constructor(problems: readonly EpiscopeError[]) {
    const [first] = problems as [EpiscopeError];
    const list = problems.map(
      (problem, index) => `${index + 1}. ${problem.message.replaceAll("\n", "\n   ")}`,
    );
    super(first.code, `${problems.length} problems:\n${list.join("\n")}`, {
      ...(first.hint === undefined ? {} : { hint: first.hint }),
      fields: { ...first.fields, problems: problems.map((problem) => problem.toJSON()) },
    });
    this.problems = problems;
  }
}

/** A package that names a key which could change what an object inherits. */
export function packageForbidden(name: string, config: string, key: string): CompositionError {
  return new CompositionError(
    "FORBIDDEN_KEY",
    `The package '${name}' of '${config}' has the key '${key}', which is not allowed in a config.`,
    { hint: "Choose another package.", fields: { key: name } },
  );
}
