import { join, relative } from "node:path/posix";
import type { FileSystem } from "@episcope/records/store";
import { memfs } from "memfs";

export interface TestDisk {
  readonly fs: FileSystem;
  /** Paths of all files relative to the working directory, sorted. */
  files(): string[];
  /** A file as text. */
  text(path: string): string;
}

/** An empty disk in memory, but for the working directory and `files` (their texts by path, relative to it). */
export function memoryDisk(
  files: Readonly<Record<string, string | Buffer>> = {},
  cwd = "/project",
): TestDisk {
  const { fs, vol } = memfs(files, cwd);
  fs.mkdirSync(cwd, { recursive: true });
  return {
    fs: fs as unknown as FileSystem,
    files: () =>
      Object.entries(vol.toJSON())
        .filter(([, content]) => content !== null)
        .map(([path]) => relative(cwd, path))
        .sort(),
    text: (path) => String(vol.readFileSync(join(cwd, path))),
  };
}
