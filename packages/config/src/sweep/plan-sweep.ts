import { type ComposeOptions, composeSync } from "../compose/compose.js";
import type { Composition } from "../compose/composition.js";
import type { OverrideInput } from "../compose/session.js";
import { parseOverride } from "../override/parse-override.js";
import { rulesOf } from "../version/rules.js";
import { batchSizeInvalid, pluginTargetUnknown } from "./errors.js";
import { type JobOverrides, splitSweep } from "./split-sweep.js";
import { checkController } from "./sweep-controller.js";
import { sweeperParams } from "./sweeper-params.js";

export interface PlanSweepOptions extends ComposeOptions {
  /** `_target_`s of callbacks that the program runs; a config that names another one is refused. Default: none. */
  readonly callbacks?: ReadonlySet<string>;
  /** Jobs that the sweep may have. Default: `MAX_SWEEP_JOBS`. */
  readonly maxJobs?: number;
}

export interface SweepJob {
  /** Number of the job in the sweep, from 0. */
  readonly number: number;
  readonly overrides: JobOverrides;
  /** Composes the config of the job; `hydra.job.num` and `hydra.job.id` are its number. */
  readonly compose: () => Composition;
}

export interface SweepBatch {
  /** Number of its first job. */
  readonly firstJob: number;
  readonly jobs: readonly SweepJob[];
}

export interface SweepPlan {
  /** The config that the sweep itself runs under. */
  readonly master: Composition;
  readonly batches: readonly SweepBatch[];
}

const BASIC_SWEEPER = "hydra._internal.core_plugins.basic_sweeper.BasicSweeper";

/**
 * What Hydra's basic sweeper would run: `hydra.sweeper.params` and the overrides, taken apart into jobs and batches.
 * Pure; nothing is launched. A launcher composes every job of a batch before it starts the first.
 */
export function planSweep(options: PlanSweepOptions): SweepPlan {
  const given = options.overrides ?? [];
  // With the mode `multirun` the config says so itself.
  const inputs: readonly OverrideInput[] =
    options.mode === "multirun" ? given : [...given, "hydra.mode=MULTIRUN"];
  const master = composeSync({ ...options, overrides: inputs, mode: "multirun" });
  const { sweeper, callbacks } = pluginsOf(master);
  if (sweeper["_target_"] !== BASIC_SWEEPER)
    throw pluginTargetUnknown("hydra.sweeper", sweeper["_target_"], [BASIC_SWEEPER]);
  for (const [name, target] of callbacks) {
    if (options.callbacks?.has(String(target)) === true) continue;
    throw pluginTargetUnknown(`hydra.callbacks.${name}`, target, [...(options.callbacks ?? [])]);
  }
  // Where the sweep goes has to be known before its first job.
  master.value("hydra.sweep.dir");
  const texts = [...sweeperParams(master.tree), ...master.overrides.task];
  const random = options.random ?? Math.random;
  const batches = splitSweep(
    texts.map((text) => parseOverride(text, { random, versionBase: options.versionBase ?? "1.3" })),
    {
      maxBatchSize: batchSizeOf(sweeper["max_batch_size"]),
      versionBase: options.versionBase ?? "1.3",
      groupOptions: (group) => master.groupOptions(group),
      random,
      ...(options.maxJobs === undefined ? {} : { maxJobs: options.maxJobs }),
    },
  );
  let number = 0;
  return {
    master,
    batches: batches.map((jobs) => ({
      firstJob: number,
      jobs: jobs.map((overrides) => jobOf(options, master, overrides, number++)),
    })),
  };
}

function jobOf(
  options: PlanSweepOptions,
  master: Composition,
  overrides: JobOverrides,
  number: number,
): SweepJob {
  return {
    number,
    overrides,
    compose: () => {
      const job = composeSync({
        ...options,
        overrides: [...master.overrides.hydra, ...overrides],
        mode: "run",
        sweep: master,
        jobNumber: number,
        // They have been replaced already: what an alias stands for may be the name of another.
        expandAliases: false,
      });
      if (rulesOf(options.versionBase).fixedSweepController) checkController(master, job);
      return job;
    },
  };
}

function batchSizeOf(value: unknown): number | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== "number") throw batchSizeInvalid(Number(value));
  return value;
}

/** The settings of the sweeper and the targets of the callbacks. */
function pluginsOf(master: Composition): {
  sweeper: Record<string, unknown>;
  callbacks: readonly (readonly [string, unknown])[];
} {
  const sweeper = master.value("hydra.sweeper");
  if (typeof sweeper !== "object" || sweeper === null)
    throw pluginTargetUnknown("hydra.sweeper", sweeper, [BASIC_SWEEPER]);
  const callbacks = (master.value("hydra.callbacks") ?? {}) as Record<string, { _target_?: unknown } | null>;
  return {
    sweeper: sweeper as Record<string, unknown>,
    callbacks: Object.entries(callbacks).flatMap(([name, node]) =>
      node === null || typeof node !== "object" || node._target_ === undefined
        ? []
        : [[name, node._target_] as const],
    ),
  };
}
