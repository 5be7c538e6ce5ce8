import { EpiscopeError } from "@episcope/errors";

export function loggingInvalid(key: string, problem: string, hint: string): EpiscopeError {
  return new EpiscopeError("LOGGING_CONFIG", `'${key}' ${problem}.`, { hint, fields: { key } });
}

export function targetUnknown(key: string, target: unknown, known: readonly string[]): EpiscopeError {
  return new EpiscopeError(
    "HYDRA_TARGET",
    `'${key}' names '${String(target)}', which this program does not know.`,
    {
      hint: known.length === 0 ? `Take ${key} out of the config.` : `Use one of: ${known.join(", ")}.`,
      fields: { key, options: known },
    },
  );
}

export function outputDirUnavailable(dir: string, cause: unknown): EpiscopeError {
  return new EpiscopeError(
    "JOB_DIRECTORY",
    `The job's directory '${dir}' cannot be made: ${cause instanceof Error ? cause.message : String(cause)}.`,
    {
      hint: "Check that you may write there, or choose another hydra.run.dir.",
      fields: { file: dir },
      cause,
    },
  );
}

export function jobProcessEnded(how: string): EpiscopeError {
  return new EpiscopeError("JOB_PROCESS_ENDED", `The process of the job ended before the job did: ${how}.`, {
    hint:
      how === "SIGKILL"
        ? "Most often the system did it, because memory ran out: lower hydra.launcher.n_jobs."
        : "Look for process.exit in the task, and into the log of the job.",
    fields: { how },
  });
}

export function poolSizeInvalid(size: unknown): EpiscopeError {
  return new EpiscopeError(
    "POOL_SIZE",
    `hydra.launcher.n_jobs must be a whole number above 0, or null, not ${String(size)}.`,
    { fields: { key: "hydra.launcher.n_jobs" } },
  );
}
