import type { SourceAnswer } from "../defaults/repository.js";
import type { ConfigSource } from "../source/config-source.js";
import type { ComposeOptions } from "./compose.js";
import type { Composition } from "./composition.js";

interface Remembered {
  readonly options: ComposeOptions;
  readonly answers: readonly SourceAnswer[];
  readonly composition: Composition<unknown>;
}

/** The last composition of each search path, found by its last source. */
const remembered = new WeakMap<ConfigSource, Remembered>();

/** The composition that these options gave before, if every source still answers as it did. */
export function recall(options: ComposeOptions): Composition<unknown> | undefined {
  const last = lastSource(options);
  const known = last === undefined ? undefined : remembered.get(last);
  if (known === undefined || !sameOptions(known.options, options)) return undefined;
  for (const answer of known.answers) {
    const { source } = answer;
    if ("file" in answer) {
      if (source.read(answer.file) !== answer.text) return undefined;
    } else if (source.isGroup(answer.group) !== answer.isGroup) return undefined;
  }
  return known.composition;
}

export function remember(
  options: ComposeOptions,
  answers: readonly SourceAnswer[],
  composition: Composition<unknown>,
): void {
  const last = lastSource(options);
  if (last === undefined || !isRepeatable(options)) return;
  // Own copies: the caller may change what it passed.
  const copy: ComposeOptions = {
    ...options,
    source: [...sourcesOf(options)],
    overrides: (options.overrides ?? []).map((override) =>
      typeof override === "string" ? override : { ...override },
    ),
    ...(options.env === undefined ? {} : { env: { ...options.env } }),
    ...(options.now === undefined ? {} : { now: new Date(options.now) }),
  };
  remembered.set(last, { options: copy, answers, composition });
}

/** Resolvers, stores and chance are the program's: they may answer differently the next time. */
function isRepeatable({ store, resolvers, random, openSource, overrides = [] }: ComposeOptions): boolean {
  if (store !== undefined || resolvers !== undefined || random !== undefined || openSource !== undefined)
    return false;
  return !overrides.some((override) => textOf(override).includes("shuffle"));
}

function sourcesOf({ source }: ComposeOptions): readonly ConfigSource[] {
  return Array.isArray(source) ? (source as readonly ConfigSource[]) : [source as ConfigSource];
}

function lastSource(options: ComposeOptions): ConfigSource | undefined {
  return sourcesOf(options).at(-1);
}

type OverrideInput = NonNullable<ComposeOptions["overrides"]>[number];

function textOf(override: OverrideInput): string {
  return typeof override === "string" ? override : override.text;
}

function fromOf(override: OverrideInput): string | undefined {
  return typeof override === "string" ? undefined : override.from;
}

const PLAIN_OPTIONS = [
  "name",
  "versionBase",
  "mode",
  "validateSweeps",
  "jobName",
  "jobNumber",
  "cwd",
  "hydraConfig",
] as const;

function sameOptions(known: ComposeOptions, options: ComposeOptions): boolean {
  if (!isRepeatable(options)) return false;
  for (const name of PLAIN_OPTIONS) if (known[name] !== options[name]) return false;
  if (known.now?.getTime() !== options.now?.getTime()) return false;
  const sources = sourcesOf(options);
  const before = known.source as readonly ConfigSource[];
  if (sources.length !== before.length || sources.some((source, index) => source !== before[index]))
    return false;
  const overrides = options.overrides ?? [];
  const overridesBefore = known.overrides ?? [];
  if (overrides.length !== overridesBefore.length) return false;
  for (const [index, override] of overrides.entries()) {
    const other = overridesBefore[index]!;
    if (textOf(override) !== textOf(other) || fromOf(override) !== fromOf(other)) return false;
  }
  return sameEnvironment(known.env ?? {}, options.env ?? {});
}

function sameEnvironment(
  left: Readonly<Record<string, string | undefined>>,
  right: Readonly<Record<string, string | undefined>>,
): boolean {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}
