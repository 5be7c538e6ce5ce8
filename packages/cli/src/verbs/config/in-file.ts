import { EpiscopeError } from "@episcope/errors";

/** Does something with the text of a file, and names the file in its error. */
export function inFile<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof EpiscopeError)) throw error;
    throw new EpiscopeError(error.code, `${file}: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      fields: { ...error.fields, file },
      cause: error,
    });
  }
}
