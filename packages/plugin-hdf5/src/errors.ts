import { EpiscopeError } from "@episcope/errors";

/** The WebAssembly build of HDF5 could not be loaded. */
export function hdf5Unavailable(cause: unknown): EpiscopeError {
  return new EpiscopeError("HDF5_UNAVAILABLE", `the HDF5 library cannot be loaded: ${reasonOf(cause)}.`, {
    hint: "Install the packages again with 'npm ci', or choose log_format=json.",
    fields: { plugin: "hdf5" },
    cause,
  });
}

/** The HDF5 library refused a call; the message holds its innermost reason. */
export function hdf5WriteFailed(episode: number, cause: unknown): EpiscopeError {
  return new EpiscopeError(
    "HDF5_WRITE_FAILED",
    `episode ${episode} cannot be written as HDF5: ${reasonOf(cause)}.`,
    {
      hint: "The journal is untouched: export the episode again, or choose log_format=json.",
      fields: { plugin: "hdf5", episode },
      cause,
    },
  );
}

/** Of HDF5's error stack the last entry, which says what happened; of other errors the message. */
export function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const entries = text.split("\n").filter((line) => /^\s*#\d+:/.test(line));
  return (entries.at(-1)?.replace(/^.*\bin\s+(?=\w+\(\))/, "") ?? text).trim().replace(/\.$/, "");
}
