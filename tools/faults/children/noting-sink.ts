// A sink that notes in a file what it is given, a line for each item, and takes its time.
import { appendFileSync } from "node:fs";
import { definePlugin, type Sink } from "@episcope/core";

// biome-ignore lint/style/noDefaultExport: a plugin module has one.
export default definePlugin<"sink", { readonly file: string }>({
  kind: "sink",
  name: "noting",
  options: {
    type: "object",
    additionalProperties: false,
    required: ["file"],
    properties: { file: { type: "string" } },
  },
  create: ({ file }): Sink => ({
    accepts: ["run-start", "episode-start", "step", "episode-end", "picture/txt"],
    write: async (batch) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      appendFileSync(file, batch.map(({ position, type }) => `${position} ${type}\n`).join(""));
    },
  }),
});
