import { join } from "node:path";
import type { RecordCounts } from "../coding/decisions.js";
import type { FileSystem } from "../disk/file-system.js";
import { readLogEnd } from "../log/log-end.js";
import { LOG_DIRECTORY } from "../log/segments.js";
import { OutputsFile, type RunTally } from "../store/outputs-file.js";
import { RunStream } from "./run-stream.js";

/**
 * What a run has in all: by the log where it is there, else as the owner kept it when the log went, else counted from the
 * journals.
 */
export function tallyRun(fs: FileSystem, runDir: string): RunTally {
  const end = readLogEnd(fs, join(runDir, LOG_DIRECTORY));
  if (end !== null) return { ...end.tally, next: end.next };
  return OutputsFile.open(fs, runDir).tally ?? countItems(fs, runDir);
}

function countItems(fs: FileSystem, runDir: string): RunTally {
  const records: { -readonly [Type in keyof RecordCounts]: RecordCounts[Type] } = {};
  let drawn = 0;
  using stream = new RunStream(runDir, { fs });
  for (let item = stream.next(); item !== null; item = stream.next()) {
    const { type } = item.record;
    records[type] = (records[type] ?? 0) + 1;
    if (item.decisions.draw === true) drawn += 1;
  }
  return { records, drawn, next: stream.position };
}
