import { planSweep, type SweepJob } from "../../src/index.js";
import { parseOverride, splitSweep } from "../../src/override.js";
import { type DictNode, select, toData } from "../../src/tree.js";
import type { Adapter } from "./adapter.js";
import type { Case, Json } from "./cases.js";
import { compareOutcome } from "./compare.js";
import { composeOptions } from "./compose.js";
import { encodeData } from "./data-encoding.js";
import { versionBaseOf, World } from "./world.js";

/** Jobs of a batch whose config a vector holds, unless it says otherwise. */
const MAX_CONFIGS = 6;

/** Hydra's own callbacks: the program that the vectors were recorded with has them. */
const CALLBACKS: ReadonlySet<string> = new Set([
  "hydra.experimental.callbacks.PickleJobInfoCallback",
  "hydra.experimental.callbacks.LogJobReturnCallback",
]);

/** Those of 1.4. */
const CALLBACKS_14: ReadonlySet<string> = new Set(["hydra.experimental.callbacks.LogJobReturnCallback"]);

export const runSweepCase: Adapter = (testCase, trees) => {
  const { input } = testCase;
  const world = new World(trees);
  return compareOutcome(testCase, () =>
    input["op"] === "split" ? split(testCase, world) : world.leave(sweep(testCase, world)),
  );
};

function split(testCase: Case, world: World): Record<string, Json> {
  const { input } = testCase;
  const size = input["max_batch_size"];
  const versionBase = versionBaseOf(testCase);
  const overrides = world.overrides(input).map((text) => parseOverride(text, { versionBase }));
  const batches = splitSweep(overrides, {
    versionBase,
    ...(typeof size === "number" ? { maxBatchSize: size } : {}),
  });
  return { batches: batches as unknown as Json };
}

function sweep(testCase: Case, world: World): Record<string, Json> {
  const { input } = testCase;
  const maxConfigs = (input["max_configs"] ?? MAX_CONFIGS) as number;
  const options = {
    ...composeOptions(testCase, world),
    hydraConfig: true,
    callbacks: testCase.version === "1.4" ? CALLBACKS_14 : CALLBACKS,
  };
  const { batches } = planSweep(options);
  return {
    batches: batches.map(({ firstJob, jobs }) => {
      // A sweeper composes all jobs of a batch before the first is launched.
      for (const job of jobs) job.compose();
      return {
        initial_job_idx: firstJob,
        jobs: jobs.map((job, index) => describeJob(job, index < maxConfigs)),
      };
    }),
  };
}

function describeJob(job: SweepJob, withConfig: boolean): Json {
  const composition = job.compose();
  const tree: DictNode = composition.tree;
  return {
    overrides: job.overrides,
    override_dirname: select(tree, "hydra.job.override_dirname") as string,
    subdir: select(tree, "hydra.sweep.subdir") as string,
    ...(withConfig ? { config: encodeData(toData(composition.job)) } : {}),
  };
}
