import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { definePlugin, type SinkItem } from "@episcope/core";

interface Options {
  readonly file: string;
  readonly separator: string;
}

/** Writes one line per step into a CSV file in the run's directory. */
export default definePlugin<"sink", Options>({
  kind: "sink",
  name: "csv",
  // Checked before the run opens; defaults are filled in.
  options: {
    type: "object",
    additionalProperties: false,
    properties: {
      file: { type: "string", pattern: "^[A-Za-z0-9._-]+$", default: "steps.csv" },
      separator: { enum: [",", ";", "\t"], default: "," },
    },
  },
  create({ file, separator }, { paths }) {
    const path = join(paths.runDir, file);
    const line = (cells: readonly unknown[]) => `${cells.join(separator)}\n`;
    appendFileSync(path, line(["episode", "step", "operation", "reward", "similarity", "key"]));
    return {
      accepts: ["step"],
      // Batches come in order and never two at once; an error here is counted and costs nobody else anything.
      write(batch) {
        appendFileSync(path, batch.map((item) => line(cellsOf(item))).join(""));
      },
    };
  },
});

function cellsOf(item: SinkItem): readonly unknown[] {
  if (item.type !== "step" || !("record" in item) || item.record.type !== "step") return [];
  const { step, action, reward } = item.record;
  return [item.episode, step, action.operation, reward, item.similarity, item.key];
}
