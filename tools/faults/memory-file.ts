import nodeFs from "node:fs";
import type { FileSystem } from "@episcope/records/store";

/** A file system of one file, whose bytes may be replaced between readings: for damage by the thousand. */
export class MemoryFile {
  bytes: Uint8Array;
  readonly fs: FileSystem;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    const overrides = {
      openSync: () => 3,
      closeSync: () => {},
      fstatSync: () => ({ size: this.bytes.length }),
      statSync: () => ({ size: this.bytes.length }),
      readSync: (_fd: number, target: Uint8Array, offset: number, length: number, position: number) => {
        const part = this.bytes.subarray(position, position + length);
        target.set(part, offset);
        return part.length;
      },
    };
    this.fs = { ...nodeFs, ...overrides } as unknown as FileSystem;
  }
}
