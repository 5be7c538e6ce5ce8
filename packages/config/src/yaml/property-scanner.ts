import {
  HEX,
  isBlankOrEnd,
  isBreakOrEnd,
  isDigit,
  isNameCharacter,
  isSpaceOrEnd,
  SPACE,
  shown,
} from "./characters.js";
import { ScalarScanner } from "./scalar-scanner.js";
import { T } from "./tokens.js";

const URI_CHARACTER = /[0-9A-Za-z\-;/?:@&=+$,_.!~*'()[\]%]/;

/** Reads what accompanies values: directives, anchors, aliases and tags. */
export abstract class PropertyScanner extends ScalarScanner {
  protected scanDirective(): void {
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

  protected scanDirectiveNumber(): string {
    const from = this.pos;
    while (isDigit(this.text.charCodeAt(this.pos))) this.pos += 1;
    if (this.pos === from) this.fail(this.pos, `expected a digit, but found ${shown(this.text, this.pos)}`);
    return this.text.slice(from, this.pos);
  }

  protected scanName(type: T.Alias | T.Anchor, what: string): void {
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

  protected scanTag(): void {
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

  protected scanTagHandle(): string {
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

  protected scanTagUri(): string {
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

  protected scanUriEscapes(): string {
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
}
