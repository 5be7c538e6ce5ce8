import {
  HEX,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
  isDigit,
  isSpaceOrEnd,
  SPACE,
  shown,
  TAB,
} from "./characters.js";
import { TextCursor } from "./text-cursor.js";
import { T } from "./tokens.js";

// Between these, exclusively, every character of a quoted scalar but quote and backslash is literal.
const PLAIN_ASCII_FROM = 31;
const PLAIN_ASCII_TO = 127;

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

/** Reads scalars of all forms: block, quoted, plain. */
export abstract class ScalarScanner extends TextCursor {
  protected flowLevel = 0;
  protected indent = -1;
  protected allowSimpleKey = true;

  protected abstract add(
    type: T,
    start: number,
    text?: string,
    handle?: string | null,
    plain?: boolean,
  ): void;

  protected scanBlockScalar(folded: boolean): void {
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

  protected scanBlockBreaks(indent: number): string {
    const { text } = this;
    let breaks = "";
    for (;;) {
      while (this.column < indent && text.charCodeAt(this.pos) === SPACE) this.pos += 1;
      if (!isBreak(text.charCodeAt(this.pos))) return breaks;
      breaks += this.takeBreak();
    }
  }

  protected scanQuoted(quote: number): void {
    const { text } = this;
    const start = this.pos;
    const double = quote === 34;
    let pos = start + 1;
    /** Start of the current run of literal characters. */
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

  protected scanEscape(): string {
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

  protected scanQuotedBreaks(): string {
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

  protected scanPlain(): void {
    const { text } = this;
    const start = this.pos;
    const inFlow = this.flowLevel > 0;
    const libyaml = this.context.libyaml === true;
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
          if (inFlow && libyaml && (next === 63 || isFlowIndicator(next)))
            this.fail(pos, "found unexpected ':'");
          // Before one of `,[]{}` a colon ends a scalar of a flow collection.
          if (inFlow && isFlowIndicator(next)) break;
        } else if (inFlow && (isFlowIndicator(c) || (c === 63 && !libyaml))) break;
        else if (libyaml && c === TAB) break;
        c = text.charCodeAt(++pos);
      }
      if (pos === from) break;
      this.allowSimpleKey = false;
      this.pos = pos;
      runEnd = pos;
      if (c === SPACE || c === TAB) this.skipBlanks();
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

  /** At the beginning of a line: a tab may not stand in for its indentation. */
  private skipBlanksOfPlain(): void {
    if (this.context.libyaml !== true) {
      this.skipSpaces();
      return;
    }
    const { text } = this;
    for (let c = text.charCodeAt(this.pos); c === SPACE || c === TAB; c = text.charCodeAt(++this.pos)) {
      if (c === TAB && this.flowLevel === 0 && this.column < this.indent + 1)
        this.fail(this.pos, "found a tab that stands in for indentation");
    }
  }

  /** What line breaks between two words of a plain scalar mean; undefined at a document separator. */
  protected scanPlainBreaks(): string | undefined {
    const { text } = this;
    const first = this.takeBreak();
    this.allowSimpleKey = true;
    if (this.atDocumentMark("---") || this.atDocumentMark("...")) return undefined;
    let breaks = "";
    for (;;) {
      this.skipBlanksOfPlain();
      if (!isBreak(text.charCodeAt(this.pos))) break;
      breaks += this.takeBreak();
      if (this.atDocumentMark("---") || this.atDocumentMark("...")) return undefined;
    }
    if (first !== "\n") return first + breaks;
    return breaks === "" ? " " : breaks;
  }
}

/** One of `,[]{}`. */
function isFlowIndicator(c: number): boolean {
  return c === 44 || c === 91 || c === 93 || c === 123 || c === 125;
}
