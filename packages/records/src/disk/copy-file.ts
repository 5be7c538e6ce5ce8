import type { FileSystem } from "./file-system.js";
import { writeFully } from "./write-fully.js";

const CHUNK_BYTES = 1 << 20;

/**
 * Copies the first `length` bytes of a file (default: all), durably. `open` is a descriptor of it, where there is one: a file
 * that has lost its name can be read by it. False where the source cannot be read; passes the errors of the target, of which
 * nothing is left then.
 */
export function copyFile(
  fs: FileSystem,
  from: string,
  to: string,
  length?: number,
  open: number | null = null,
): boolean {
  let source: number;
  let size: number;
  try {
    source = open ?? fs.openSync(from, "r");
    size = length ?? fs.fstatSync(source).size;
  } catch {
    return false;
  }
  try {
    const target = fs.openSync(to, "w");
    try {
      const chunk = new Uint8Array(Math.min(size, CHUNK_BYTES));
      for (let offset = 0; offset < size; ) {
        const count = readPart(fs, source, chunk, offset, size);
        if (count === 0) return false;
        writeFully(fs, target, chunk.subarray(0, count), offset, to);
        offset += count;
      }
      fs.fdatasyncSync(target);
      return true;
    } catch (error) {
      fs.rmSync(to, { force: true });
      throw error;
    } finally {
      fs.closeSync(target);
    }
  } finally {
    if (open === null) fs.closeSync(source);
  }
}

/** Bytes read; 0 where they cannot be. */
function readPart(fs: FileSystem, fd: number, chunk: Uint8Array, offset: number, end: number): number {
  try {
    return fs.readSync(fd, chunk, 0, Math.min(chunk.length, end - offset), offset);
  } catch {
    return 0;
  }
}
