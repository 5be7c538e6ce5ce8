// A process of its own: records 40,000 steps in ticks of 100 and prints how many garbage collections there were, and how
// many with the same loop and nothing recorded. For the bench `pipeline`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PerformanceObserver } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { StepInput } from "@episcope/core";
import { loadPairs, walk, wholeGrids } from "./arc-steps.js";
import { openBenchRun } from "./recording-run.js";

const STEPS = 40_000;
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const steps = wholeGrids(walk(loadPairs(), 512, 1));
let collections = 0;
let milliseconds = 0;
const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    collections += 1;
    milliseconds += entry.duration;
  }
});
observer.observe({ entryTypes: ["gc"] });

async function count(
  take: (input: StepInput) => unknown,
): Promise<{ collections: number; milliseconds: number }> {
  for (let step = 0; step < 5_000; step++) take(steps[step & 511]!);
  collect();
  await new Promise((resolve) => setTimeout(resolve, 50));
  collections = 0;
  milliseconds = 0;
  for (let step = 0; step < STEPS; step++) {
    take(steps[step & 511]!);
    if (step % 100 === 99) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { collections, milliseconds };
}

const base = mkdtempSync(join(tmpdir(), "episcope-bench-"));
const run = await openBenchRun(base);
const { after } = steps[0]!;
const episode = run.startEpisode({ taskId: "t", initial: after, target: after });
const nothing = await count(() => {});
const recorded = await count((input) => episode.step(input));
await episode.end();
await run.close();
rmSync(base, { recursive: true, force: true });
observer.disconnect();
console.log(JSON.stringify({ steps: STEPS, nothing, recorded }));
