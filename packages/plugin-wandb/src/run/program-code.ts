import { isAbsolute, relative, sep } from "node:path";
import type { FileSystem } from "@episcope/records/store";

/** The file that the process was started with. */
export interface ProgramCode {
  /** Relative to the working directory, with slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const MAX_BYTES = 10 * 1024 * 1024;

/** Null where the program is not a file of the project: outside the working directory, or installed below it. */
export function programCode(
  directory: string,
  program: string | undefined,
  fs: Pick<FileSystem, "readFileSync">,
): ProgramCode | null {
  if (program === undefined) return null;
  const path = relative(directory, program);
  const parts = path.split(sep);
  if (path === "" || isAbsolute(path) || parts[0] === ".." || parts.includes("node_modules")) return null;
  try {
    const bytes = fs.readFileSync(program);
    return bytes.length > MAX_BYTES ? null : { path: parts.join("/"), bytes };
  } catch {
    return null;
  }
}
