import { isBlankOrEnd, isBreak, isBreakOrEnd, SPACE, shown, TAB } from "./characters.js";
import { type YamlContext, yamlLimit } from "./errors.js";
import { PropertyScanner } from "./property-scanner.js";
import { T, type Token } from "./tokens.js";

/** Characters that cannot begin a plain scalar: `-?:,[]{}#&*!|>'"%@` and the backquote. */
const NOT_PLAIN_START = new Set([..."-?:,[]{}#&*!|>'\"%@`"].map((c) => c.charCodeAt(0)));

interface SimpleKey {
  readonly tokenNumber: number;
  readonly required: boolean;
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

/**
 * The tokens of a text. It is lazy: it reads no further than the parser asks.
 */
export class Scanner extends PropertyScanner {
  private readonly maxDepth: number;
  private queue: Token[] = [];
  private head = 0;
  private taken = 0;
  private done = false;
  private readonly indents: number[] = [];
  /** The possible simple key of each flow level. */
  private keys: (SimpleKey | undefined)[] = [undefined];
  private pendingKeys = 0;

  constructor(context: YamlContext, maxDepth: number) {
    super(context);
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

  protected add(type: T, start: number, text = "", handle: string | null = null, plain = false): void {
    this.queue.push({ type, start, text, handle, plain });
  }

  private needsMore(): boolean {
    if (this.done) return false;
    if (this.head >= this.queue.length) return true;
    if (this.pendingKeys === 0) return false;
    this.dropStaleKeys();
    for (const key of this.keys) if (key !== undefined) return key.tokenNumber === this.taken;
    return false;
  }

  private fetch(): void {
    this.skipToToken();
    if (this.pendingKeys > 0) this.dropStaleKeys();
    const { column, text, pos } = this;
    if (this.flowLevel === 0 && this.indent > column) this.unwind(column);
    const c = text.charCodeAt(pos);
    // A letter, as nearly always, begins a plain scalar.
    if ((c | 32) >= 97 && (c | 32) <= 122) this.scanContent();
    else if (c === 0) this.fetchEnd();
    else if (!(column === 0 && this.fetchLineStart(c)) && !this.fetchIndicator(c)) this.fetchPlain(c);
  }

  private fetchEnd(): void {
    this.unwind(-1);
    this.dropKey();
    this.allowSimpleKey = false;
    this.keys = [undefined];
    this.pendingKeys = 0;
    this.add(T.StreamEnd, this.pos);
    this.done = true;
  }

  /** What only the first column can hold: a directive or a document mark. False where there is none. */
  private fetchLineStart(c: number): boolean {
    if (c === 37 /* % */) {
      this.unwind(-1);
      this.dropKey();
      this.allowSimpleKey = false;
      this.scanDirective();
      return true;
    }
    if (c === 45 && this.atDocumentMark("---")) {
      this.fetchDocumentMark(T.DocumentStart);
      return true;
    }
    if (c === 46 && this.atDocumentMark("...")) {
      this.fetchDocumentMark(T.DocumentEnd);
      return true;
    }
    return false;
  }

  /** The token that an indicator begins. False where the character is none at its place. */
  private fetchIndicator(c: number): boolean {
    switch (c) {
      case 45 /* - */:
        if (!this.isBlankAhead()) return false;
        this.fetchBlockEntry();
        return true;
      case 91 /* [ */:
        this.fetchFlowStart(T.FlowSequenceStart);
        return true;
      case 123 /* { */:
        this.fetchFlowStart(T.FlowMappingStart);
        return true;
      case 93 /* ] */:
        this.fetchFlowEnd(T.FlowSequenceEnd);
        return true;
      case 125 /* } */:
        this.fetchFlowEnd(T.FlowMappingEnd);
        return true;
      case 44 /* , */:
        this.allowSimpleKey = true;
        this.dropKey();
        this.add(T.FlowEntry, this.pos);
        this.pos += 1;
        return true;
      case 63 /* ? */:
        if (this.flowLevel === 0 && !this.isBlankAhead()) return false;
        this.fetchKey();
        return true;
      case 58 /* : */:
        if (this.flowLevel === 0 && !this.isBlankAhead()) return false;
        this.fetchValue();
        return true;
      case 42 /* * */:
        this.beginContent();
        this.scanName(T.Alias, "alias");
        return true;
      case 38 /* & */:
        this.beginContent();
        this.scanName(T.Anchor, "anchor");
        return true;
      case 33 /* ! */:
        this.beginContent();
        this.scanTag();
        return true;
      case 124 /* | */:
      case 62 /* > */:
        if (this.flowLevel > 0) return false;
        this.allowSimpleKey = true;
        this.dropKey();
        this.scanBlockScalar(c === 62);
        return true;
      case 39 /* ' */:
      case 34 /* " */:
        this.beginContent();
        this.scanQuoted(c);
        return true;
      default:
        return false;
    }
  }

  private fetchPlain(c: number): void {
    const isIndicator = NOT_PLAIN_START.has(c);
    // `-`, and outside of flow collections `?` and `:`, begin a plain scalar where no blank follows.
    const mayBegin = c === 45 || (this.flowLevel === 0 && (c === 63 || c === 58));
    if (isBlankOrEnd(c) || (isIndicator && !(mayBegin && !this.isBlankAhead()))) {
      this.fail(this.pos, `found character ${shown(this.text, this.pos)} that cannot start any token`);
    }
    this.scanContent();
  }

  private scanContent(): void {
    this.beginContent();
    this.scanPlain();
  }

  private isBlankAhead(): boolean {
    return isBlankOrEnd(this.text.charCodeAt(this.pos + 1));
  }

  /** Content may turn out to be a simple key; none can begin right behind it. */
  private beginContent(): void {
    this.saveKey();
    this.allowSimpleKey = false;
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
      // libyaml takes a tab where no key can begin.
      const takesTabs = this.context.libyaml === true && (this.flowLevel > 0 || !this.allowSimpleKey);
      while (c === SPACE || (c === TAB && takesTabs)) c = text.charCodeAt(++pos);
      if (c === 35 /* # */) {
        while (!isBreakOrEnd(c)) c = text.charCodeAt(++pos);
      }
      this.pos = pos;
      if (!isBreak(c)) return;
      this.takeBreak();
      if (this.flowLevel === 0) this.allowSimpleKey = true;
    }
  }
}
