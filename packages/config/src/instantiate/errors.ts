import { EpiscopeError } from "@episcope/errors";

/** A `_target_` that the program has not registered. */
export function targetNotAllowed(target: string, key: string, allowed: readonly string[]): EpiscopeError {
  const shown = target.length > 120 ? `${target.slice(0, 120)}…` : target;
  return new EpiscopeError(
    "TARGET_NOT_ALLOWED",
    `'_target_' of '${key === "" ? "(root)" : key}' is '${shown}', which is not registered. Registered: ${allowed.join(", ") || "nothing"}`,
    {
      hint: "Use a registered name; only the program can register more, a config cannot.",
      fields: { key, target: shown, options: [...allowed] },
    },
  );
}

/** A node whose instructions (`_target_`, `_args_`, …) are not what they have to be. */
export function invalidInstruction(key: string, instruction: string, expected: string): EpiscopeError {
  return new EpiscopeError(
    "INSTANTIATE_INVALID",
    `'${instruction}' of '${key === "" ? "(root)" : key}' must be ${expected}`,
    { fields: { key, instruction } },
  );
}

/** A registered entry that threw. */
export function targetFailed(target: string, key: string, cause: unknown): EpiscopeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EpiscopeError(
    "INSTANTIATE_FAILED",
    `creating '${target}' for '${key === "" ? "(root)" : key}' failed: ${reason}`,
    { cause, fields: { key, target } },
  );
}
