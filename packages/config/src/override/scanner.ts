/** Kinds of tokens behind the `=` of an override. */
export const Token = {
  End: 0,
  ParenOpen: 1,
  ParenClose: 2,
  Comma: 3,
  BracketOpen: 4,
  BracketClose: 5,
  BraceOpen: 6,
  BraceClose: 7,
  Colon: 8,
  Equal: 9,
  Float: 10,
  Int: 11,
  Bool: 12,
  Null: 13,
  Char: 14,
  Id: 15,
  Escape: 16,
  Space: 17,
  Quoted: 18,
  Interpolation: 19,
} as const;
export type Token = (typeof Token)[keyof typeof Token];

// Classes of characters, one bit each.
const LETTER = 1;
const DIGIT = 2;
const SPACE = 4;
const PLAIN = 8;
const ESCAPABLE = 16;

const CLASSES = new Uint8Array(128);
for (let code = 65; code <= 90; code++) CLASSES[code] = CLASSES[code + 32] = LETTER;
for (let code = 48; code <= 57; code++) CLASSES[code] = DIGIT;
CLASSES[95] = LETTER;
for (const char of " \t") CLASSES[char.charCodeAt(0)]! |= SPACE;
for (const char of "/-\\+.$%*@?|") CLASSES[char.charCodeAt(0)]! |= PLAIN;
for (const char of "\\()[]{}:=, \t") CLASSES[char.charCodeAt(0)]! |= ESCAPABLE;

function has(code: number, mask: number): boolean {
  return code < 128 && (CLASSES[code]! & mask) !== 0;
}

const BACKSLASH = 92;

/**
 * Splits the value of an override into tokens, always taking the longest that fits. Blanks beside a
 * separator belong to the separator, so they never reach a value. One pass: no token is read twice.
 */
export class Scanner {
  readonly text: string;
  /** Kind of the current token, and where it lies in the text. */
  token: Token = Token.End;
  start: number;
  end: number;

  constructor(text: string, position: number) {
    this.text = text;
    this.start = position;
    this.end = position;
  }

  /** Moves to the next token. Returns false when no token can begin here; `end` then is where it stuck. */
  advance(): boolean {
    const text = this.text;
    const start = this.end;
    this.start = start;
    if (start >= text.length) {
      this.token = Token.End;
      return true;
    }
    const code = text.charCodeAt(start);
    if (has(code, LETTER)) return this.#word(start);
    if (has(code, DIGIT)) return this.#take(this.#number(start, start));
    if (has(code, SPACE)) return this.#space(start);
    const separator = separatorOf(code);
    if (separator !== undefined) return this.#separator(separator, start + 1);
    if (code === 39 || code === 34) return this.#quoted(code, start);
    if (code === BACKSLASH) return this.#backslash(start);
    if (code === 36 && text.charCodeAt(start + 1) === 123) return this.#interpolation(start);
    if (code === 43 || code === 45) return this.#take(this.#number(start, start + 1));
    if (code === 46) return this.#take(this.#number(start, start));
    if (has(code, PLAIN)) return this.#take(Token.Char, start + 1);
    return false;
  }

  #take(token: Token, end: number = this.end): true {
    this.token = token;
    this.end = end;
    return true;
  }

  #skip(position: number, mask: number): number {
    const text = this.text;
    let end = position;
    while (end < text.length && has(text.charCodeAt(end), mask)) end++;
    return end;
  }

  #separator(token: Token, end: number): true {
    const absorbsBlanks =
      token !== Token.ParenClose && token !== Token.BracketClose && token !== Token.BraceClose;
    return this.#take(token, absorbsBlanks ? this.#skip(end, SPACE) : end);
  }

  #space(start: number): true {
    const end = this.#skip(start, SPACE);
    const separator = end < this.text.length ? separatorOf(this.text.charCodeAt(end)) : undefined;
    // An opening bracket or brace takes no blanks before it.
    if (separator === undefined || separator === Token.BracketOpen || separator === Token.BraceOpen) {
      return this.#take(Token.Space, end);
    }
    return this.#separator(separator, end + 1);
  }

  #word(start: number): true {
    const text = this.text;
    let end = start + 1;
    while (end < text.length) {
      const code = text.charCodeAt(end);
      if (!has(code, LETTER | DIGIT) && code !== 45) break;
      end++;
    }
    return this.#take(end - start > 5 ? Token.Id : keyword(text.slice(start, end)), end);
  }

  /** Reads a number whose digits begin at `digits` (after a sign, if any); a lone sign or dot is a plain character. */
  #number(start: number, digits: number): Token {
    const text = this.text;
    if (digits > start && has(text.charCodeAt(digits), LETTER)) {
      const word = text.slice(digits, digits + 3).toLowerCase();
      if (word === "inf" || word === "nan") {
        this.end = digits + 3;
        return Token.Float;
      }
    }
    let end = this.#unsigned(digits);
    let token: Token = end > digits ? Token.Int : Token.Char;
    if (text.charCodeAt(end) === 46) {
      const fraction = this.#digits(end + 1);
      if (fraction > end + 1 || token === Token.Int) {
        token = Token.Float;
        end = fraction;
      }
    }
    if (token === Token.Char) {
      this.end = start + 1;
      return Token.Char;
    }
    const exponentMark = text.charCodeAt(end);
    if (exponentMark === 101 || exponentMark === 69) {
      const sign = text.charCodeAt(end + 1);
      const first = sign === 43 || sign === 45 ? end + 2 : end + 1;
      const exponent = this.#digits(first);
      if (exponent > first) {
        token = Token.Float;
        end = exponent;
      }
    }
    this.end = end;
    return token;
  }

  /** End of an unsigned integer: `0`, or digits that do not begin with 0, with single underscores inside. */
  #unsigned(position: number): number {
    return this.text.charCodeAt(position) === 48 ? position + 1 : this.#digits(position);
  }

  /** End of a run of digits with single underscores inside. */
  #digits(position: number): number {
    const text = this.text;
    let end = position;
    for (;;) {
      if (has(text.charCodeAt(end), DIGIT)) end++;
      else if (end > position && text.charCodeAt(end) === 95 && has(text.charCodeAt(end + 1), DIGIT))
        end += 2;
      else return end;
    }
  }

  #backslash(start: number): true {
    const text = this.text;
    let end = start;
    while (text.charCodeAt(end) === BACKSLASH && has(text.charCodeAt(end + 1), ESCAPABLE)) end += 2;
    return end === start ? this.#take(Token.Char, start + 1) : this.#take(Token.Escape, end);
  }

  /** A quoted string ends at the first quote before which the number of backslashes is even. */
  #quoted(quote: number, start: number): boolean {
    const text = this.text;
    let backslashes = 0;
    for (let end = start + 1; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code === BACKSLASH) backslashes++;
      else if (code === quote && backslashes % 2 === 0) return this.#take(Token.Quoted, end + 1);
      else backslashes = 0;
    }
    return false;
  }

  /** `${...}` up to the first closing brace, with something inside; otherwise the dollar is literal. */
  #interpolation(start: number): true {
    const close = this.text.indexOf("}", start + 2);
    return close > start + 2 ? this.#take(Token.Interpolation, close + 1) : this.#take(Token.Char, start + 1);
  }
}

function separatorOf(code: number): Token | undefined {
  switch (code) {
    case 40:
      return Token.ParenOpen;
    case 41:
      return Token.ParenClose;
    case 44:
      return Token.Comma;
    case 58:
      return Token.Colon;
    case 61:
      return Token.Equal;
    case 91:
      return Token.BracketOpen;
    case 93:
      return Token.BracketClose;
    case 123:
      return Token.BraceOpen;
    case 125:
      return Token.BraceClose;
    default:
      return undefined;
  }
}

function keyword(word: string): Token {
  switch (word.toLowerCase()) {
    case "true":
    case "false":
      return Token.Bool;
    case "null":
      return Token.Null;
    case "inf":
    case "nan":
      return Token.Float;
    default:
      return Token.Id;
  }
}
