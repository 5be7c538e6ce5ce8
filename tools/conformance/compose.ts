import {
  type ComposeOptions,
  type Composition,
  compose,
  type DictNode,
  missingKeys,
  type RawValue,
  select,
  toData,
} from "@episcope/config";
import type { Adapter } from "./adapter.js";
import type { Case, Json } from "./cases.js";
import { compareOutcome } from "./compare.js";
import { encodeData } from "./data-encoding.js";
import { sameJson } from "./encoding.js";
import { errorMismatch } from "./error-classes.js";
import { versionBaseOf, World } from "./world.js";

/** The time that every vector sees. */
export const NOW = new Date(2024, 2, 9, 12, 34, 56, 789);

export const runComposeCase: Adapter = (testCase, trees) => {
  const { input } = testCase;
  const world = new World(trees);
  return compareOutcome(testCase, async () => {
    const composition = await compose(composeOptions(input, world));
    return world.leave(describe(composition, testCase, world));
  });
};

/** The options of composing that a case asks for. */
export function composeOptions(input: Case["input"], world: World): ComposeOptions {
  return {
    source: world.sources(input),
    store: world.store(input),
    name: (input["config_name"] ?? undefined) as string | undefined,
    overrides: world.overrides(input),
    versionBase: versionBaseOf(input),
    mode: input["run_mode"] === "MULTIRUN" ? "multirun" : "run",
    validateSweeps: input["validate_sweep_overrides"] !== false,
    jobName: (input["job_name"] ?? "app") as string,
    env: world.environment(input),
    now: NOW,
    cwd: world.cwd,
    hydraConfig: input["set_hydra_config"] === true,
    openSource: (path, provider) => world.open(path, provider),
  };
}

function describe(composition: Composition, testCase: Case, world: World): Record<string, Json> {
  const { input } = testCase;
  const expected = (testCase.expect.ok ?? {}) as Record<string, Json>;
  const { job, tree } = composition;
  const config = encodeData(toData(job));
  const result: Record<string, Json> = {
    config,
    yaml: composition.toYaml(),
    choices: encodeData(dataAt(tree, "hydra.runtime.choices")),
    overrides: encodeData(dataAt(tree, "hydra.overrides")),
    override_dirname: select(tree, "hydra.job.override_dirname") as string,
    resolved: attempt(() => toData(job, { resolve: true }), field(expected, "resolved"), world),
  };
  const resolved = result["resolved"] as { value?: Json };
  if ("value" in resolved && sameJson(resolved.value, config)) result["resolved"] = "same";
  if (!JSON.stringify(config).includes("${")) {
    const missing = missingKeys(job);
    if (missing.length > 0) result["missing_keys"] = missing;
  }
  if (input["return_hydra_config"] === true) {
    const hydra = new Map(toData(tree.peek("hydra") as DictNode) as ReadonlyMap<string, RawValue>);
    hydra.delete("help");
    hydra.delete("hydra_help");
    result["hydra"] = encodeData(hydra);
    const values = Object.entries((expected["hydra_values"] ?? {}) as Record<string, Json>);
    result["hydra_values"] = Object.fromEntries(
      values.map(([key, wanted]) => [key, attempt(() => dataAt(tree, key), wanted, world)]),
    );
  }
  return result;
}

function field(record: Record<string, Json>, name: string): Json | undefined {
  return record[name];
}

function dataAt(tree: DictNode, key: string): RawValue {
  const found = select(tree, key, { throwOnMissing: true });
  return typeof found === "object" && found !== null && "parent" in found
    ? (toData(found as DictNode, { resolve: true }) as RawValue)
    : found;
}

/** `{value}`, or the expected `{error}` where ours is of its class. */
function attempt(run: () => unknown, expected: Json | undefined, world: World): Json {
  try {
    return { value: world.leave(encodeData(run() as RawValue)) };
  } catch (error) {
    const wanted = (expected as { error?: { class: string } } | undefined)?.error;
    if (wanted !== undefined && errorMismatch(error, wanted.class) === undefined) return expected!;
    return { error: error instanceof Error ? `${error.message}` : String(error) };
  }
}
