import { EpiscopeError, type EpiscopeErrorOptions } from "@episcope/errors";

/**
 * What is wrong with a config, or with what was asked of it. The code says which kind of problem it is; `pythonClass`
 * returns the name of the class that OmegaConf raises for it.
 */
export class ConfigError extends EpiscopeError {
  /** @internal Whether the error knows its key: the innermost key wins. */
  located = false;
}

/** An interpolation that could not be resolved. */
export class InterpolationError extends ConfigError {}

type ConfigErrorCode =
  | "KEY_NOT_FOUND"
  | "KEY_NOT_ALLOWED"
  | "KEY_TYPE"
  | "FORBIDDEN_KEY"
  | "CONFIG_KIND"
  | "CONFIG_INDEX"
  | "CONFIG_VALUE"
  | "CONFIG_READONLY"
  | "CONFIG_DEPTH"
  | "SECRET_MISSING"
  | "VALUE_MISSING"
  | "VALUE_INVALID"
  | "VALUE_UNSUPPORTED"
  | "INTERPOLATION_SYNTAX";

type InterpolationErrorCode =
  | "INTERPOLATION_FAILED"
  | "INTERPOLATION_RESOLVER"
  | "INTERPOLATION_KEY"
  | "INTERPOLATION_MISSING"
  | "INTERPOLATION_VALUE"
  | "INTERPOLATION_LIMIT"
  | "INTERPOLATION_DEPTH";

export function configError(
  code: ConfigErrorCode,
  message: string,
  options: EpiscopeErrorOptions = {},
): ConfigError {
  return new ConfigError(code, message, options);
}

export function interpolationError(
  code: InterpolationErrorCode,
  message: string,
  options: EpiscopeErrorOptions = {},
): InterpolationError {
  return new InterpolationError(code, message, options);
}

/** The error again, with the key that it is about; an error that knows its place is left as it is. */
export function locate(error: unknown, key: string): unknown {
  if (!(error instanceof ConfigError) || error.located) return error;
  return withCode(error, error.code, key);
}

/** The error under another code: the same thing seen from another way of asking. */
export function withCode(error: ConfigError, code: string, key?: string): ConfigError {
  const message =
    key === undefined || error.located ? error.message : `${error.message}\n    full_key: ${key}`;
  const type =
    code.startsWith("INTERPOLATION_") && code !== "INTERPOLATION_SYNTAX" ? InterpolationError : ConfigError;
  const changed = new type(code, message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    fields: { ...error.fields, ...(key === undefined || error.located ? {} : { key }) },
    ...(error.cause === undefined ? {} : { cause: error.cause }),
  });
  changed.located = true;
  return changed;
}

/** The key that a message shows: `(root)` for the whole config. */
export function shownKey(key: string): string {
  return key === "" ? "(root)" : key;
}
