import { isMap, isScalar, type Pair, parseDocument, type Scalar, type YAMLMap } from "yaml";
import { editRefused } from "./errors.js";

/** What becomes of a key of a config file. */
export type KeyDecision =
  /** It stands at another dotted key of the same file, or stays where it is. */
  | { readonly to: string }
  /** Its lines become comments, with this note in front of them. */
  | { readonly note: string }
  /** Each key of its mapping is decided by itself. */
  | "each";

/** A key with its lines, or mere lines, in the order in which they are written. */
interface Entry {
  readonly key: string | undefined;
  /** Comments and blank lines above it. */
  readonly lead: readonly string[];
  /** `key: value`, without the indent of its mapping. */
  readonly lines: readonly string[];
  /** Of a mapping whose keys were decided one by one. */
  readonly entries: Entry[] | undefined;
}

interface Read {
  readonly text: string;
  readonly lines: readonly string[];
  readonly decide: (key: string, isMapping: boolean) => KeyDecision;
  readonly root: Entry[];
}

/**
 * Moves, renames and comments out keys of a config file. Comments stay with the keys that they stand above or behind; nothing
 * that was written is lost.
 * @param decide Asked for each dotted key, for those below a mapping only where it says "each".
 * @throws EpiscopeError EDIT_REFUSED where the text is no mapping.
 */
export function rewriteKeys(text: string, decide: (key: string, isMapping: boolean) => KeyDecision): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const unix = text.replaceAll("\r\n", "\n").replace(/\n?$/, "\n");
  const document = parseDocument(unix, { version: "1.1", merge: true });
  const [problem] = document.errors;
  if (problem !== undefined) throw editRefused(`the text cannot be read: ${problem.message}`);
  if (document.contents === null) return text;
  if (!isMap(document.contents)) throw editRefused("the text holds no mapping");
  const read: Read = { text: unix, lines: unix.split("\n").slice(0, -1), decide, root: [] };
  const next = readMapping(read, document.contents, "", read.root, 0);
  const tail = read.lines.slice(next);
  const lines = [...written(read.root, ""), ...tail];
  return lines.join(eol) + (text.endsWith("\n") ? eol : "");
}

/** Reads the keys of a mapping into `into`, from a line on; gives the line behind them. */
function readMapping(read: Read, map: YAMLMap, prefix: string, into: Entry[], from: number): number {
  let line = from;
  for (const pair of map.items as Pair<Scalar, Scalar | YAMLMap | null>[]) {
    if (!isScalar(pair.key)) throw editRefused("a key is no text");
    const name = String(pair.key.source ?? pair.key.value);
    const key = prefix === "" ? name : `${prefix}.${name}`;
    const [start, end] = [pair.key.range![0], endOf(read.text, pair)];
    const first = lineOf(read.text, start);
    const last = lineOf(read.text, end);
    const indent = map.flow === true ? 0 : start - (read.text.lastIndexOf("\n", start - 1) + 1);
    const lead = read.lines.slice(line, first).map((text) => withoutIndent(text, indent));
    const value = pair.value;
    const decision = read.decide(key, isMap(value) && value.items.length > 0);
    const own = (): string[] =>
      map.flow === true
        ? read.text.slice(start, end).split("\n")
        : read.lines.slice(first, last + 1).map((text) => withoutIndent(text, indent));
    if (decision === "each" && isMap(value)) {
      const [head = ""] = own();
      const entries: Entry[] = [];
      const isFlow = value.flow === true;
      const entry = { key: name, lead, lines: [isFlow ? `${name}:` : head], entries };
      place(read.root, into, key, entry);
      const below = readMapping(read, value, key, entries, isFlow ? first : first + 1);
      line = isFlow ? last + 1 : below;
      continue;
    }
    if (decision !== "each" && "note" in decision) {
      const [head = "", ...rest] = own();
      const lines = [`# (${decision.note}) ${head}`, ...rest.map((text) => `# ${text}`.trimEnd())];
      into.push({ key: undefined, lead, lines, entries: undefined });
    } else {
      const to = decision === "each" ? key : decision.to;
      const renamed = to.slice(to.lastIndexOf(".") + 1);
      const [head = "", ...rest] = own();
      const lines = [renamed === name ? head : head.replace(/^[^:]+:/, `${renamed}:`), ...rest];
      const entry = { key: renamed, lead, lines, entries: undefined };
      place(read.root, parentOf(to) === prefix ? into : undefined, to, entry);
    }
    line = map.flow === true ? line : last + 1;
  }
  return line;
}

/** Puts an entry at the end of its mapping, `beside` where it stays in it. */
function place(root: Entry[], beside: Entry[] | undefined, key: string, entry: Entry): void {
  if (beside !== undefined) {
    const there = entry.entries === undefined ? undefined : beside.find((one) => one.key === entry.key);
    if (there === undefined) beside.push(entry);
    return;
  }
  let entries = root;
  let own = entry;
  for (const step of key.split(".").slice(0, -1)) {
    let parent = entries.find((one) => one.key === step && one.entries !== undefined);
    if (parent === undefined) {
      parent = { key: step, lead: own.lead, lines: [`${step}:`], entries: [] };
      own = { ...own, lead: [] };
      entries.push(parent);
    }
    entries = parent.entries!;
  }
  entries.push(own);
}

/** Blank lines stay as they are, and so does what stands further left. */
function withoutIndent(line: string, indent: number): string {
  return line.trim() === "" ? line : line.slice(Math.min(indent, line.search(/\S/)));
}

function written(entries: readonly Entry[], indent: string): string[] {
  return entries.flatMap(({ lead, lines, entries: below }) => {
    const inner = below === undefined ? [] : written(below, `${indent}  `);
    // A mapping that has lost all its keys is no longer one; its comment stays.
    const isEmpty = below !== undefined && !below.some(hasKey);
    const head = isEmpty ? lines.map((line) => `# ${line}`) : lines;
    return [...lead, ...head].map((line) => (line.trim() === "" ? line : indent + line)).concat(inner);
  });
}

function hasKey({ key, entries }: Entry): boolean {
  return key !== undefined && (entries === undefined || entries.some(hasKey));
}

function parentOf(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf(".")));
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split("\n").length - 1;
}

/** Behind the last character of a pair. */
function endOf(text: string, { key, value }: Pair<Scalar, Scalar | YAMLMap | null>): number {
  let end = value?.range?.[1] ?? key.range![1];
  while (end > 0 && /\s/.test(text[end - 1]!)) end -= 1;
  // A mapping ends behind the comments that follow it; those belong to what comes next.
  const last = isMap(value) && value.flow !== true ? value.items.at(-1) : undefined;
  return last === undefined ? end : endOf(text, last as Pair<Scalar, Scalar | YAMLMap | null>);
}
