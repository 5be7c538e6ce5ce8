import { writeStalled } from "./errors.js";
import type { FileSystem } from "./file-system.js";

const INTERRUPTED = new Set(["EINTR", "EAGAIN"]);
/** How often a call that was interrupted is made again before its error is passed on. */
const RETRIES = 100;

/**
 * Writes all of `bytes` at `position`: short writes go on where they stopped and interrupted calls are made again.
 * Other errors pass; `progress` has been told how far it came, so the same call can be made again later.
 */
export function writeFully(
  fs: FileSystem,
  fd: number,
  bytes: Uint8Array,
  position: number,
  path: string,
  progress?: (written: number) => void,
): void {
  let written = 0;
  let interruptions = 0;
  while (written < bytes.length) {
    let count: number;
    try {
      count = fs.writeSync(fd, bytes, written, bytes.length - written, position + written);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== undefined && INTERRUPTED.has(code) && ++interruptions < RETRIES) continue;
      throw error;
    }
    if (count === 0 && ++interruptions >= RETRIES) throw writeStalled(path);
    written += count;
    progress?.(written);
  }
}
