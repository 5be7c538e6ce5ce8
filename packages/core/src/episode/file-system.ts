/** The file-system calls that stores make; `node:fs` has them, and so has `memfs`. */
export type FileSystem = typeof import("node:fs");
