import { EpiscopeError } from "@episcope/errors";
import { CompositionError, MissingConfigError } from "../defaults/errors.js";
import { nearest } from "../scalar/nearest.js";
import type { ConfigKey } from "../scalar/values.js";

export function mainSourceUnavailable(url: string): MissingConfigError {
  return new MissingConfigError("SOURCE_NOT_FOUND", `There is no config source at ${url}.`, {
    hint: "Check that the folder exists and can be read.",
    fields: { source: url },
  });
}

export function primaryNotMapping(name: string, file: string | undefined): CompositionError {
  return new CompositionError("PRIMARY_NOT_MAPPING", `The primary config '${name}' must be a mapping.`, {
    ...(file === undefined ? {} : { fields: { file, line: 1 } }),
  });
}

export function searchPathInvalid(shown: string): CompositionError {
  return new CompositionError(
    "SEARCH_PATH_INVALID",
    `hydra.searchpath must be a list of texts, not ${shown}.`,
    {
      hint: "Write [file://DIR, pkg://NAME].",
      fields: { key: "hydra.searchpath" },
    },
  );
}

export function searchPathNotPrimary(config: string, file: string | undefined): CompositionError {
  return new CompositionError(
    "SEARCH_PATH_NOT_PRIMARY",
    `In '${config}'${file === undefined ? "" : ` (${file})`}: hydra.searchpath can be set in the primary config only.`,
    { fields: { key: "hydra.searchpath", ...(file === undefined ? {} : { file }) } },
  );
}

export function schemaWithDefaults(config: string): CompositionError {
  return new CompositionError(
    "SCHEMA_DEFAULTS",
    `'${config}' is checked against a stored config of the same name, which must not have a defaults list.`,
    { hint: "Store the schema under another name and put it into the defaults list." },
  );
}

/** A cause from the tree, told with the config or override that brought it about. */
function because(
  code: string,
  message: string,
  cause: unknown,
  fields: Record<string, unknown>,
): CompositionError {
  const known = cause instanceof EpiscopeError;
  return new CompositionError(code, known ? `${message}: ${cause.message}` : message, {
    ...(known && cause.hint !== undefined ? { hint: cause.hint } : {}),
    fields: { ...(known ? cause.fields : {}), ...fields },
    cause,
  });
}

export function mergeFailed(config: string, file: string | undefined, cause: unknown): CompositionError {
  const where = file === undefined ? "" : ` (${file})`;
  return because("CONFIG_MERGE", `In '${config}'${where}`, cause, file === undefined ? {} : { file });
}

export function schemaMergeFailed(config: string, cause: unknown): CompositionError {
  return because("SCHEMA_MERGE", `'${config}' does not fit the stored config of the same name`, cause, {});
}

export function compositionFailed(cause: unknown): CompositionError {
  return because("COMPOSITION_FAILED", "The config cannot be composed", cause, {});
}

export function overrideFailed(override: string, key: string, cause: unknown): CompositionError {
  return because("OVERRIDE_MERGE", `Cannot apply the override '${override}'`, cause, { override, key });
}

interface UnknownKey {
  readonly override: string;
  /** The key that is not there: that of the override, or one of its value. */
  readonly key: string;
  /** Keys beside it. */
  readonly siblings: readonly ConfigKey[];
}

export function overrideUnknownKey(
  { override, key, siblings }: UnknownKey,
  cause: unknown,
): CompositionError {
  const last = key.slice(key.lastIndexOf(".") + 1);
  const overridden = override.slice(0, override.indexOf("="));
  const names = siblings.map(String);
  // `5` and "5" are two keys, and an override names a text.
  const sameText = siblings.find((sibling) => typeof sibling !== "string" && String(sibling) === last);
  const found = nearest(last, names);
  const meant =
    sameText !== undefined
      ? ` The config has the ${typeof sameText} ${last}, and the key of an override is a text.`
      : found === undefined
        ? ""
        : ` Did you mean '${key.slice(0, key.length - last.length)}${found}'?`;
  const what = key === overridden ? "the config has no such key" : `the config has no key '${key}'`;
  return new CompositionError("OVERRIDE_KEY", `Cannot override '${overridden}': ${what}.${meant}`, {
    hint: `To add it use +${override}`,
    fields: { override, key, options: names },
    cause,
  });
}

export function overrideNotGroup(
  override: string,
  group: string,
  groups: readonly string[],
): CompositionError {
  const found = nearest(group, groups);
  return new CompositionError(
    "OVERRIDE_NOT_GROUP",
    `'${override}' looks like the choice of an option, but there is no config group '${group}'.${found === undefined ? "" : ` Did you mean '${found}'?`}`,
    { fields: { override, key: group, options: groups } },
  );
}

export function deletionNotFound(override: string, key: string): CompositionError {
  return new CompositionError("DELETION_KEY", `'${override}': the config has no key '${key}' to delete.`, {
    fields: { override, key },
  });
}

export function deletionOtherValue(override: string, key: string): CompositionError {
  return new CompositionError(
    "DELETION_VALUE",
    `'${override}': '${key}' has another value, so it is not deleted.`,
    {
      hint: `Use ~${key} to delete it whatever it is.`,
      fields: { override, key },
    },
  );
}

export function additionExists(override: string, key: string): CompositionError {
  return new CompositionError("ADDITION_EXISTS", `'${override}': the config already has '${key}'.`, {
    hint: `To change it use ${override.slice(1)}; to add or change it use +${override}.`,
    fields: { override, key },
  });
}

export function sweepOverHydra(override: string): CompositionError {
  return new CompositionError("SWEEP_HYDRA", `'${override}': Hydra's own config cannot be swept over.`, {
    fields: { override },
  });
}

export function sweepOutsideMultirun(
  override: string,
  key: string,
  list: string | undefined,
): CompositionError {
  const ways =
    list === undefined
      ? "Add --multirun to sweep over it."
      : `For a list use ${key}=[${list}], for a text ${key}='${list}', and to sweep add --multirun.`;
  return new CompositionError(
    "SWEEP_WITHOUT_MULTIRUN",
    `'${override}' is a sweep, and this is a single run.`,
    {
      hint: ways,
      fields: { override, key },
    },
  );
}

export function environmentMissing(name: string): CompositionError {
  return new CompositionError(
    "ENVIRONMENT_MISSING",
    `hydra.job.env_copy names '${name}', which is not set.`,
    {
      fields: { key: "hydra.job.env_copy", variable: name },
    },
  );
}

export function hydraNodeChanged(key: string, cause: unknown): CompositionError {
  return because("HYDRA_NODE", `'${key}' cannot be filled in`, cause, { key });
}

export function configMissingValues(keys: readonly string[], places: readonly string[]): CompositionError {
  const list = keys.map((key, index) => `  ${key}${places[index] === "" ? "" : ` (${places[index]})`}`);
  return new CompositionError(
    "VALUES_MISSING",
    `${keys.length === 1 ? "A value is" : `${keys.length} values are`} missing (???):\n${list.join("\n")}`,
    { hint: `Give them values, e.g. ${keys[0]}=VALUE.`, fields: { key: keys[0]!, keys } },
  );
}

export function extensionOfNoList(override: string, key: string): CompositionError {
  return new CompositionError("LIST_EXTENSION", `'${override}' appends to '${key}', which is no list.`, {
    hint: `Replace the value: ${key}=[...].`,
    fields: { key, override },
  });
}

export function aliasInvalid(name: string, problem: string): CompositionError {
  return new CompositionError("ALIAS_INVALID", `hydra.aliases: '${name}' ${problem}.`, {
    hint: "An alias is a short name of a key ('lr: opt.lr') or of an override ('fast: opt.lr=9').",
    fields: { key: "hydra.aliases", alias: name },
  });
}

export function aliasesNotPrimary(where: string): CompositionError {
  return new CompositionError("ALIASES_NOT_PRIMARY", `${where} sets hydra.aliases.`, {
    hint: "Only the primary config defines aliases of overrides.",
    fields: { key: "hydra.aliases" },
  });
}

export function sweepControllerChanged(key: string): CompositionError {
  return new CompositionError("SWEEP_CONTROLLER", `a job of the sweep changes '${key}'.`, {
    hint: "What runs the sweep is chosen before it starts: in the primary config or on the command line.",
    fields: { key },
  });
}
