import {
  type ComposeOptions,
  type Composition,
  compose,
  composeSync,
  type Resolver,
} from "../../src/index.js";
import {
  type DictNode,
  isContainer,
  missingKeys,
  type RawValue,
  select,
  toData,
  toPlain,
} from "../../src/tree.js";
import type { Adapter } from "./adapter.js";
import type { Case, Json } from "./cases.js";
import { compareOutcome } from "./compare.js";
import { encodeData } from "./data-encoding.js";
import { sameJson } from "./encoding.js";
import { errorMismatch } from "./error-classes.js";
import { versionBaseOf, World } from "./world.js";

/** The time that every vector sees. */
export const NOW = new Date(2024, 2, 9, 12, 34, 56, 789);

/** Hydra registers the version of Python as a resolver; here the program has to. */
const RESOLVERS: ReadonlyMap<string, Resolver> = new Map([
  ["python_version", { resolve: ({ args }) => (args[0] === "major" ? "3" : "3.11") }],
]);

export const runComposeCase: Adapter = (testCase, trees) => {
  const world = new World(trees);
  return compareOutcome(testCase, async () => {
    const composition = await compose(composeOptions(testCase, world));
    const problem = plainMismatch(composition);
    if (problem !== undefined) throw new Error(problem);
    return world.leave(describe(composition, testCase, world));
  });
};

/** The options of composing that a case asks for. */
export function composeOptions(testCase: Case, world: World): ComposeOptions {
  const { input } = testCase;
  return {
    source: world.sources(input, versionBaseOf(testCase)),
    store: world.store(input),
    name: (input["config_name"] ?? undefined) as string | undefined,
    overrides: world.overrides(input),
    versionBase: versionBaseOf(testCase),
    mode: input["run_mode"] === "MULTIRUN" ? "multirun" : "run",
    validateSweeps: input["validate_sweep_overrides"] !== false,
    jobName: (input["job_name"] ?? "app") as string,
    env: world.environment(input),
    now: NOW,
    cwd: world.cwd,
    hydraConfig: input["set_hydra_config"] === true,
    openSource: (path, provider) =>
      /^(?!file|pkg)[a-z]+:/.test(path) ? undefined : world.open(path, provider),
    resolvers: RESOLVERS,
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
    overrides: encodeData(toData(select(tree, "hydra.overrides") as DictNode)),
    override_dirname: overrideDirname(composition, testCase, world),
    resolved: attempt(() => toData(job, { resolve: true }), field(expected, "resolved"), world),
  };
  const resolved = result["resolved"] as { value?: Json };
  if ("value" in resolved && sameJson(resolved.value, config)) result["resolved"] = "same";
  if (!JSON.stringify(config).includes("${")) {
    const missing = missingKeys(job);
    if (missing.length > 0) result["missing_keys"] = [...missing].sort();
  }
  if (input["return_hydra_config"] === true) {
    const hydra = new Map(
      toData(tree.peek("hydra") as DictNode, { enumToText: true }) as ReadonlyMap<string, RawValue>,
    );
    hydra.delete("help");
    hydra.delete("hydra_help");
    result["hydra"] = encodeData(hydra);
    const values = Object.entries((expected["hydra_values"] ?? {}) as Record<string, Json>);
    result["hydra_values"] = Object.fromEntries(
      values.map(([key, wanted]) => [key, hydraValue(tree, key, wanted, world)]),
    );
  }
  return result;
}

/** The data must be that of the tree, however it was made. */
function plainMismatch(composition: Composition): string | undefined {
  let config: unknown;
  try {
    config = composition.config;
  } catch {
    // Missing values and failing interpolations are compared by the fields of the case.
    return undefined;
  }
  const show = (value: unknown): string =>
    JSON.stringify(value, (_, item) =>
      item instanceof Map
        ? [...item]
        : typeof item === "bigint" || Object.is(item, -0)
          ? `${String(item)}n`
          : item,
    );
  const ofTree = show(toPlain(composition.job, { resolve: true }));
  return show(config) === ofTree ? undefined : `config is ${show(config)}, its tree says ${ofTree}`;
}

/** Read before the node is set, as the vectors were made: a `${hydra:…}` in it is an error. */
function overrideDirname(composition: Composition, testCase: Case, world: World): Json {
  const unset = composition.overrides.task.some((text) => text.includes("${hydra:"));
  const { tree } = unset
    ? composeSync({ ...composeOptions(testCase, world), hydraConfig: false })
    : composition;
  const read = (): Json => select(tree, "hydra.job.override_dirname") as string;
  try {
    return read();
  } catch {
    return attempt(
      read,
      field((testCase.expect.ok ?? {}) as Record<string, Json>, "override_dirname"),
      world,
    );
  }
}

function field(record: Record<string, Json>, name: string): Json | undefined {
  return record[name];
}

function dataAt(tree: DictNode, key: string): RawValue {
  const found = select(tree, key, { throwOnMissing: true });
  return isContainer(found) ? (toData(found, { resolve: true }) as RawValue) : found;
}

/** A value of Hydra's node. The vectors hold scalars only: a list is marked as one. */
function hydraValue(tree: DictNode, key: string, expected: Json, world: World): Json {
  const found = attempt(() => dataAt(tree, key), expected, world);
  const { value } = found as { value?: Json };
  return Array.isArray(value) ? { error: { class: "NotEncodable", message: "ListConfig" } } : found;
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
