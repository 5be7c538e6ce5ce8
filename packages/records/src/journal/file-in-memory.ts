import type { FileSystem } from "../disk/file-system.js";

/** As much of a file system as reading one file takes. */
export function fileInMemory(bytes: Uint8Array): FileSystem {
  const calls = {
    openSync: () => 0,
    closeSync: () => undefined,
    fstatSync: () => ({ size: bytes.length }),
    readSync: (_fd: number, target: Uint8Array, at: number, count: number, position: number) => {
      const part = bytes.subarray(position, position + count);
      target.set(part, at);
      return part.length;
    },
  };
  return calls as unknown as FileSystem;
}
