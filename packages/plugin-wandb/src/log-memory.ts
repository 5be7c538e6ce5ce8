import type { FileSystem } from "@episcope/records/store";
import { LogTail } from "./format/log-tail.js";
import type { WandbItem } from "./format/wandb-records.js";
import type { RunSummary } from "./history/run-summary.js";
import type { EpisodeTable } from "./run/episode-table.js";
import type { MetricDefinitions } from "./run/metric-definitions.js";

export interface LogMemory {
  readonly definitions: MetricDefinitions;
  readonly summary: RunSummary;
  readonly table: EpisodeTable;
}

/** Of what stands in a log up to a length. */
export interface LogCounts {
  readonly records: number;
  readonly files: number;
  readonly artifacts: number;
}

/**
 * Reads a log up to a length, so that its writer knows again what it had said: axes, the summary and the episodes. Returns what it
 * counted.
 */
export function rememberLog(
  fs: FileSystem,
  path: string,
  length: number,
  { definitions, summary, table }: LogMemory,
): LogCounts {
  const tail = new LogTail(fs, path);
  tail.limit = length;
  const counts = { records: 0, files: 0, artifacts: 0 };
  try {
    for (let record = tail.next(); record !== null; record = tail.next()) {
      counts.records += 1;
      if (record.kind === "history") {
        const fields = plainFields(record.items);
        summary.update(fields);
        table.note(fields);
      } else if (record.kind === "summary") summary.noteWritten(plainFields(record.items));
      else if (record.kind === "files") counts.files += record.paths.length;
      else if (record.kind === "artifact") counts.artifacts += 1;
      else if (record.kind === "metric") {
        const { name, glob } = record.metric;
        definitions.noteWritten(name ?? glob ?? "");
      }
    }
  } finally {
    tail.close();
  }
  return counts;
}

function plainFields(items: readonly WandbItem[]): Map<string, string> {
  return new Map(items.flatMap(({ key, json }) => (typeof key === "string" ? [[key, json] as const] : [])));
}
