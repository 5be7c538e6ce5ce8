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
export function notAPng(problem: string): EpiscopeError {
  return new EpiscopeError("WANDB_NOT_A_PNG", `the picture is not a PNG file: ${problem}`, {
    hint: "Check the renderer whose extension is 'png'.",
  });
}

/** The server has rows of this run that are not those of the log. */
export function uploadDiverged(run: string, problem: string): EpiscopeError {
  return new EpiscopeError(
    "WANDB_UPLOAD_DIVERGED",
    `W&B's run '${run}' is not the one that this log holds: ${problem}`,
    {
      hint: "Another program has written to that run, 'wandb sync' for one; what W&B shows is complete only if that program's upload was.",
      fields: { run },
    },
  );
}

/** The directory holds no W&B log with a run in it. */
export function uploadUnreadable(directory: string): EpiscopeError {
  return new EpiscopeError("WANDB_UPLOAD_UNREADABLE", `'${directory}' holds no W&B log of a run`, {
    hint: "Give a run directory of Episcope, or one of the folders 'wandb/offline-run-…' in it.",
    fields: { file: directory },
  });
}

/** The rest of a run is the official client's. */
export function handedOver(directory: string, remainder: string): EpiscopeError {
  return new EpiscopeError(
    "WANDB_HANDED_OVER",
    `what was left of '${directory}' has been exported for the official client`,
    { hint: `Run 'wandb sync ${remainder}'.`, fields: { file: remainder } },
  );
}

/** There is no key for the server, so nothing can be uploaded. */
export function keyMissing(server: string): EpiscopeError {
  return new EpiscopeError("WANDB_KEY_MISSING", `there is no W&B key for ${server}`, {
    hint: "Set WANDB_API_KEY, name a file that holds it in WANDB_API_KEY_FILE, or put it into ~/.netrc ('wandb login' does).",
    fields: { server },
  });
}

/** A GraphQL query was answered with an error. */
export function serverSaysNo(operation: string, message: string): EpiscopeError {
  return new EpiscopeError("WANDB_REFUSED", `W&B refused ${operation}: ${message}`, {
    hint: "Check entity, project and the rights of the key; what was logged is on this disk.",
    fields: { operation },
  });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
