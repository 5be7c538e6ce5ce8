// A renderer for worker threads that does what its options ask for at certain steps. Each worker that loads it adds a
// line to `starts`.
import { appendFileSync } from "node:fs";
import { definePlugin, type Renderer } from "@episcope/core";

interface Options {
  readonly starts: string;
  readonly how: "exit" | "throw" | "abort" | "hang" | "never";
  /** At every n-th step from this on; left out: at all. */
  readonly every?: number;
}

// biome-ignore lint/style/noDefaultExport: a plugin module has one.
export default definePlugin<"renderer", Options>({
  kind: "renderer",
  name: "faulty",
  options: {
    type: "object",
    additionalProperties: false,
    required: ["starts", "how"],
    properties: {
      starts: { type: "string" },
      how: { enum: ["exit", "throw", "abort", "hang", "never"] },
      every: { type: "integer", minimum: 1 },
    },
  },
  create({ starts, how, every = 1 }): Renderer {
    appendFileSync(starts, `${process.pid}\n`);
    return {
      mediaType: "text/plain",
      extension: "txt",
      kinds: ["step"],
      render(view) {
        if (view.kind === "step" && view.step % every === every - 1) misbehave(how);
        return Buffer.from("drawn");
      },
    };
  },
});

function misbehave(how: Options["how"]): void {
  if (how === "exit") process.exit(3);
  if (how === "throw") throw new Error("as asked");
  // A heap that is too large ends the thread as a segmentation fault of native code would: without a word to it.
  if (how === "abort") {
    const kept: unknown[] = [];
    for (;;) kept.push(new Array(1e6).fill(kept.length));
  }
  if (how === "hang") for (;;);
}
