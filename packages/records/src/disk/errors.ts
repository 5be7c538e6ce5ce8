import { EpiscopeError } from "@episcope/errors";

/** The system wrote nothing although there was something to write. */
export function writeStalled(path: string): EpiscopeError {
  return new EpiscopeError("JOURNAL_WRITE_STALLED", `'${path}': the system accepts no more bytes.`, {
    hint: "Check the disk.",
    fields: { file: path },
  });
}

/** As the system says it where a name is looked up: the file that is being written has no name any more. */
export function fileDeleted(path: string): NodeJS.ErrnoException {
  const message = `ENOENT: the file was deleted while it was written, '${path}'`;
  return Object.assign(new Error(message), { code: "ENOENT", syscall: "fstat", path });
}
