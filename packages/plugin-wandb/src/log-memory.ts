import type { FileSystem } from "@episcope/records/store";
import { LogTail } from "./format/log-tail.js";
import type { WandbItem } from "./format/wandb-records.js";
import type { RunSummary } from "./history/run-summary.js";
import type { MetricDefinitions } from "./run/metric-definitions.js";

/**
 * Reads a log up to a length, so that its writer knows again what it had said: axes and the summary. Returns the number of
 * records.
 */
export function rememberLog(
  fs: FileSystem,
  path: string,
  length: number,
  { definitions, summary }: { readonly definitions: MetricDefinitions; readonly summary: RunSummary },
): number {
  const tail = new LogTail(fs, path);
  tail.limit = length;
  let records = 0;
  try {
    for (let record = tail.next(); record !== null; record = tail.next()) {
      records += 1;
      if (record.kind === "history") summary.update(plainFields(record.items));
      else if (record.kind === "summary") summary.noteWritten(plainFields(record.items));
      else if (record.kind === "metric") {
        const { name, glob } = record.metric;
        definitions.noteWritten(name ?? glob ?? "");
      }
    }
  } finally {
    tail.close();
  }
  return records;
}

function plainFields(items: readonly WandbItem[]): Map<string, string> {
  return new Map(items.flatMap(({ key, json }) => (typeof key === "string" ? [[key, json] as const] : [])));
}
