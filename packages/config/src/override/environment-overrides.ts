import { EpiscopeError } from "@episcope/errors";
import { parseOverride } from "./parse-override.js";
import { quote } from "./quoting.js";
import { QuotedString } from "./value.js";

/** An override that a variable of the environment asks for. `compose` takes it as it is. */
export interface EnvironmentOverride {
  readonly text: string;
  /** Config group or key that it sets. */
  readonly key: string;
  /** Name of the variable. */
  readonly variable: string;
  /** Shown by `explain`. */
  readonly from: string;
}

/**
 * The overrides that a deployment sets in the environment: with the prefix `MYAPP`, `MYAPP__DB=postgres` selects an option
 * or sets a key at the top, `MYAPP__DB__PORT=5432` sets a key. `isGroup` tells the two apart where groups are nested
 * (`MYAPP__HYDRA__JOB_LOGGING`); without it only names of one word are groups. A value is in Hydra's grammar where it
 * follows it; otherwise it is the text as it stands (`/data/epoch=3`, `~/runs`, `/data/a,b`), unless it begins as a list, a
 * mapping or a quoted text does. The order is that of the names.
 */
export function environmentOverrides(
  env: { readonly [name: string]: string | undefined },
  prefix: string,
  isGroup: (path: string) => boolean = () => false,
): EnvironmentOverride[] {
  const begin = `${prefix}__`;
  const overrides: EnvironmentOverride[] = [];
  for (const variable of Object.keys(env).sort()) {
    const value = env[variable];
    if (value === undefined || !variable.startsWith(begin)) continue;
    const segments = variable.slice(begin.length).toLowerCase().split("__");
    const group = segments.join("/");
    const key = segments.length > 1 && isGroup(group) ? group : segments.join(".");
    overrides.push({
      text: `${key}=${valueText(key, value)}`,
      key,
      variable,
      from: `environment variable ${variable}`,
    });
  }
  return overrides;
}

/** The value as an override has to write it. */
function valueText(key: string, value: string): string {
  if (/^\s*[[{'"]/.test(value)) return value;
  try {
    // A comma in a variable is part of a path or a name: a deployment sets one value.
    if (parseOverride(`${key}=${value}`).valueType !== "SIMPLE_CHOICE_SWEEP") return value;
  } catch (error) {
    if (!(error instanceof EpiscopeError)) throw error;
  }
  return quote(new QuotedString(value, "single"));
}

/**
 * A composition error with the variables that brought it about: whoever reads it has typed no such override. Gives the
 * error itself where none did.
 */
export function namingVariables(error: unknown, overrides: readonly EnvironmentOverride[]): unknown {
  if (!(error instanceof EpiscopeError)) return error;
  const blamed = blamedVariables(error, overrides);
  if (blamed.length === 0) return error;
  const lines = blamed.map(({ text, variable }) => `  The environment variable ${variable} says ${text}.`);
  const hint =
    error.code === "OVERRIDE_SYNTAX"
      ? `Quote the text inside of the variable: ${blamed[0]!.variable}="'a=b'".`
      : error.hint;
  return new EpiscopeError(error.code, [error.message, ...lines].join("\n"), {
    ...(hint === undefined ? {} : { hint }),
    fields: { ...error.fields, variables: blamed.map(({ variable }) => variable) },
    cause: error,
  });
}

/** Those of the overrides that an error, or one of its problems, is about. */
export function blamedVariables(
  error: EpiscopeError,
  overrides: readonly EnvironmentOverride[],
): readonly EnvironmentOverride[] {
  const problems = Array.isArray(error.fields["problems"]) ? error.fields["problems"] : [error];
  return overrides.filter(({ text, key }) =>
    (problems as { fields: { [field: string]: unknown } }[]).some(
      ({ fields }) =>
        fields["override"] === text || (fields["override"] === undefined && fields["key"] === key),
    ),
  );
}
