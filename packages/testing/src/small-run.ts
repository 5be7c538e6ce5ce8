import {
  definePlugin,
  type OpenRunOptions,
  type PluginDefinition,
  type Renderer,
  type Sink,
  type SinkItem,
} from "@episcope/core";
import { createGrid, type Grid, type View } from "@episcope/records";
import { createManualClock } from "@episcope/records/testing";
import { collectLines } from "./collect-lines.js";
import type { TestDisk } from "./memory-disk.js";

/** The target of the small episodes: 2 by 2, all painted. */
export const target: Grid = createGrid(2, 2, 1);
/** Where they begin. */
export const blank: Grid = createGrid(2, 2, 0);

/** A grid with the first `count` of its four cells painted like the target. */
export function painted(count: number): Grid {
  const data = new Uint8Array(4);
  data.fill(1, 0, count);
  return { shape: [2, 2], data };
}

/** Draws a view as a line of text. */
export const textRenderer: PluginDefinition<"renderer"> = definePlugin({
  kind: "renderer",
  name: "text",
  create: (): Renderer => ({
    mediaType: "text/plain",
    extension: "txt",
    kinds: ["step", "summary"],
    render: (view) => Buffer.from(describe(view)),
  }),
});

function describe(view: View): string {
  if (view.kind === "step") return `step ${view.step} of ${view.episode.task_id}: ${view.reasons.join(" ")}`;
  if (view.kind === "summary") return `${view.outcome} after ${view.totals.steps}`;
  return view.kind;
}

/** A sink that keeps what it gets. */
export function memorySink(accepts: readonly string[], items: SinkItem[] = []): PluginDefinition<"sink"> {
  return definePlugin({
    kind: "sink",
    name: "memory",
    create: (): Sink => ({ accepts, write: (batch) => void items.push(...batch) }),
  });
}

/** Options of a run on a disk in memory: a clock that stands still, messages that nobody sees, `textRenderer`. */
export function runOptions(disk: TestDisk, more: OpenRunOptions = {}): OpenRunOptions {
  return {
    fs: disk.fs,
    cwd: "/project",
    clock: createManualClock(),
    logger: collectLines().logger,
    plugins: [textRenderer],
    process: null,
    ...more,
  };
}
