import type { FileSystem } from "@episcope/records/store";
import { readFields } from "./protobuf-reader.js";
import { ProtobufWriter } from "./protobuf-writer.js";
import { frameRecords, type LogEnd, type ReadAt, readRecords } from "./transaction-log.js";
import { encodeRecord, RECORD_FIELDS } from "./wandb-records.js";

export interface LogRecovery {
  /** Whole records that are kept. */
  readonly records: number;
  /** Bytes after the last whole record; they are cut off. */
  readonly cutBytes: number;
  /** Why they were cut; null where nothing was wrong. */
  readonly problem: string | null;
  /** Whether an exit record was missing and has been added. */
  readonly addedExit: boolean;
}

export interface RecoverOptions {
  /** Given where the run is known to be over: the exit code to note if the log has none. */
  readonly exitCode?: number;
}

/**
 * Cuts a log after its last whole record, which the official readers need: they stop at the first broken chunk
 * and, worse, upload a torn log twice. The process that wrote it must be gone.
 */
export function recoverLog(fs: FileSystem, path: string, options: RecoverOptions = {}): LogRecovery {
  const descriptor = fs.openSync(path, "r+");
  try {
    const size = fs.fstatSync(descriptor).size;
    const { end, records, lastNumber, hasExit } = scan(readAtFile(fs, descriptor));
    if (end.offset < size) fs.ftruncateSync(descriptor, end.offset);
    const addExit = options.exitCode !== undefined && !hasExit && end.offset > 0;
    if (addExit) {
      const exit = encodeRecord(new ProtobufWriter(), lastNumber + 1, {
        kind: "exit",
        exitCode: options.exitCode,
        runtime: 0,
      });
      const bytes = frameRecords([exit], end.offset);
      fs.writeSync(descriptor, bytes, 0, bytes.length, end.offset);
    }
    return { records, cutBytes: size - end.offset, problem: end.problem, addedExit: addExit };
  } finally {
    fs.closeSync(descriptor);
  }
}

function scan(readAt: ReadAt): { end: LogEnd; records: number; lastNumber: number; hasExit: boolean } {
  const reader = readRecords(readAt);
  let records = 0;
  let lastNumber = 0;
  let hasExit = false;
  for (;;) {
    const next = reader.next();
    if (next.done === true) return { end: next.value, records, lastNumber, hasExit };
    records += 1;
    for (const { field, value } of readFields(next.value)) {
      if (field === RECORD_FIELDS.num && typeof value === "number") lastNumber = value;
      if (field === RECORD_FIELDS.exit) hasExit = true;
    }
  }
}

/** Reads from an open file, a block at a time. */
function readAtFile(fs: FileSystem, descriptor: number): ReadAt {
  return (offset, length) => {
    const buffer = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const count = fs.readSync(descriptor, buffer, filled, length - filled, offset + filled);
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  };
}
