/** The file-system calls that Episcope makes; `node:fs` has them, and so has `memfs`. */
export type FileSystem = typeof import("node:fs");
