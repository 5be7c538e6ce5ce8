import { EpiscopeError } from "@episcope/errors";

export function sweepTypeUnsupported(key: string, type: string): EpiscopeError {
  return new EpiscopeError("SWEEP_TYPE", `The basic sweeper cannot sweep '${key}': it takes no ${type}.`, {
    hint: "Use choice(...), range(...) or values with commas.",
    fields: { key },
  });
}

export function sweepTooLarge(limit: number): EpiscopeError {
  return new EpiscopeError("SWEEP_TOO_LARGE", `The sweep has more than ${limit} jobs.`, {
    hint: "Sweep over fewer values, or give ranges an end.",
    fields: { limit },
  });
}

export function batchSizeInvalid(size: number): EpiscopeError {
  return new EpiscopeError(
    "SWEEP_BATCH_SIZE",
    `hydra.sweeper.max_batch_size must be at least 1, not ${size}.`,
    {
      fields: { key: "hydra.sweeper.max_batch_size" },
    },
  );
}

export function pluginTargetUnknown(key: string, target: unknown, known: readonly string[]): EpiscopeError {
  return new EpiscopeError(
    "HYDRA_TARGET",
    `'${key}' names '${String(target)}', which this program does not know.`,
    {
      hint: known.length === 0 ? `Take ${key} out of the config.` : `Use one of: ${known.join(", ")}.`,
      fields: { key, options: known },
    },
  );
}
