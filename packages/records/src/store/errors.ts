import { EpiscopeError } from "@episcope/errors";

/** The run was recorded by a newer version. */
export function manifestFromFuture(path: string, version: number, supported: number): EpiscopeError {
  return new EpiscopeError(
    "MANIFEST_VERSION_UNSUPPORTED",
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

/** The file is no export of an episode, or damaged. */
export function exportUnreadable(path: string, problem: string, cause?: unknown): EpiscopeError {
  return new EpiscopeError("EXPORT_UNREADABLE", `'${path}' cannot be read as an episode: ${problem}.`, {
    hint: "Name an episode.json, episode.json.gz, episode.h5 or episode.pkl that this program has written.",
    fields: { file: path },
    cause,
  });
}

/** Of the episode neither a journal nor an export can be read: its pictures may be there, its steps are not. */
export function episodeNotKept(number: number, dir: string, problems: readonly string[]): EpiscopeError {
  const what = problems.length === 0 ? "it has no journal and no export" : problems.join("; ");
  return new EpiscopeError(
    "EPISODE_NOT_KEPT",
    `the records of episode ${number} are not in '${dir}': ${what}.`,
    {
      hint: "Restore its journal.epi or an export of it from a copy, then run 'episcope recover' on the run.",
      fields: { episode: number, dir },
    },
  );
}

/** A comparison of that name does not exist. */
export function comparisonUnknown(type: string, types: readonly string[]): EpiscopeError {
  return new EpiscopeError("COMPARISON_UNKNOWN", `there is no comparison '${type}'.`, {
    hint: `Comparisons: ${types.join(", ")}.`,
    fields: { type, options: types },
  });
}
