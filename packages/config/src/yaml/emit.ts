import { type ConfigKey, EnumValue, Float, PathValue, type ScalarValue } from "../scalar/values.js";
import { Tuple } from "./construct.js";
import { represent, type Scalar } from "./represent.js";
import { type Analysis, analyze, BREAKS, chooseStyle, type Place } from "./scalar-style.js";
import { sortedEntries } from "./sort-entries.js";

/** What can be written as YAML. */
export type YamlOutput =
  | ScalarValue
  | Tuple
  | readonly YamlOutput[]
  | ReadonlyMap<ConfigKey | null, YamlOutput>;

export interface EmitYamlOptions {
  readonly sortKeys?: boolean;
  /** Whether libyaml's emitter is followed, not PyYAML's own. Default: false. */
  readonly libyaml?: boolean;
}

const WIDTH = 80;
const INDENT = 2;
/** A key whose text and tag are longer is written with `?`. */
const SIMPLE_KEY_LENGTH = 128;

/**
 * Writes YAML letter for letter as PyYAML's block style with OmegaConf's settings: 80 columns, unicode as it is,
 * texts that read as booleans or numbers quoted.
 */
export function emitYaml(value: YamlOutput, options: EmitYamlOptions = {}): string {
  const emitter = new Emitter(options, sharedObjects(value));
  emitter.node(value, "root");
  return emitter.finish();
}

/** Objects that occur more than once: they are written once and referred to. */
function sharedObjects(value: YamlOutput): ReadonlySet<object> {
  const seen = new Set<object>();
  const shared = new Set<object>();
  const visit = (item: YamlOutput) => {
    if (typeof item !== "object" || item === null || item instanceof Float || item instanceof Uint8Array)
      return;
    if (item instanceof EnumValue) return;
    if (seen.has(item)) {
      shared.add(item);
      return;
    }
    seen.add(item);
    if (Array.isArray(item)) for (const child of item) visit(child);
    else if (item instanceof Map) for (const child of item.values()) visit(child);
  };
  visit(value);
  return shared;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\0", "0"],
  ["\x07", "a"],
  ["\b", "b"],
  ["\t", "t"],
  ["\n", "n"],
  ["\v", "v"],
  ["\f", "f"],
  ["\r", "r"],
  ["\x1b", "e"],
  ['"', '"'],
  ["\\", "\\"],
  ["\x85", "N"],
  ["\xa0", "_"],
  ["\u2028", "L"],
  ["\u2029", "P"],
]);

class Emitter {
  private readonly sortKeys: boolean;
  private readonly libyaml: boolean;
  private readonly shared: ReadonlySet<object>;
  private readonly anchors = new Map<object, string>();
  private readonly out: string[] = [];
  private column = 0;
  /** Whether the last character was white space. */
  private whitespace = true;
  /** Whether the line holds only indentation and the indicators `-`, `?`, `:` so far. */
  private indention = true;
  private indent: number | undefined = undefined;
  private openEnded = false;

  constructor(options: EmitYamlOptions, shared: ReadonlySet<object>) {
    this.sortKeys = options.sortKeys ?? false;
    this.libyaml = options.libyaml ?? false;
    this.shared = shared;
  }

  finish(): string {
    this.writeIndent();
    if (this.openEnded) {
      this.indicator("...", true);
      this.writeIndent();
    }
    return this.out.join("");
  }

  node(value: YamlOutput, place: Place): void {
    if (typeof value === "object" && value !== null && this.shared.has(value)) {
      const anchor = this.anchors.get(value);
      if (anchor !== undefined) {
        this.indicator(`*${anchor}`, true);
        return;
      }
      const name = `id${String(this.anchors.size + 1).padStart(3, "0")}`;
      this.anchors.set(value, name);
      this.indicator(`&${name}`, true);
    }
    if (Array.isArray(value)) this.sequence(value as readonly YamlOutput[], place);
    else if (value instanceof Map) this.mapping(value as ReadonlyMap<ConfigKey | null, YamlOutput>);
    else if (value instanceof Tuple) {
      if (!this.libyaml) this.indicator("!!python/tuple", true);
      this.sequence(value.items as readonly YamlOutput[], place);
    } else if (value instanceof PathValue) {
      this.indicator("!!python/object/apply:pathlib.PosixPath", true);
      this.sequence(this.libyaml ? [value.text] : pathParts(value.text), place);
    } else this.scalar(represent(value as ScalarValue), place);
  }

  private sequence(items: readonly YamlOutput[], place: Place): void {
    if (items.length === 0) {
      this.emptyCollection("[", "]");
      return;
    }
    const before = this.indent;
    const indentless = (place === "mapping" || place === "key") && !this.indention;
    if (this.indent === undefined) this.indent = 0;
    else if (!indentless) this.indent += INDENT;
    for (const item of items) {
      this.writeIndent();
      this.indicator("-", true, false, true);
      this.node(item, "sequence");
    }
    this.indent = before;
  }

  private emptyCollection(open: string, close: string): void {
    this.indicator(open, true, true);
    this.indicator(close, false);
  }

  private mapping(map: ReadonlyMap<ConfigKey | null, YamlOutput>): void {
    if (map.size === 0) {
      this.emptyCollection("{", "}");
      return;
    }
    const before = this.indent;
    this.indent = this.indent === undefined ? 0 : this.indent + INDENT;
    const entries = this.sortKeys ? sortedEntries([...map]) : map;
    for (const [key, value] of entries) {
      this.writeIndent();
      const scalar = represent(key);
      const analysis = analyze(scalar.text, this.libyaml);
      if (this.isSimpleKey(scalar, analysis)) {
        this.scalar(scalar, "key", analysis);
        this.indicator(":", false);
      } else {
        this.indicator("?", true, false, true);
        this.scalar(scalar, "mapping", analysis);
        this.writeIndent();
        this.indicator(":", true, false, true);
      }
      this.node(value, "mapping");
    }
    this.indent = before;
  }

  private isSimpleKey(scalar: Scalar, analysis: Analysis): boolean {
    if (analysis.multiline) return false;
    if (!this.libyaml) {
      const length = scalar.tag.length + Array.from(scalar.text).length;
      return length < SIMPLE_KEY_LENGTH && !analysis.empty;
    }
    // libyaml counts bytes, and a tag only where it is written.
    const tag = scalar.plain || scalar.quoted ? 0 : scalar.tag.length;
    return tag + new TextEncoder().encode(scalar.text).length <= SIMPLE_KEY_LENGTH;
  }

  // Writing.

  private write(text: string): void {
    this.out.push(text);
  }

  private indicator(text: string, needsSpace: boolean, whitespace = false, indention = false): void {
    const data = this.whitespace || !needsSpace ? text : ` ${text}`;
    this.whitespace = whitespace;
    this.indention = this.indention && indention;
    this.column += data.length;
    this.openEnded = false;
    this.write(data);
  }

  private writeIndent(): void {
    const indent = this.indent ?? 0;
    if (!this.indention || this.column > indent || (this.column === indent && !this.whitespace))
      this.lineBreak();
    if (this.column < indent) {
      this.whitespace = true;
      this.write(" ".repeat(indent - this.column));
      this.column = indent;
    }
  }

  private lineBreak(text = "\n"): void {
    this.whitespace = true;
    this.indention = true;
    this.column = 0;
    this.write(text);
  }

  private scalar(scalar: Scalar, place: Place, known?: Analysis): void {
    const analysis = known ?? analyze(scalar.text, this.libyaml);
    const style = chooseStyle(scalar, analysis, place);
    const needsTag = style === "" ? !scalar.plain : !scalar.quoted;
    if (needsTag) this.indicator(scalar.tag, true);
    const before = this.indent;
    this.indent = this.indent === undefined ? INDENT : this.indent + INDENT;
    const split = place !== "key";
    if (style === '"' && this.libyaml) this.doubleOfLibyaml(scalar.text, split);
    else if (style === '"') this.double(scalar.text, split);
    else if (style === "'") this.single(scalar.text, split);
    else if (style === "|") this.literal(scalar.text);
    else this.plain(scalar.text, split, place);
    this.indent = before;
  }

  private plain(text: string, split: boolean, place: Place): void {
    if (place === "root") this.openEnded = true;
    if (text === "") return;
    if (!this.whitespace) {
      this.column += 1;
      this.write(" ");
    }
    this.whitespace = false;
    this.indention = false;
    const chars = Array.from(text);
    if (!split || this.column + chars.length <= WIDTH) {
      this.column += chars.length;
      this.write(text);
      return;
    }
    // Plain texts have no line breaks: only single spaces past the width fold.
    let start = 0;
    let spaces = false;
    for (let end = 0; end <= chars.length; end++) {
      const c = chars[end];
      if (spaces) {
        if (c !== " ") {
          if (start + 1 === end && this.column > WIDTH) {
            this.writeIndent();
            this.whitespace = false;
            this.indention = false;
          } else this.chunk(chars, start, end);
          start = end;
        }
      } else if (c === undefined || c === " ") {
        this.chunk(chars, start, end);
        start = end;
      }
      if (c !== undefined) spaces = c === " ";
    }
  }

  private chunk(chars: readonly string[], start: number, end: number): void {
    this.column += end - start;
    this.write(chars.slice(start, end).join(""));
  }

  private single(text: string, split: boolean): void {
    this.indicator("'", true);
    const chars = Array.from(text);
    let spaces = false;
    let breaks = false;
    let start = 0;
    for (let end = 0; end <= chars.length; end++) {
      const c = chars[end];
      if (spaces) {
        if (c !== " ") {
          if (start + 1 === end && this.column > WIDTH && split && start !== 0 && end !== chars.length) {
            this.writeIndent();
          } else this.chunk(chars, start, end);
          start = end;
        }
      } else if (breaks) {
        if (c === undefined || !BREAKS.includes(c)) {
          this.breakLines(chars, start, end);
          this.writeIndent();
          start = end;
        }
      } else if (c === undefined || c === " " || c === "'" || BREAKS.includes(c)) {
        if (start < end) {
          this.chunk(chars, start, end);
          start = end;
        }
      }
      if (c === "'") {
        this.column += 2;
        this.write("''");
        start = end + 1;
      }
      if (c !== undefined) {
        spaces = c === " ";
        breaks = BREAKS.includes(c);
      }
    }
    this.indicator("'", false);
  }

  /** A line break within a text is an empty line more, since a single one would fold to a space. */
  private breakLines(chars: readonly string[], start: number, end: number): void {
    if (chars[start] === "\n") this.lineBreak();
    for (let k = start; k < end; k++) this.lineBreak(chars[k] === "\n" ? "\n" : chars[k]!);
  }

  private double(text: string, split: boolean): void {
    this.indicator('"', true);
    const chars = Array.from(text);
    let start = 0;
    for (let end = 0; end <= chars.length; end++) {
      const c = chars[end];
      if (c === undefined || needsEscape(c)) {
        if (start < end) {
          this.chunk(chars, start, end);
          start = end;
        }
        if (c !== undefined) {
          const data = escapeCharacter(c);
          this.column += data.length;
          this.write(data);
          start = end + 1;
        }
      }
      if (
        end > 0 &&
        end < chars.length - 1 &&
        (c === " " || start >= end) &&
        this.column + (end - start) > WIDTH &&
        split
      ) {
        const data = `${chars.slice(start, end).join("")}\\`;
        if (start < end) start = end;
        this.column += data.length;
        this.write(data);
        this.writeIndent();
        this.whitespace = false;
        this.indention = false;
        if (chars[start] === " ") {
          this.column += 1;
          this.write("\\");
        }
      }
    }
    this.indicator('"', false);
  }

  /** A space at which the text is folded is left out, unless another one follows. */
  private doubleOfLibyaml(text: string, split: boolean): void {
    this.indicator('"', true);
    const chars = Array.from(text);
    let spaces = false;
    for (const [index, c] of chars.entries()) {
      if (c !== " ") {
        const data = needsEscape(c) ? escapeCharacter(c) : c;
        this.column += data.length;
        this.write(data);
      } else if (split && !spaces && this.column > WIDTH && index > 0 && index < chars.length - 1) {
        this.writeIndent();
        if (chars[index + 1] === " ") {
          this.column += 1;
          this.write("\\");
        }
      } else {
        this.column += 1;
        this.write(" ");
      }
      spaces = c === " ";
    }
    this.indicator('"', false);
  }

  /** Only for base64, which has neither leading nor missing final line breaks. */
  private literal(text: string): void {
    this.indicator(text === "" || text.endsWith("\n") ? "|" : "|-", true);
    this.lineBreak();
    for (const line of text.split("\n")) {
      if (line === "") continue;
      this.writeIndent();
      this.write(line);
      this.lineBreak();
    }
  }
}

function needsEscape(c: string): boolean {
  if ('"\\\x85\u2028\u2029\ufeff'.includes(c)) return true;
  if (c >= " " && c <= "~") return false;
  const code = c.codePointAt(0)!;
  return !((code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd));
}

function escapeCharacter(c: string): string {
  const simple = ESCAPES.get(c);
  if (simple !== undefined) return `\\${simple}`;
  const code = c.codePointAt(0)!;
  const digits = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${digits.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}

/** As Python's `PurePath.parts`. */
function pathParts(text: string): string[] {
  const root = /^\/+/.exec(text)?.[0] ?? "";
  const parts = text.split("/").filter((part) => part !== "" && part !== ".");
  return root === "" ? parts : [root, ...parts];
}
