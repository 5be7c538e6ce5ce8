import { EpiscopeError } from "@episcope/errors";

/** The W&B directory of a run could not be made. */
export function directoryNotCreated(file: string, cause: unknown): EpiscopeError {
  return new EpiscopeError(
    "WANDB_DIRECTORY_NOT_CREATED",
    `W&B run directory '${file}' could not be created: ${reasonOf(cause)}`,
    {
      hint: "Make the run directory writable, or run with logging.wandb.enabled=false.",
      fields: { file },
      cause,
    },
  );
}

/** A batch did not get into the log; none of its records is there. */
export function logNotWritten(file: string, cause: unknown): EpiscopeError {
  return new EpiscopeError(
    "WANDB_LOG_NOT_WRITTEN",
    `W&B log '${file}' could not be written: ${reasonOf(cause)}`,
    {
      hint: "Free space on that disk; the episodes themselves are in the journal.",
      fields: { file },
      cause,
    },
  );
}

/** A picture was left out of the W&B run; the scalars of its step are there. */
export function pictureNotLogged(picture: string, cause: unknown): EpiscopeError {
  return new EpiscopeError(
    "WANDB_PICTURE_NOT_LOGGED",
    `A picture could not be put into the W&B run (${picture}): ${reasonOf(cause)}`,
    {
      hint: "Look at the cause; the scalars of the same step are logged, and 'episcope replay' draws the picture again.",
      cause,
    },
  );
}

/** The bytes of a picture are not what its type says. */
export function notAPng(problem: string, cause?: unknown): EpiscopeError {
  return new EpiscopeError("WANDB_NOT_A_PNG", `the picture is not a PNG file: ${problem}`, {
    hint: "Check the renderer whose extension is 'png'.",
    cause,
  });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
