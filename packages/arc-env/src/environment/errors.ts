import { EpiscopeError } from "@episcope/errors";

/** The file system calls failed: no such file or folder, or no permission. */
export function taskNotReadableError(file: string, cause: unknown): EpiscopeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EpiscopeError("TASK_NOT_READABLE", `cannot read ARC tasks from '${file}': ${reason}.`, {
    hint: "Give a task file or a folder that exists and may be read.",
    fields: { file },
    cause,
  });
}

export function taskNotJsonError(file: string, cause: unknown): EpiscopeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EpiscopeError("TASK_NOT_JSON", `'${file}' is not JSON: ${reason}.`, {
    hint: "An ARC task is one JSON object with the lists 'train' and 'test'.",
    fields: { file },
    cause,
  });
}

/** `path` is the place inside the task, for instance `train[2].output[0][5]`. */
export function taskMalformedError(file: string, path: string, problem: string): EpiscopeError {
  return new EpiscopeError("TASK_MALFORMED", `'${file}' is not an ARC task: ${path} ${problem}.`, {
    hint: "Write each grid as a list of equally long rows of integers 0 to 9, at most 30 by 30.",
    fields: { file, path },
  });
}

/** JSON that was never meant to be a task: a package.json among the tasks, for instance. */
export function notATaskError(file: string, what: string): EpiscopeError {
  return new EpiscopeError("NOT_A_TASK", `'${file}' holds no ARC task: it is ${what}.`, {
    hint: "A task is one JSON object with the lists 'train' and 'test'; a file of many has one such object for each id.",
    fields: { file },
  });
}

export function noTasksError(folder: string): EpiscopeError {
  return new EpiscopeError("NO_TASKS", `the folder '${folder}' holds no task: no file in it ends in .json.`, {
    hint: "Name a folder of ARC task files; folders inside it are searched too.",
    fields: { file: folder },
  });
}

export function unknownPairError(
  taskId: string,
  mode: string,
  pairIndex: number,
  pairs: number,
): EpiscopeError {
  const options = Array.from({ length: pairs }, (_, index) => String(index));
  return new EpiscopeError(
    "UNKNOWN_PAIR",
    pairs === 0
      ? `task '${taskId}' has no ${mode} pairs.`
      : `task '${taskId}' has no ${mode} pair ${pairIndex}; its ${mode} pairs are 0 to ${pairs - 1}.`,
    { hint: "Pairs are counted from 0.", fields: { task_id: taskId, mode, pair_index: pairIndex, options } },
  );
}

export function notResetError(): EpiscopeError {
  return new EpiscopeError("ENVIRONMENT_NOT_RESET", "step() was called before reset().", {
    hint: "Call reset({ task }) to begin an episode.",
  });
}

export function episodeOverError(taskId: string): EpiscopeError {
  return new EpiscopeError(
    "EPISODE_OVER",
    `the episode on task '${taskId}' has ended; it takes no more steps.`,
    {
      hint: "Call reset() to begin the next episode once terminated or truncated is true.",
      fields: { task_id: taskId },
    },
  );
}

export function invalidActionError(problem: string, fields: Record<string, unknown> = {}): EpiscopeError {
  return new EpiscopeError("INVALID_ACTION", `the action cannot be carried out: ${problem}.`, {
    hint: "The state is unchanged; send an operation 0 to 38 and a selection that fits the grid.",
    fields,
  });
}

export function unknownAgentError(name: string, options: readonly string[]): EpiscopeError {
  return new EpiscopeError(
    "UNKNOWN_AGENT",
    `there is no agent named '${name}'. Options: ${options.join(", ")}.`,
    { hint: `Set agent to one of ${options.join(", ")}.`, fields: { key: "agent", options } },
  );
}
