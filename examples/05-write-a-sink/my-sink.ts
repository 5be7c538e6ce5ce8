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
  // Where it stands, so that a program that imports it may have it built in another thread.
  module: import.meta.url,
  // Checked before the run opens; defaults are filled in.
  options: {
    type: "object",
    additionalProperties: false,
    properties: {
      file: { type: "string", pattern: "^[A-Za-z0-9._-]+$", default: "steps.csv" },
      separator: { enum: [",", ";", "\t"], default: "," },
    },
  },
  create({ file, separator }, { paths, fs }) {
    const path = join(paths.runDir, file);
    const line = (cells: readonly unknown[]) => `${cells.join(separator)}\n`;
    // `fs` is node:fs, or what the program has in its place: so the sink works in memory too.
    fs.appendFileSync(path, line(["episode", "step", "operation", "reward", "similarity", "key"]));
    return {
      accepts: ["step"],
      // Batches come in order and never two at once; an error here is counted and costs nobody else anything.
      write(batch) {
        fs.appendFileSync(path, batch.map((item) => line(cellsOf(item))).join(""));
      },
    };
  },
});

function cellsOf(item: SinkItem): readonly unknown[] {
  if (item.type !== "step" || !("record" in item) || item.record.type !== "step") return [];
  const { step, action, reward } = item.record;
  return [item.episode, step, action.operation, reward, item.similarity, item.key];
}
