import { invalidToken, type YamlContext, yamlLimit } from "./errors.js";

/**
 * Tokens of YAML 1.1 as PyYAML 6 reads it, whose rules differ from YAML 1.2 in many places (tabs, plain scalars in
 * flow collections, line separators). The scanner is lazy: it reads no further than the parser asks.
 */
export enum T {
  StreamEnd,
  Directive,
  DocumentStart,
  DocumentEnd,
  BlockSequenceStart,
  BlockMappingStart,
  BlockEnd,
  FlowSequenceStart,
  FlowMappingStart,
  FlowSequenceEnd,
  FlowMappingEnd,
  FlowEntry,
  BlockEntry,
  Key,
  Value,
  Alias,
  Anchor,
  Tag,
  Scalar,
}

export const TOKEN_NAMES: readonly string[] = [
  "<stream end>",
  "<directive>",
  "<document start>",
  "<document end>",
  "<block sequence start>",
  "<block mapping start>",
  "<block end>",
  "[",
  "{",
  "]",
  "}",
  ",",
  "-",
  "?",
  ":",
  "<alias>",
  "<anchor>",
  "<tag>",
  "<scalar>",
];

export interface Token {
  readonly type: T;
  /** Offset of the first character. */
  readonly start: number;
  /** Text of a scalar, name of an anchor, alias or directive, suffix of a tag. */
  readonly text: string;
  /** Handle of a tag or of a %TAG directive; null for a verbatim tag. */
  readonly handle: string | null;
  /** Whether a scalar is plain. */
  readonly plain: boolean;
}

interface SimpleKey {
  readonly tokenNumber: number;
  readonly required: boolean;
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const NEL = 0x85;
const LS = 0x2028;
const PS = 0x2029;

/** A line break or the end of the text. */
function isBreakOrEnd(c: number): boolean {
  return c === LF || c === 0 || c === CR || c === NEL || c === LS || c === PS;
}

function isBreak(c: number): boolean {
  return c === LF || c === CR || c === NEL || c === LS || c === PS;
}

/** White space (tabs count), a line break or the end of the text. */
function isBlankOrEnd(c: number): boolean {
  return c === SPACE || c === LF || c === 0 || c === TAB || c === CR || c === NEL || c === LS || c === PS;
}

/** As `isBlankOrEnd`, but a tab does not count. */
function isSpaceOrEnd(c: number): boolean {
  return c === SPACE || isBreakOrEnd(c);
}

function isNameCharacter(c: number): boolean {
  return (
    (c >= 48 && c <= 57) ||
    (c >= 65 && c <= 90) ||
    (c >= 97 && c <= 122) ||
    c === 45 /* - */ ||
    c === 95 /* _ */
  );
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

// Between these, exclusively, every character of a quoted scalar but quote and backslash stands for itself.
const PLAIN_ASCII_FROM = 31;
const PLAIN_ASCII_TO = 127;

const URI_CHARACTER = /[0-9A-Za-z\-;/?:@&=+$,_.!~*'()[\]%]/;
const HEX = /^[0-9A-Fa-f]+$/;
/** Characters that cannot begin a plain scalar: `-?:,[]{}#&*!|>'"%@` and the backquote. */
const NOT_PLAIN_START = new Set([..."-?:,[]{}#&*!|>'\"%@`"].map((c) => c.charCodeAt(0)));

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["0", "\0"],
  ["a", "\x07"],
  ["b", "\b"],
  ["t", "\t"],
  ["\t", "\t"],
  ["n", "\n"],
  ["v", "\v"],
  ["f", "\f"],
  ["r", "\r"],
  ["e", "\x1b"],
  [" ", " "],
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["N", "\x85"],
  ["_", "\xa0"],
  ["L", "\u2028"],
  ["P", "\u2029"],
]);

const ESCAPE_LENGTHS: ReadonlyMap<string, number> = new Map([
  ["x", 2],
  ["u", 4],
  ["U", 8],
]);

/** How a character is named in messages. */
function shown(text: string, offset: number): string {
  const c = text.codePointAt(offset) ?? 0;
  return c === 0 ? "the end of the text" : JSON.stringify(String.fromCodePoint(c));
}

export class Scanner {
  readonly context: YamlContext;
  /** The text with a NUL at its end, so that looking one character ahead needs no check. */
  private readonly text: string;
  private readonly maxDepth: number;
  private pos = 0;
  private line = 0;
  private lineStart = 0;
  private queue: Token[] = [];
  private head = 0;
  private taken = 0;
  private done = false;
  private flowLevel = 0;
  private indent = -1;
  private readonly indents: number[] = [];
  private allowSimpleKey = true;
  /** The possible simple key of each flow level. */
  private keys: (SimpleKey | undefined)[] = [undefined];
  private pendingKeys = 0;

  constructor(context: YamlContext, maxDepth: number) {
    this.context = context;
    this.text = `${context.text}\0`;
    this.maxDepth = maxDepth;
  }

  /** The next token, left in place. */
  peek(): Token {
    while (this.needsMore()) this.fetch();
    return this.queue[this.head]!;
  }

  take(): Token {
    const token = this.peek();
    if (token.type !== T.StreamEnd) {
      this.head += 1;
      this.taken += 1;
      if (this.head > 64) {
        this.queue = this.queue.slice(this.head);
        this.head = 0;
      }
    }
    return token;
  }

  private needsMore(): boolean {
    if (this.done) return false;
    if (this.head >= this.queue.length) return true;
    if (this.pendingKeys === 0) return false;
    this.dropStaleKeys();
    for (const key of this.keys) if (key !== undefined) return key.tokenNumber === this.taken;
    return false;
  }

  private get column(): number {
    return this.pos - this.lineStart;
  }

  private fail(offset: number, problem: string): never {
    throw invalidToken(this.context, offset, problem);
  }

  private add(type: T, start: number, text = "", handle: string | null = null, plain = false): void {
    this.queue.push({ type, start, text, handle, plain });
  }

  private fetch(): void {
    this.skipToToken();
    if (this.pendingKeys > 0) this.dropStaleKeys();
    const column = this.column;
    if (this.flowLevel === 0 && this.indent > column) this.unwind(column);
    const { text, pos } = this;
    const c = text.charCodeAt(pos);
    switch (c) {
      case 0:
        this.unwind(-1);
        this.dropKey();
        this.allowSimpleKey = false;
        this.keys = [undefined];
        this.pendingKeys = 0;
        this.add(T.StreamEnd, pos);
        this.done = true;
        return;
      case 37 /* % */:
        if (column === 0) {
          this.unwind(-1);
          this.dropKey();
          this.allowSimpleKey = false;
          this.scanDirective();
          return;
        }
        break;
      case 45 /* - */:
        if (column === 0 && this.atDocumentMark("---")) {
          this.fetchDocumentMark(T.DocumentStart);
          return;
        }
        if (isBlankOrEnd(text.charCodeAt(pos + 1))) {
          this.fetchBlockEntry();
          return;
        }
        break;
      case 46 /* . */:
        if (column === 0 && this.atDocumentMark("...")) {
          this.fetchDocumentMark(T.DocumentEnd);
          return;
        }
        break;
      case 91 /* [ */:
        this.fetchFlowStart(T.FlowSequenceStart);
        return;
      case 123 /* { */:
        this.fetchFlowStart(T.FlowMappingStart);
        return;
      case 93 /* ] */:
        this.fetchFlowEnd(T.FlowSequenceEnd);
        return;
      case 125 /* } */:
        this.fetchFlowEnd(T.FlowMappingEnd);
        return;
      case 44 /* , */:
        this.allowSimpleKey = true;
        this.dropKey();
        this.add(T.FlowEntry, pos);
        this.pos += 1;
        return;
      case 63 /* ? */:
        if (this.flowLevel > 0 || isBlankOrEnd(text.charCodeAt(pos + 1))) {
          this.fetchKey();
          return;
        }
        break;
      case 58 /* : */:
        if (this.flowLevel > 0 || isBlankOrEnd(text.charCodeAt(pos + 1))) {
          this.fetchValue();
          return;
        }
        break;
      case 42 /* * */:
        this.saveKey();
        this.allowSimpleKey = false;
        this.scanName(T.Alias, "alias");
        return;
      case 38 /* & */:
        this.saveKey();
        this.allowSimpleKey = false;
        this.scanName(T.Anchor, "anchor");
        return;
      case 33 /* ! */:
        this.saveKey();
        this.allowSimpleKey = false;
        this.scanTag();
        return;
      case 124 /* | */:
      case 62 /* > */:
        if (this.flowLevel === 0) {
          this.allowSimpleKey = true;
          this.dropKey();
          this.scanBlockScalar(c === 62);
          return;
        }
        break;
      case 39 /* ' */:
      case 34 /* " */:
        this.saveKey();
        this.allowSimpleKey = false;
        this.scanQuoted(c);
        return;
      default:
    }
    if (
      (!isBlankOrEnd(c) && !NOT_PLAIN_START.has(c)) ||
      (!isBlankOrEnd(text.charCodeAt(pos + 1)) &&
        (c === 45 || (this.flowLevel === 0 && (c === 63 || c === 58))))
    ) {
      this.saveKey();
      this.allowSimpleKey = false;
      this.scanPlain();
      return;
    }
    this.fail(pos, `found character ${shown(text, pos)} that cannot start any token`);
  }

  // Simple keys: a key without `?` is known to be one only when its `:` is found, on the same line.

  private dropStaleKeys(): void {
    const { keys } = this;
    for (let level = 0; level < keys.length; level++) {
      const key = keys[level];
      if (key !== undefined && (key.line !== this.line || this.pos - key.index > 1024)) {
        if (key.required) this.fail(key.index, "could not find expected ':' after a simple key");
        keys[level] = undefined;
        this.pendingKeys -= 1;
      }
    }
  }

  private saveKey(): void {
    if (!this.allowSimpleKey) return;
    const column = this.column;
    const required = this.flowLevel === 0 && this.indent === column;
    this.dropKey();
    this.keys[this.flowLevel] = {
      tokenNumber: this.taken + this.queue.length - this.head,
      required,
      index: this.pos,
      line: this.line,
      column,
    };
    this.pendingKeys += 1;
  }

  private dropKey(): void {
    const key = this.keys[this.flowLevel];
    if (key === undefined) return;
    if (key.required) this.fail(key.index, "could not find expected ':' after a simple key");
    this.keys[this.flowLevel] = undefined;
    this.pendingKeys -= 1;
  }

  // Indentation.

  private unwind(column: number): void {
    if (this.flowLevel > 0) return;
    while (this.indent > column) {
      this.indent = this.indents.pop()!;
      this.add(T.BlockEnd, this.pos);
    }
  }

  private addIndent(column: number): boolean {
    if (this.indent >= column) return false;
    this.indents.push(this.indent);
    this.indent = column;
    this.checkDepth();
    return true;
  }

  private checkDepth(): void {
    if (this.indents.length + this.flowLevel > this.maxDepth) {
      throw yamlLimit(
        this.context,
        this.pos,
        "depth",
        this.maxDepth,
        `nested deeper than ${this.maxDepth} levels`,
      );
    }
  }

  // Fetchers.

  private atDocumentMark(mark: "---" | "..."): boolean {
    return this.text.startsWith(mark, this.pos) && isBlankOrEnd(this.text.charCodeAt(this.pos + 3));
  }

  private fetchDocumentMark(type: T.DocumentStart | T.DocumentEnd): void {
    this.unwind(-1);
    this.dropKey();
    this.allowSimpleKey = false;
    this.add(type, this.pos);
    this.pos += 3;
  }

  private fetchFlowStart(type: T.FlowSequenceStart | T.FlowMappingStart): void {
    this.saveKey();
    this.flowLevel += 1;
    this.checkDepth();
    this.keys[this.flowLevel] = undefined;
    this.allowSimpleKey = true;
    this.add(type, this.pos);
    this.pos += 1;
  }

  private fetchFlowEnd(type: T.FlowSequenceEnd | T.FlowMappingEnd): void {
    this.dropKey();
    if (this.flowLevel > 0) {
      this.flowLevel -= 1;
      this.keys.length = this.flowLevel + 1;
    }
    this.allowSimpleKey = false;
    this.add(type, this.pos);
    this.pos += 1;
  }

  private fetchBlockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.allowSimpleKey) this.fail(this.pos, "sequence entries are not allowed here");
      if (this.addIndent(this.column)) this.add(T.BlockSequenceStart, this.pos);
    }
    this.allowSimpleKey = true;
    this.dropKey();
    this.add(T.BlockEntry, this.pos);
    this.pos += 1;
  }

  private fetchKey(): void {
    if (this.flowLevel === 0) {
      if (!this.allowSimpleKey) this.fail(this.pos, "mapping keys are not allowed here");
      if (this.addIndent(this.column)) this.add(T.BlockMappingStart, this.pos);
    }
    this.allowSimpleKey = this.flowLevel === 0;
    this.dropKey();
    this.add(T.Key, this.pos);
    this.pos += 1;
  }

  private fetchValue(): void {
    const key = this.keys[this.flowLevel];
    if (key !== undefined) {
      this.keys[this.flowLevel] = undefined;
      this.pendingKeys -= 1;
      const at = this.head + key.tokenNumber - this.taken;
      const keyToken: Token = { type: T.Key, start: key.index, text: "", handle: null, plain: false };
      if (this.flowLevel === 0 && this.addIndent(key.column)) {
        this.queue.splice(at, 0, { ...keyToken, type: T.BlockMappingStart }, keyToken);
      } else {
        this.queue.splice(at, 0, keyToken);
      }
      this.allowSimpleKey = false;
    } else {
      if (this.flowLevel === 0) {
        if (!this.allowSimpleKey) this.fail(this.pos, "mapping values are not allowed here");
        if (this.addIndent(this.column)) this.add(T.BlockMappingStart, this.pos);
      }
      this.allowSimpleKey = this.flowLevel === 0;
      this.dropKey();
    }
    this.add(T.Value, this.pos);
    this.pos += 1;
  }

  // Scanners.

  private skipToToken(): void {
    const { text } = this;
    if (this.pos === 0 && text.charCodeAt(0) === 0xfeff) {
      this.pos = 1;
      this.lineStart = 1;
    }
    for (;;) {
      let { pos } = this;
      let c = text.charCodeAt(pos);
      while (c === SPACE) c = text.charCodeAt(++pos);
      if (c === 35 /* # */) {
        while (!isBreakOrEnd(c)) c = text.charCodeAt(++pos);
      }
      this.pos = pos;
      if (!isBreak(c)) return;
      this.takeBreak();
      if (this.flowLevel === 0) this.allowSimpleKey = true;
    }
  }

  /** Takes a line break and gives what it means in a scalar; empty where there is none. */
  private takeBreak(): string {
    const c = this.text.charCodeAt(this.pos);
    if (!isBreak(c)) return "";
    this.pos += c === CR && this.text.charCodeAt(this.pos + 1) === LF ? 2 : 1;
    this.line += 1;
    this.lineStart = this.pos;
    return c === LS ? "\u2028" : c === PS ? "\u2029" : "\n";
  }

  private skipSpaces(): void {
    while (this.text.charCodeAt(this.pos) === SPACE) this.pos += 1;
  }

  /** The rest of a line on which only a comment may follow, and its break. */
  private skipRestOfLine(what: string): void {
    this.skipSpaces();
    if (this.text.charCodeAt(this.pos) === 35) {
      while (!isBreakOrEnd(this.text.charCodeAt(this.pos))) this.pos += 1;
    }
    if (!isBreakOrEnd(this.text.charCodeAt(this.pos))) {
      this.fail(
        this.pos,
        `expected a comment or a line break after ${what}, but found ${shown(this.text, this.pos)}`,
      );
    }
    this.takeBreak();
  }

  private scanDirective(): void {
    const start = this.pos;
    this.pos += 1;
    const from = this.pos;
    while (isNameCharacter(this.text.charCodeAt(this.pos))) this.pos += 1;
    const name = this.text.slice(from, this.pos);
    if (name === "" || !isSpaceOrEnd(this.text.charCodeAt(this.pos))) {
      this.fail(
        this.pos,
        `expected a letter or a digit in a directive, but found ${shown(this.text, this.pos)}`,
      );
    }
    let handle: string | null = null;
    let value = "";
    if (name === "YAML") {
      this.skipSpaces();
      const major = this.scanDirectiveNumber();
      if (this.text.charCodeAt(this.pos) !== 46) {
        this.fail(this.pos, `expected a digit or '.', but found ${shown(this.text, this.pos)}`);
      }
      this.pos += 1;
      value = `${major}.${this.scanDirectiveNumber()}`;
      if (!isSpaceOrEnd(this.text.charCodeAt(this.pos))) {
        this.fail(this.pos, `expected a digit or ' ', but found ${shown(this.text, this.pos)}`);
      }
    } else if (name === "TAG") {
      this.skipSpaces();
      handle = this.scanTagHandle();
      if (this.text.charCodeAt(this.pos) !== SPACE) {
        this.fail(this.pos, `expected ' ', but found ${shown(this.text, this.pos)}`);
      }
      this.skipSpaces();
      value = this.scanTagUri();
      if (!isSpaceOrEnd(this.text.charCodeAt(this.pos))) {
        this.fail(this.pos, `expected ' ', but found ${shown(this.text, this.pos)}`);
      }
    } else {
      while (!isBreakOrEnd(this.text.charCodeAt(this.pos))) this.pos += 1;
    }
    this.skipRestOfLine("a directive");
    // The name goes before the value, since a token has one text.
    this.add(T.Directive, start, `${name} ${value}`, handle);
  }

  private scanDirectiveNumber(): string {
    const from = this.pos;
    while (isDigit(this.text.charCodeAt(this.pos))) this.pos += 1;
    if (this.pos === from) this.fail(this.pos, `expected a digit, but found ${shown(this.text, this.pos)}`);
    return this.text.slice(from, this.pos);
  }

  private scanName(type: T.Alias | T.Anchor, what: string): void {
    const start = this.pos;
    let pos = start + 1;
    while (isNameCharacter(this.text.charCodeAt(pos))) pos += 1;
    const c = this.text.charCodeAt(pos);
    // After the name: white space, the end, or one of `?:,]}%@` and the backquote.
    const ends =
      isBlankOrEnd(c) ||
      c === 63 ||
      c === 58 ||
      c === 44 ||
      c === 93 ||
      c === 125 ||
      c === 37 ||
      c === 64 ||
      c === 96;
    if (pos === start + 1 || !ends) {
      this.fail(pos, `expected a letter or a digit in an ${what}, but found ${shown(this.text, pos)}`);
    }
    this.pos = pos;
    this.add(type, start, this.text.slice(start + 1, pos));
  }

  private scanTag(): void {
    const start = this.pos;
    const { text } = this;
    let handle: string | null = null;
    let suffix: string;
    let c = text.charCodeAt(start + 1);
    if (c === 60 /* < */) {
      this.pos += 2;
      suffix = this.scanTagUri();
      if (text.charCodeAt(this.pos) !== 62) {
        this.fail(this.pos, `expected '>', but found ${shown(text, this.pos)}`);
      }
      this.pos += 1;
    } else if (isBlankOrEnd(c)) {
      suffix = "!";
      this.pos += 1;
    } else {
      let at = start + 1;
      while (!isSpaceOrEnd(c) && c !== 33) c = text.charCodeAt(++at);
      if (c === 33) {
        handle = this.scanTagHandle();
      } else {
        handle = "!";
        this.pos += 1;
      }
      suffix = this.scanTagUri();
    }
    if (!isSpaceOrEnd(text.charCodeAt(this.pos))) {
      this.fail(this.pos, `expected ' ' after a tag, but found ${shown(text, this.pos)}`);
    }
    this.add(T.Tag, start, suffix, handle);
  }

  private scanTagHandle(): string {
    const start = this.pos;
    const { text } = this;
    if (text.charCodeAt(start) !== 33) this.fail(start, `expected '!', but found ${shown(text, start)}`);
    let pos = start + 1;
    if (text.charCodeAt(pos) !== SPACE) {
      while (isNameCharacter(text.charCodeAt(pos))) pos += 1;
      if (text.charCodeAt(pos) !== 33) this.fail(pos, `expected '!', but found ${shown(text, pos)}`);
      pos += 1;
    }
    this.pos = pos;
    return text.slice(start, pos);
  }

  private scanTagUri(): string {
    const { text } = this;
    let value = "";
    const start = this.pos;
    while (URI_CHARACTER.test(text.charAt(this.pos))) {
      if (text.charCodeAt(this.pos) === 37) {
        value += this.scanUriEscapes();
      } else {
        value += text.charAt(this.pos);
        this.pos += 1;
      }
    }
    if (this.pos === start) this.fail(start, `expected a URI, but found ${shown(text, start)}`);
    return value;
  }

  private scanUriEscapes(): string {
    const start = this.pos;
    const bytes: number[] = [];
    while (this.text.charCodeAt(this.pos) === 37) {
      const digits = this.text.slice(this.pos + 1, this.pos + 3);
      if (digits.length < 2 || !HEX.test(digits)) {
        this.fail(this.pos, "expected an escape of two hexadecimal digits in a URI");
      }
      bytes.push(Number.parseInt(digits, 16));
      this.pos += 3;
    }
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes));
    } catch {
      this.fail(start, "the escapes of a URI are not UTF-8");
    }
  }

  private scanBlockScalar(folded: boolean): void {
    const { text } = this;
    const start = this.pos;
    this.pos += 1;
    let chomp: "clip" | "strip" | "keep" = "clip";
    let increment = 0;
    for (let k = 0; k < 2; k++) {
      const c = text.charCodeAt(this.pos);
      if (chomp === "clip" && (c === 43 || c === 45)) chomp = c === 43 ? "keep" : "strip";
      else if (increment === 0 && isDigit(c)) {
        if (c === 48) this.fail(this.pos, "expected an indentation of 1 to 9, but found 0");
        increment = c - 48;
      } else break;
      this.pos += 1;
    }
    if (!isSpaceOrEnd(text.charCodeAt(this.pos))) {
      this.fail(this.pos, `expected chomping or indentation indicators, but found ${shown(text, this.pos)}`);
    }
    this.skipRestOfLine("the indicators of a block scalar");

    const minimum = Math.max(this.indent + 1, 1);
    let indent: number;
    let breaks: string;
    if (increment === 0) {
      let deepest = 0;
      breaks = "";
      for (;;) {
        const c = text.charCodeAt(this.pos);
        if (c === SPACE) {
          this.pos += 1;
          if (this.column > deepest) deepest = this.column;
        } else if (isBreak(c)) breaks += this.takeBreak();
        else break;
      }
      indent = Math.max(minimum, deepest);
    } else {
      indent = minimum + increment - 1;
      breaks = this.scanBlockBreaks(indent);
    }

    const parts: string[] = [];
    let lineBreak = "";
    while (this.column === indent && text.charCodeAt(this.pos) !== 0) {
      parts.push(breaks);
      const first = text.charCodeAt(this.pos);
      const startsWithSpace = first === SPACE || first === TAB;
      const from = this.pos;
      let pos = from;
      while (!isBreakOrEnd(text.charCodeAt(pos))) pos += 1;
      parts.push(text.slice(from, pos));
      this.pos = pos;
      lineBreak = this.takeBreak();
      breaks = this.scanBlockBreaks(indent);
      const next = text.charCodeAt(this.pos);
      if (this.column !== indent || next === 0) break;
      if (folded && lineBreak === "\n" && !startsWithSpace && next !== SPACE && next !== TAB) {
        if (breaks === "") parts.push(" ");
      } else parts.push(lineBreak);
    }
    if (chomp !== "strip") parts.push(lineBreak);
    if (chomp === "keep") parts.push(breaks);
    this.add(T.Scalar, start, parts.join(""));
  }

  private scanBlockBreaks(indent: number): string {
    const { text } = this;
    let breaks = "";
    for (;;) {
      while (this.column < indent && text.charCodeAt(this.pos) === SPACE) this.pos += 1;
      if (!isBreak(text.charCodeAt(this.pos))) return breaks;
      breaks += this.takeBreak();
    }
  }

  private scanQuoted(quote: number): void {
    const { text } = this;
    const start = this.pos;
    const double = quote === 34;
    let pos = start + 1;
    /** Where the run of characters that stand for themselves begins. */
    let from = pos;
    // Most scalars are one run; parts are only needed for escapes and line breaks.
    let parts: string[] | undefined;
    for (;;) {
      let c = text.charCodeAt(pos);
      while (c !== quote && c !== 92 && c > PLAIN_ASCII_FROM && c < PLAIN_ASCII_TO)
        c = text.charCodeAt(++pos);
      if (c === quote) {
        if (double || text.charCodeAt(pos + 1) !== 39) break;
        parts ??= [];
        parts.push(text.slice(from, pos + 1));
        pos += 2;
        from = pos;
      } else if (c === 92 && double) {
        parts ??= [];
        if (pos > from) parts.push(text.slice(from, pos));
        this.pos = pos;
        parts.push(this.scanEscape());
        pos = this.pos;
        from = pos;
      } else if (isBreak(c)) {
        let end = pos;
        while (end > from && (text.charCodeAt(end - 1) === SPACE || text.charCodeAt(end - 1) === TAB))
          end -= 1;
        parts ??= [];
        if (end > from) parts.push(text.slice(from, end));
        this.pos = pos;
        const first = this.takeBreak();
        const breaks = this.scanQuotedBreaks();
        if (first !== "\n") parts.push(first);
        else if (breaks === "") parts.push(" ");
        parts.push(breaks);
        pos = this.pos;
        from = pos;
      } else if (c === 0) {
        this.fail(start, "found the end of the text in a quoted scalar");
      } else pos += 1;
    }
    const last = text.slice(from, pos);
    this.pos = pos + 1;
    if (parts === undefined) this.add(T.Scalar, start, last);
    else {
      parts.push(last);
      this.add(T.Scalar, start, parts.join(""));
    }
  }

  private scanEscape(): string {
    const { text } = this;
    this.pos += 1;
    const c = text.charAt(this.pos);
    const simple = ESCAPES.get(c);
    if (simple !== undefined) {
      this.pos += 1;
      return simple;
    }
    const length = ESCAPE_LENGTHS.get(c);
    if (length !== undefined) {
      this.pos += 1;
      const digits = text.slice(this.pos, this.pos + length);
      if (digits.length < length || !HEX.test(digits)) {
        this.fail(this.pos, `expected ${length} hexadecimal digits after '\\${c}'`);
      }
      const code = Number.parseInt(digits, 16);
      if (code > 0x10ffff) this.fail(this.pos, `the escape '\\${c}${digits}' is no character`);
      this.pos += length;
      return String.fromCodePoint(code);
    }
    if (isBreak(text.charCodeAt(this.pos))) {
      this.takeBreak();
      return this.scanQuotedBreaks();
    }
    this.fail(this.pos, `found unknown escape character ${shown(text, this.pos)}`);
  }

  private scanQuotedBreaks(): string {
    const { text } = this;
    let breaks = "";
    for (;;) {
      if (this.atDocumentMark("---") || this.atDocumentMark("...")) {
        this.fail(this.pos, "found a document separator in a quoted scalar");
      }
      while (text.charCodeAt(this.pos) === SPACE || text.charCodeAt(this.pos) === TAB) this.pos += 1;
      if (!isBreak(text.charCodeAt(this.pos))) return breaks;
      breaks += this.takeBreak();
    }
  }

  private scanPlain(): void {
    const { text } = this;
    const start = this.pos;
    const inFlow = this.flowLevel > 0;
    const indent = this.indent + 1;
    // The scalar is one run of the text up to a line break; parts are needed only after one.
    let parts: string[] | undefined;
    let runStart = start;
    let runEnd = start;
    for (;;) {
      const from = this.pos;
      let pos = from;
      let c = text.charCodeAt(pos);
      if (c === 35 /* # */) break;
      while (!isBlankOrEnd(c)) {
        if (c === 58 /* : */) {
          const next = text.charCodeAt(pos + 1);
          if (isBlankOrEnd(next)) break;
          // Before one of `,[]{}` a colon ends a scalar of a flow collection.
          if (inFlow && (next === 44 || next === 91 || next === 93 || next === 123 || next === 125)) break;
        } else if (inFlow && (c === 44 || c === 63 || c === 91 || c === 93 || c === 123 || c === 125)) break;
        c = text.charCodeAt(++pos);
      }
      if (pos === from) break;
      this.allowSimpleKey = false;
      this.pos = pos;
      runEnd = pos;
      if (c === SPACE) this.skipSpaces();
      if (isBreak(text.charCodeAt(this.pos))) {
        const gap = this.scanPlainBreaks();
        if (gap === undefined) break;
        parts ??= [];
        parts.push(text.slice(runStart, runEnd), gap);
        runStart = this.pos;
        runEnd = this.pos;
      } else if (this.pos === pos) break;
      if (text.charCodeAt(this.pos) === 35 || (!inFlow && this.column < indent)) break;
    }
    if (parts === undefined) this.add(T.Scalar, start, text.slice(start, runEnd), null, true);
    else {
      // A line break at the end belongs to no scalar.
      if (runEnd > runStart) parts.push(text.slice(runStart, runEnd));
      else parts.pop();
      this.add(T.Scalar, start, parts.join(""), null, true);
    }
  }

  /** What line breaks between two words of a plain scalar mean; undefined at a document separator. */
  private scanPlainBreaks(): string | undefined {
    const { text } = this;
    const first = this.takeBreak();
    this.allowSimpleKey = true;
    if (this.atDocumentMark("---") || this.atDocumentMark("...")) return undefined;
    let breaks = "";
    for (;;) {
      this.skipSpaces();
      if (!isBreak(text.charCodeAt(this.pos))) break;
      breaks += this.takeBreak();
      if (this.atDocumentMark("---") || this.atDocumentMark("...")) return undefined;
    }
    if (first !== "\n") return first + breaks;
    return breaks === "" ? " " : breaks;
  }
}
