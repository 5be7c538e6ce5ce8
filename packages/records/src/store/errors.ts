import { EpiscopeError } from "@episcope/errors";

/** The run was recorded by a newer version. */
export function manifestFromFuture(path: string, version: number, supported: number): EpiscopeError {
  return new EpiscopeError(
    "MANIFEST_VERSION_UNSUPPORTED",
    `'${path}' has version ${version}; this program reads up to ${supported}.`,
    { hint: "Update episcope.", fields: { file: path, version, supported } },
  );
}

/** How far the run's outputs have come was written by a newer version. */
export function outputsFromFuture(path: string, version: number, supported: number): EpiscopeError {
  return new EpiscopeError(
    "OUTPUTS_VERSION_UNSUPPORTED",
    `'${path}' has version ${version}; this program reads up to ${supported}.`,
    { hint: "Update episcope.", fields: { file: path, version, supported } },
  );
}

/** The directory holds no recorded run. */
export function runNotFound(path: string): EpiscopeError {
  return new EpiscopeError("RUN_NOT_FOUND", `'${path}' is no run: it holds no manifest and no journal.`, {
    hint: "Name a directory that 'episcope play' or 'episcope record' printed.",
    fields: { file: path },
  });
}

/** The run has no episode of that number. */
export function episodeNotFound(run: string, number: number, numbers: readonly number[]): EpiscopeError {
  const known =
    numbers.length === 0 ? "none" : `${numbers[0]} to ${numbers.at(-1)}, ${numbers.length} in all`;
  return new EpiscopeError(
    "EPISODE_NOT_FOUND",
    `run '${run}' has no episode ${number}. Episodes: ${known}.`,
    {
      hint: "List the episodes with 'episcope list'.",
      fields: { run, episode: number },
    },
  );
}

/** The episode has no step of that number. */
export function stepNotFound(number: number, step: number, steps: number): EpiscopeError {
  const known = steps === 0 ? "none" : `0 to ${steps - 1}`;
  return new EpiscopeError("STEP_NOT_FOUND", `episode ${number} has no step ${step}. Steps: ${known}.`, {
    hint: "Steps count from 0.",
    fields: { episode: number, step },
  });
}

/** The beginning of an episode is lost, and with it what its steps refer to. */
export function episodeStartMissing(number: number, path: string): EpiscopeError {
  return new EpiscopeError(
    "EPISODE_START_MISSING",
    `the journal of episode ${number} has no 'episode-start'.`,
    {
      hint: "Run 'episcope recover' on the run.",
      fields: { episode: number, file: path },
    },
  );
}
