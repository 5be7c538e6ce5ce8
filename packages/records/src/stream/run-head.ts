import { join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { JournalReader } from "../journal/journal-reader.js";
import { readLogEnd } from "../log/log-end.js";
import { LOG_DIRECTORY } from "../log/segments.js";
import { journalsOf } from "./run-stream.js";

/** Position behind the last record of a run: by its log where there is one, else by its journals. 0 for runs of version 1. */
export function runHead(fs: FileSystem, runDir: string, left?: string): number {
  const end = readLogEnd(fs, join(runDir, LOG_DIRECTORY));
  if (end !== null) return end.next;
  let head = 0;
  for (const { path, positions } of journalsOf(fs, runDir, left))
    head = Math.max(head, (positions?.last ?? lastOf(fs, path)) + 1);
  return head;
}

function lastOf(fs: FileSystem, path: string): number {
  try {
    using journal = new JournalReader(path, { fs });
    return journal.index.positions?.last ?? -1;
  } catch {
    // A journal that cannot be read at all: `verify` tells it.
    return -1;
  }
}
