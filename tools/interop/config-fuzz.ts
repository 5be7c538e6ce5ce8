import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { type Composition, composeSync, type PlanSweepOptions, planSweep } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import {
  ChoiceSweep,
  DictValue,
  GlobSweep,
  IntervalSweep,
  parseOverride,
  QuotedString,
  RangeSweep,
  sweepItems,
  writeValue,
} from "@episcope/config/override";
import { formatRaw, select, toData } from "@episcope/config/tree";
import { formatFloat, isFloat } from "@episcope/config/yaml";
import { EpiscopeError } from "@episcope/errors";
import { randomNumbers } from "@episcope/records/testing";
import { errorMismatch } from "../../packages/config/test/conformance/error-classes.js";
import { Draw, drawOverride } from "./fuzz-generators.js";
import { drawSweep } from "./fuzz-sweeps.js";
import { drawTree, type TreeCase } from "./fuzz-trees.js";

const MAX_ITEMS = 200;
/** Jobs of a sweep whose configs are compared. */
const MAX_CONFIGS = 3;
const { values: args } = parseArgs({
  options: {
    python: { type: "string" },
    overrides: { type: "string", default: "20000" },
    trees: { type: "string", default: "2000" },
    sweeps: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
  },
});
if (args.python === undefined) {
  console.error(
    "usage: node tools/interop/config-fuzz.mjs --python VENV_PYTHON [--overrides N] [--trees N] [--sweeps N] [--seed N]",
  );
  process.exit(2);
}

interface Answer {
  readonly ok?: Record<string, unknown>;
  readonly error?: string;
  readonly message?: string;
}

/** The real Hydra in a process of its own: one answer for each request, in order. */
const oracle = spawn(args.python, [process.env["CONFIG_FUZZ_ORACLE"]!], {
  stdio: ["pipe", "pipe", "inherit"],
});
const waiting: ((answer: Answer) => void)[] = [];
createInterface({ input: oracle.stdout }).on("line", (line) => waiting.shift()!(JSON.parse(line) as Answer));
oracle.on("exit", (code) => {
  if (waiting.length === 0) return;
  console.error(`the Python side ended with ${code} before it had answered`);
  process.exit(1);
});

function ask(request: unknown): Promise<Answer> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    oracle.stdin.write(`${JSON.stringify(request)}\n`);
  });
}

const work = mkdtempSync(join(tmpdir(), "config-fuzz-"));

function encode(value: unknown): unknown {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (isFloat(value)) {
    const number = Number(value);
    return Number.isFinite(number) && !Number.isInteger(number) ? number : { $float: formatFloat(number) };
  }
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return { $int: String(value) };
  if (value instanceof QuotedString) return { $quoted: value.text, quote: value.quote };
  if (Array.isArray(value)) return value.map(encode);
  if (value instanceof DictValue)
    return { $pairs: value.entries.map(([key, item]) => [encode(key), encode(item)]) };
  if (value instanceof Map) return { $pairs: [...value].map(([key, item]) => [encode(key), encode(item)]) };
  return { $sweep: encodeSweep(value) };
}

function encodeSweep(value: unknown): unknown {
  if (value instanceof ChoiceSweep) {
    return ["choice", value.simpleForm, value.shuffle, encode(value.list), [...value.tags].sort()];
  }
  if (value instanceof RangeSweep) {
    const bounds = [value.start, value.stop, value.step].map(encode);
    return ["range", ...bounds, value.shuffle, [...value.tags].sort()];
  }
  if (value instanceof IntervalSweep)
    return ["interval", encode(value.start), encode(value.end), [...value.tags].sort()];
  const glob = value as GlobSweep;
  return ["glob", encode(glob.include), encode(glob.exclude)];
}

function orError(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof EpiscopeError) return { $error: true };
    throw error;
  }
}

function ourOverride(text: string): Record<string, unknown> {
  const parsed = parseOverride(text);
  const { value } = parsed;
  const isSweep =
    value instanceof ChoiceSweep ||
    value instanceof RangeSweep ||
    value instanceof IntervalSweep ||
    value instanceof GlobSweep;
  const answer: Record<string, unknown> = {
    type: parsed.type,
    key: parsed.keyOrGroup,
    package: parsed.package ?? null,
    value_type: parsed.valueType ?? null,
    value: encode(value),
    text: isSweep ? null : orError(() => writeValue(value)),
  };
  if ((value instanceof ChoiceSweep || value instanceof RangeSweep) && !value.shuffle) {
    answer["items"] = orError(() => {
      const items: unknown[] = [];
      for (const item of sweepItems(parsed)) {
        if (items.length === MAX_ITEMS) break;
        items.push(encode(item));
      }
      return items;
    });
  }
  return answer;
}

let folders = 0;
function writeTree(files: TreeCase["files"]): string {
  const dir = join(work, String(folders++));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

/** The resolvers that the Python side registers too; they see values as they are, not as plain data. */
const RESOLVERS: NonNullable<PlanSweepOptions["resolvers"]> = {
  pick: { arity: { min: 1, max: 1 }, resolve: ({ args }) => args[0]! },
  join: { resolve: ({ args }) => args.map(formatRaw).join("") },
  all: { resolve: ({ args }) => [...args] },
};

function optionsFor(dir: string, tree: TreeCase): PlanSweepOptions {
  const { name, overrides, env } = tree;
  // There is no `HydraConfig` on the other side.
  const world = { env, now: new Date(), resolvers: RESOLVERS, hydraConfig: false };
  return { source: fileSource(dir), name, overrides, ...world };
}

function ourTree(dir: string, tree: TreeCase): Record<string, unknown> {
  const composition = composeSync(optionsFor(dir, tree));
  // First, before anything has asked for the tree.
  const plain = orError(() => encodePlain(composition.config));
  const { job } = composition;
  return {
    config: encode(toData(job)),
    yaml: composition.toYaml(),
    choices: encode(composition.choices),
    resolved: orError(() => encode(toData(job, { resolve: true }))),
    plain,
  };
}

/** `.config` in the words of the Python side: numbers have one kind, keys are texts. */
function encodePlain(value: unknown): unknown {
  if (typeof value === "number" && Number.isFinite(value)) return Object.is(value, -0) ? 0 : value;
  if (typeof value === "number") return { $float: formatFloat(value) };
  if (typeof value === "bigint") return { $int: String(value) };
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(encodePlain);
  return { $pairs: Object.entries(value).map(([key, item]) => [key, encodePlain(item)]) };
}

function ourSweep(dir: string, tree: TreeCase): Record<string, unknown> {
  const { batches } = planSweep(optionsFor(dir, tree));
  const jobs = (batch: (typeof batches)[number]): unknown => {
    // A sweeper composes all jobs of a batch before the first is launched.
    const composed = batch.jobs.map((job) => job.compose());
    return composed.map((composition, index) => [
      batch.jobs[index]!.overrides,
      hydraText(composition, "job.override_dirname"),
      hydraText(composition, "sweep.subdir"),
      index < MAX_CONFIGS ? encode(toData(composition.job)) : null,
    ]);
  };
  return { batches: batches.map((batch) => [batch.firstJob, jobs(batch)]) };
}

function hydraText(composition: Composition, key: string): unknown {
  return orError(() => String(select(composition.tree, `hydra.${key}`)));
}

/** What differs between the real answer and ours; undefined when nothing does. */
function difference(theirs: Answer, run: () => Record<string, unknown>): string | undefined {
  if (theirs.error !== undefined) refused += 1;
  let ours: Record<string, unknown>;
  try {
    ours = run();
  } catch (error) {
    if (theirs.error === undefined) {
      return `Hydra: ${JSON.stringify(theirs.ok)}\n  ours: ${error instanceof Error ? error.message : String(error)}`;
    }
    return errorMismatch(error, theirs.error);
  }
  if (theirs.ok === undefined)
    return `Hydra: ${theirs.error}: ${theirs.message}\n  ours: ${JSON.stringify(ours)}`;
  for (const [name, wanted] of Object.entries(theirs.ok)) {
    const isError = typeof wanted === "object" && wanted !== null && "$error" in wanted;
    const expected = isError ? { $error: true } : wanted;
    if (JSON.stringify(expected) !== JSON.stringify(ours[name])) {
      return `${name}\n  Hydra: ${JSON.stringify(wanted)}\n  ours:  ${JSON.stringify(ours[name])}`;
    }
  }
  return undefined;
}

async function checkOverride(text: string): Promise<string | undefined> {
  return difference(await ask({ override: text }), () => ourOverride(text));
}

function checkTree(tree: TreeCase): Promise<string | undefined> {
  return checkFiles("tree", tree, ourTree);
}

function checkSweep(tree: TreeCase): Promise<string | undefined> {
  return checkFiles("sweep", tree, ourSweep);
}

async function checkFiles(
  kind: string,
  tree: TreeCase,
  ours: (dir: string, tree: TreeCase) => Record<string, unknown>,
): Promise<string | undefined> {
  const dir = writeTree(tree.files);
  const { name, overrides, env } = tree;
  const found = difference(await ask({ kind, dir, name, overrides, env }), () => ours(dir, tree));
  rmSync(dir, { recursive: true, force: true });
  return found;
}

/** Takes away what can be taken away while the answers still differ. */
async function shrink<T>(
  start: T,
  smaller: (value: T) => T[],
  differs: (value: T) => Promise<boolean>,
): Promise<T> {
  let best = start;
  for (let progress = true; progress; ) {
    progress = false;
    for (const candidate of smaller(best)) {
      if (!(await differs(candidate))) continue;
      best = candidate;
      progress = true;
      break;
    }
  }
  return best;
}

function shorterTexts(text: string): string[] {
  const found: string[] = [];
  for (const size of [8, 3, 1]) {
    for (let at = 0; at + size <= text.length; at++) found.push(text.slice(0, at) + text.slice(at + size));
  }
  return found;
}

function smallerTrees(tree: TreeCase): TreeCase[] {
  const found: TreeCase[] = tree.overrides.map((_, index) => ({
    ...tree,
    overrides: tree.overrides.toSpliced(index, 1),
  }));
  for (const name of Object.keys(tree.env)) {
    const env = { ...tree.env };
    delete env[name];
    found.push({ ...tree, env });
  }
  for (const [name, text] of Object.entries(tree.files)) {
    if (name !== "config.yaml") {
      const files = { ...tree.files };
      delete files[name];
      found.push({ ...tree, files });
    }
    const lines = text.split("\n");
    for (let at = 0; at < lines.length - 1; at++) {
      found.push({ ...tree, files: { ...tree.files, [name]: lines.toSpliced(at, 1).join("\n") } });
    }
  }
  return found;
}

const draw = new Draw(randomNumbers(Number(args.seed)));
const differences: string[] = [];
/** Answers of Hydra that were errors. */
let refused = 0;

async function run<T>(
  kind: string,
  count: number,
  make: () => T,
  check: (value: T) => Promise<string | undefined>,
  smaller: (value: T) => T[],
): Promise<void> {
  const size = 200;
  const before = refused;
  let done = 0;
  while (done < count && differences.length < 10) {
    const values = Array.from({ length: Math.min(size, count - done) }, make);
    const results = await Promise.all(values.map(check));
    done += values.length;
    for (const [index, result] of results.entries()) {
      if (result === undefined || differences.length >= 10) continue;
      const least = await shrink(
        values[index]!,
        smaller,
        async (value) => (await check(value)) !== undefined,
      );
      differences.push(`${kind} ${JSON.stringify(least)}\n  ${await check(least)}`);
    }
  }
  console.log(`${kind}s: ${done} compared, ${refused - before} of them refused by Hydra`);
}

await run("override", Number(args.overrides), () => drawOverride(draw), checkOverride, shorterTexts);
await run("tree", Number(args.trees), () => drawTree(draw), checkTree, smallerTrees);
await run("sweep", Number(args.sweeps), () => drawSweep(draw), checkSweep, smallerTrees);
oracle.stdin.end();
rmSync(work, { recursive: true, force: true });
for (const text of differences) console.log(`\nDIFFERENCE ${text}`);
console.log(`\n${differences.length} differences (seed ${args.seed})`);
process.exitCode = differences.length === 0 ? 0 : 1;
