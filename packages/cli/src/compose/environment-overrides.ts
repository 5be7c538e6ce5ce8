import type { OverrideInput } from "@episcope/config";
import { EpiscopeError } from "@episcope/errors";

const PREFIX = "EPISCOPE__";

export interface EnvironmentOverride extends Exclude<OverrideInput, string> {
  /** Config group or key that it sets. */
  readonly key: string;
  /** Name of the variable. */
  readonly variable: string;
  /** Shown by `--explain`. */
  readonly from: string;
}

/**
 * The overrides that a deployment sets in the environment: `EPISCOPE__STORAGE=production` selects an option,
 * `EPISCOPE__STORAGE__MAX_STORAGE_GB=50` sets a key. `isGroup` tells the two apart where groups are nested
 * (`EPISCOPE__HYDRA__OUTPUT`). Values are in Hydra's grammar; the order is that of the names.
 */
export function environmentOverrides(
  env: { readonly [name: string]: string | undefined },
  isGroup: (path: string) => boolean,
): EnvironmentOverride[] {
  const overrides: EnvironmentOverride[] = [];
  for (const variable of Object.keys(env).sort()) {
    const value = env[variable];
    if (value === undefined || !variable.startsWith(PREFIX)) continue;
    const segments = variable.slice(PREFIX.length).toLowerCase().split("__");
    const group = segments.join("/");
    const key = segments.length > 1 && isGroup(group) ? group : segments.join(".");
    overrides.push({ text: `${key}=${value}`, key, variable, from: `environment variable ${variable}` });
  }
  return overrides;
}

/**
 * A composition error with the variables that brought it about: whoever reads it has typed no such override. Gives the
 * error itself where none did.
 */
export function namingVariables(error: unknown, overrides: readonly EnvironmentOverride[]): unknown {
  if (!(error instanceof EpiscopeError)) return error;
  const problems = Array.isArray(error.fields["problems"]) ? error.fields["problems"] : [error];
  const blamed = overrides.filter(({ text, key }) =>
    (problems as { fields: { [field: string]: unknown } }[]).some(
      ({ fields }) =>
        fields["override"] === text || (fields["override"] === undefined && fields["key"] === key),
    ),
  );
  if (blamed.length === 0) return error;
  const lines = blamed.map(({ text, variable }) => `  The environment variable ${variable} says ${text}.`);
  return new EpiscopeError(error.code, [error.message, ...lines].join("\n"), {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    fields: { ...error.fields, variables: blamed.map(({ variable }) => variable) },
    cause: error,
  });
}
