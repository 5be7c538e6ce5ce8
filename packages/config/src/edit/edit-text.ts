import {
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { overrideData } from "../compose/override-data.js";
import { sameValue } from "../compose/same-value.js";
import { fromPlain } from "../omegaconf/from-plain.js";
import { parseOverride } from "../override/parse-override.js";
import { splitKey } from "../tree/key-path.js";
import type { RawValue } from "../tree/node.js";
import { emitYaml, type YamlOutput } from "../yaml/emit.js";
import { parseYaml } from "../yaml/parse.js";
import { editRefused, keyNotThere } from "./errors.js";

/** Where the text of a node lies: its first character, and the one behind its value. */
type Range = readonly [start: number, end: number];

/** A change of a text: what stands in the range becomes `text`. */
interface Splice {
  readonly range: Range;
  readonly text: string;
}

/**
 * Sets values in the text of a config file, each by an override (`storage.max_storage_gb=2`). Comments, blank lines and
 * every other line stay as they are. A key that is not there is added at the end of its mapping; a config group of the
 * defaults list gets another option.
 * @throws EpiscopeError EDIT_REFUSED where the text would not mean what was asked for.
 */
export function setInText(text: string, overrides: readonly string[]): string {
  return overrides.reduce((current, override) => {
    const { keyOrGroup, value } = parseOverride(override);
    return setKey(current, splitKey(keyOrGroup), overrideData(value));
  }, text);
}

/** Takes keys out of the text of a config file, with their lines and the comments behind them. */
export function unsetInText(text: string, keys: readonly string[]): string {
  return keys.reduce((current, key) => removeKey(current, splitKey(key)), text);
}

function setKey(text: string, path: readonly string[], value: RawValue): string {
  const root = rootOf(text);
  const choice = path.length === 1 ? choiceOf(root, path[0]!) : undefined;
  const splice = choice === undefined ? spliceFor(text, root, path, value) : replaced(text, choice, value);
  const edited = spliced(text, splice);
  if (choice === undefined) checkEdit(text, edited, path, value);
  return edited;
}

function rootOf(text: string): YAMLMap | null {
  const document = parseDocument(text, { version: "1.1", merge: true });
  const [problem] = document.errors;
  if (problem !== undefined) throw editRefused(`the text cannot be read: ${problem.message}`);
  if (document.contents === null) return null;
  if (!isMap(document.contents)) throw editRefused("the text holds no mapping");
  return document.contents;
}

/** The entry of the defaults list that chooses an option of a group. */
function choiceOf(root: YAMLMap | null, group: string): Pair | undefined {
  const defaults = root?.items.find((pair) => keyOf(pair) === "defaults")?.value;
  if (!isSeq(defaults)) return undefined;
  for (const item of defaults.items) {
    if (!isMap(item)) continue;
    const pair = item.items.find((entry) => keyOf(entry).split(" ").at(-1) === group);
    if (pair !== undefined) return pair;
  }
  return undefined;
}

function spliceFor(text: string, root: YAMLMap | null, path: readonly string[], value: RawValue): Splice {
  if (root === null) return appended(text, text.length, "", path, value);
  let map: YAMLMap | YAMLSeq = root;
  for (const [index, step] of path.entries()) {
    const rest = path.slice(index + 1);
    if (isSeq(map)) {
      const item = map.items[Number(step)];
      if (item === undefined) throw keyNotThere(path.slice(0, index + 1).join("."));
      if (rest.length === 0) return { range: rangeOf(item as Scalar), text: inline(value) };
      if (!isMap(item) && !isSeq(item))
        throw editRefused(`'${path.slice(0, index + 1).join(".")}' holds no keys`);
      map = item;
      continue;
    }
    const pair: Pair | undefined = map.items.find((entry) => keyOf(entry) === step);
    if (pair === undefined) return added(text, map, path.slice(index), value);
    if (rest.length === 0) return replaced(text, pair, value);
    const next: unknown = pair.value;
    if (isMap(next) || isSeq(next)) map = next;
    else if (next === null || (isScalar(next) && next.value === null))
      return replaced(text, pair, nested(rest, value));
    else throw editRefused(`'${path.slice(0, index + 1).join(".")}' is a value and holds no keys`);
  }
  throw editRefused("there is no key to set");
}

/** The value of a pair, from behind its colon on. */
function replaced(text: string, pair: Pair, value: RawValue): Splice {
  const key = rangeOf(pair.key as Scalar);
  const node = pair.value as Scalar | null;
  const [start, end] = node === null ? [key[1], key[1]] : rangeOf(node);
  const isEmpty = node === null || start === end;
  const isBlock = (isMap(node) || isSeq(node)) && (node as YAMLMap).flow !== true;
  if (!isEmpty && !isBlock) return { range: [start, end], text: inline(value) };
  const colon = text.indexOf(":", key[1]);
  if (colon === -1) return { range: [key[1], key[1]], text: `: ${inline(value)}` };
  return {
    range: [colon + 1, isEmpty ? colon + 1 : withoutTrailingBreaks(text, colon + 1, end)],
    text: ` ${inline(value)}${isEmpty ? "" : keyComment(text, colon)}`,
  };
}

/** The comment behind a key whose value begins on the next line: it is about the key, and stays. */
function keyComment(text: string, colon: number): string {
  const line = text.slice(colon + 1, lineEnd(text, colon)).trimEnd();
  return /^\s+#/.test(line) ? line : "";
}

/** A new key at the end of a mapping. */
function added(text: string, map: YAMLMap, path: readonly string[], value: RawValue): Splice {
  const [start, end] = rangeOf(map as unknown as Scalar);
  if (map.flow === true) {
    const entry = `${keyText(path[0]!)}: ${inline(nested(path.slice(1), value))}`;
    return { range: [end - 1, end - 1], text: map.items.length === 0 ? entry : `, ${entry}` };
  }
  const indent = " ".repeat(start - (text.lastIndexOf("\n", start - 1) + 1));
  return appended(text, lineEnd(text, lastCharacter(text, end)), indent, path, value);
}

function appended(
  text: string,
  at: number,
  indent: string,
  path: readonly string[],
  value: RawValue,
): Splice {
  const lines: string[] = [];
  for (const [index, step] of path.entries()) {
    const isLast = index === path.length - 1;
    lines.push(`${indent}${"  ".repeat(index)}${keyText(step)}:${isLast ? ` ${inline(value)}` : ""}`);
  }
  const before = at > 0 && text[at - 1] !== "\n" ? "\n" : "";
  return { range: [at, at], text: `${before}${lines.join("\n")}\n` };
}

function nested(path: readonly string[], value: RawValue): RawValue {
  return path.reduceRight<RawValue>((inner, step) => new Map([[step, inner]]), value);
}

function removeKey(text: string, path: readonly string[]): string {
  const root = rootOf(text);
  let map: unknown = root;
  let holder: Pair | undefined;
  for (const step of path.slice(0, -1)) {
    holder = isMap(map) ? map.items.find((entry) => keyOf(entry) === step) : undefined;
    map = holder?.value;
  }
  const last = path.at(-1)!;
  const pair = isMap(map) ? map.items.find((entry) => keyOf(entry) === last) : undefined;
  if (!isMap(map) || pair === undefined) throw keyNotThere(path.join("."));
  if (map.items.length === 1 && holder !== undefined) return spliced(text, replaced(text, holder, new Map()));
  const edited = spliced(text, map.flow === true ? withoutEntry(map, pair) : withoutLines(text, pair));
  checkEdit(text, edited, path, undefined);
  return edited;
}

function withoutLines(text: string, pair: Pair): Splice {
  const [start] = rangeOf(pair.key as Scalar);
  const end = pair.value === null ? rangeOf(pair.key as Scalar)[1] : rangeOf(pair.value as Scalar)[1];
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  return { range: [lineStart, lineEnd(text, lastCharacter(text, end))], text: "" };
}

function withoutEntry(map: YAMLMap, pair: Pair): Splice {
  const index = map.items.indexOf(pair);
  const next = map.items[index + 1];
  const before = map.items[index - 1];
  const [start] = rangeOf(pair.key as Scalar);
  const end = rangeOf((pair.value ?? pair.key) as Scalar)[1];
  if (next !== undefined) return { range: [start, rangeOf(next.key as Scalar)[0]], text: "" };
  return {
    range: [before === undefined ? start : rangeOf((before.value ?? before.key) as Scalar)[1], end],
    text: "",
  };
}

// Texts.

function spliced(text: string, { range, text: replacement }: Splice): string {
  // New lines end as the others do.
  const inserted = text.includes("\r\n") ? replacement.replaceAll("\n", "\r\n") : replacement;
  return text.slice(0, range[0]) + inserted + text.slice(range[1]);
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.source ?? pair.key.value) : "";
}

function rangeOf(node: Scalar): Range {
  const [start, end] = node.range!;
  return [start, end];
}

/** A block collection ends behind its last line break: the end of its last line with content. */
function withoutTrailingBreaks(text: string, from: number, end: number): number {
  return Math.max(from, lastCharacter(text, end));
}

function lastCharacter(text: string, end: number): number {
  let at = end;
  while (at > 0 && /\s/.test(text[at - 1]!)) at -= 1;
  return at;
}

/** Behind the line break of the line of a position; the end of the text where there is none. */
function lineEnd(text: string, at: number): number {
  const next = text.indexOf("\n", at);
  return next === -1 ? text.length : next + 1;
}

function keyText(key: string): string {
  return emitYaml(new Map([[key, 0]])).replace(/: 0\n$/, "");
}

/** A value on one line: scalars as OmegaConf writes them, lists and mappings in brackets. */
function inline(value: RawValue): string {
  if (Array.isArray(value)) return `[${value.map((item) => inlineItem(item as RawValue)).join(", ")}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${inlineItem(key as RawValue)}: ${inlineItem(item)}`).join(", ")}}`;
  }
  const text = emitYaml(new Map([["k", value as YamlOutput]])).slice("k: ".length, -1);
  // What would be written on several lines is written as JSON, which YAML can read.
  return text.includes("\n") ? JSON.stringify(value) : text;
}

/** Inside of brackets their characters need quotes. */
function inlineItem(value: RawValue): string {
  const text = inline(value);
  return typeof value === "string" && /^[^'"].*[,[\]{}?:#]/.test(text) ? JSON.stringify(value) : text;
}

/** The edited text must hold exactly what was asked for, and everything else as before. */
function checkEdit(before: string, after: string, path: readonly string[], value: RawValue): void {
  const wanted = withValue(parseYaml(before) as RawValue, path, value);
  if (!sameValue(fromPlain(parseYaml(after)), wanted))
    throw editRefused(`the text cannot be changed so that only '${path.join(".")}' changes`);
}

function withValue(data: RawValue, path: readonly string[], value: RawValue): RawValue {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(data)) {
    const items = [...(data as readonly RawValue[])];
    items[Number(step)] = withValue(items[Number(step)], rest, value);
    return items;
  }
  const map = new Map<unknown, RawValue>(data instanceof Map ? (data as ReadonlyMap<unknown, RawValue>) : []);
  const own = [...map.keys()].find((key) => String(key) === step) ?? step;
  if (rest.length === 0 && value === undefined) map.delete(own);
  else map.set(own, withValue(map.get(own), rest, value));
  return map as unknown as RawValue;
}
