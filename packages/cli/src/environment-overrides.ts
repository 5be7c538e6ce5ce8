const PREFIX = "EPISCOPE__";

export interface EnvironmentOverride {
  readonly text: string;
  /** Shown by `--explain` and in errors. */
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
  for (const name of Object.keys(env).sort()) {
    const value = env[name];
    if (value === undefined || !name.startsWith(PREFIX)) continue;
    const segments = name.slice(PREFIX.length).toLowerCase().split("__");
    const group = segments.join("/");
    const key = segments.length > 1 && isGroup(group) ? group : segments.join(".");
    overrides.push({ text: `${key}=${value}`, from: `environment variable ${name}` });
  }
  return overrides;
}
