import { dirname } from "node:path";
import type { FileSystem } from "@episcope/records/store";
import { outboxNotWritten } from "./errors.js";

/** A place in an outbox: rows before it, and bytes. Plain data. */
export interface OutboxPosition {
  readonly rows: number;
  readonly bytes: number;
}

export const OUTBOX_START: OutboxPosition = { rows: 0, bytes: 0 };

/** A file of JSON lines, one a row, that is written by a sink and read by whatever sends it. */
export class Outbox {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #descriptor: number;
  #position: OutboxPosition;

  private constructor(fs: FileSystem, path: string, descriptor: number, position: OutboxPosition) {
    this.#fs = fs;
    this.#path = path;
    this.#descriptor = descriptor;
    this.#position = position;
  }

  /** Opens the file at a place that it had, and cuts off what came behind; the start: empty. Throws TRACKER_OUTBOX_NOT_WRITTEN. */
  static open(fs: FileSystem, path: string, position: OutboxPosition = OUTBOX_START): Outbox {
    try {
      fs.mkdirSync(dirname(path), { recursive: true });
      const descriptor = fs.openSync(path, position.bytes > 0 ? "r+" : "w+");
      fs.ftruncateSync(descriptor, position.bytes);
      return new Outbox(fs, path, descriptor, position);
    } catch (cause) {
      throw outboxNotWritten(path, cause);
    }
  }

  get position(): OutboxPosition {
    return this.#position;
  }

  /** One write call; throws TRACKER_OUTBOX_NOT_WRITTEN, and then none of the rows is there. */
  append(rows: readonly unknown[]): void {
    if (rows.length === 0) return;
    const bytes = Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const start = this.#position.bytes;
    try {
      let written = 0;
      while (written < bytes.length) {
        written += this.#fs.writeSync(
          this.#descriptor,
          bytes,
          written,
          bytes.length - written,
          start + written,
        );
      }
    } catch (cause) {
      throw outboxNotWritten(this.#path, cause);
    }
    this.#position = { rows: this.#position.rows + rows.length, bytes: start + bytes.length };
  }

  sync(): void {
    this.#fs.fdatasyncSync(this.#descriptor);
  }

  close(): void {
    this.#fs.closeSync(this.#descriptor);
  }
}

/** Of one request. */
const MAX_BYTES = 1024 * 1024;
const MAX_ROWS = 1_000;

/** Some whole rows from a place on, and the place behind them; none at the end. A torn last line is none. */
export function readOutbox(
  fs: FileSystem,
  path: string,
  from: OutboxPosition,
): { readonly rows: readonly unknown[]; readonly next: OutboxPosition } {
  const descriptor = fs.openSync(path, "r");
  try {
    for (let size = MAX_BYTES; ; size *= 2) {
      const buffer = Buffer.alloc(size);
      const count = fs.readSync(descriptor, buffer, 0, size, from.bytes);
      const lines = buffer.subarray(0, count);
      const end = endOfLines(lines);
      if (end > 0) {
        const rows = lines.subarray(0, end).toString("utf8").trimEnd().split("\n");
        return {
          rows: rows.map((row) => JSON.parse(row)),
          next: { rows: from.rows + rows.length, bytes: from.bytes + end },
        };
      }
      if (count < size) return { rows: [], next: from };
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Behind the last line feed, or behind that of the last row that a request may have. */
function endOfLines(bytes: Buffer): number {
  let end = 0;
  for (let rows = 0; rows < MAX_ROWS; rows += 1) {
    const feed = bytes.indexOf(0x0a, end);
    if (feed < 0) break;
    end = feed + 1;
  }
  return end;
}
