import { MAX_INT_DIGITS, parseFloatText, parseIntText } from "../scalar/number-text.js";
import { float, type KeyId, keyId } from "../scalar/values.js";
import { rulesOf } from "../version/rules.js";
import type { VersionBase } from "../version/version-base.js";
import { FunctionProblem, overrideFunction, overrideSyntax, overrideTooDeep } from "./errors.js";
import { callFunction, type FunctionWorld } from "./functions.js";
import { readKey } from "./key.js";
import { type Override, valueTypeOf } from "./override.js";
import { unescapeQuoted, unescapeRuns } from "./quoting.js";
import { Scanner, Token } from "./scanner.js";
import {
  ChoiceSweep,
  DictValue,
  type Element,
  ListExtension,
  type Primitive,
  QuotedString,
} from "./value.js";
import { characterName } from "./visible.js";

/** Levels of lists, dictionaries and functions in one override. */
const MAX_OVERRIDE_DEPTH = 100;

export interface ParseOptions {
  /** Uniform in [0, 1); only `shuffle` of a list draws from it. Default: `Math.random`. */
  readonly random?: () => number;
  /** Which generation of the grammar to read. Default: `1.3`. */
  readonly versionBase?: VersionBase;
}

/**
 * Reads one override as on a command line.
 * @throws OverrideParseError (`OVERRIDE_SYNTAX`, `OVERRIDE_FUNCTION`, `OVERRIDE_TOO_DEEP`) with the column.
 */
export function parseOverride(text: string, options: ParseOptions = {}): Override {
  const rules = rulesOf(options.versionBase);
  const head = readKey(text, rules);
  const { type, keyOrGroup, isValuePath } = head;
  const base = { text, type, keyOrGroup, package: head.package, isValuePath };
  if (head.valueAt === undefined) return { ...base, valueType: undefined, value: null };
  const parser = new ValueParser(text, head.valueAt, { random: options.random ?? Math.random, rules });
  const value = parser.overrideValue();
  if (value instanceof ListExtension) {
    if (type !== "CHANGE") throw overrideSyntax(text, 0, "no sign before the key of a list that is extended");
    return { ...base, type: "EXTEND_LIST", valueType: "ELEMENT", value: value.items };
  }
  return { ...base, valueType: valueTypeOf(value), value };
}

class ValueParser {
  readonly #text: string;
  readonly #scanner: Scanner;
  readonly #world: FunctionWorld;
  #depth = 0;

  constructor(text: string, position: number, world: FunctionWorld) {
    this.#text = text;
    this.#scanner = new Scanner(text, position);
    this.#world = world;
  }

  /** An element, or several with commas between them: a sweep over them. Nothing at all is the empty text. */
  overrideValue(): Element {
    this.#advance();
    if (this.#at(Token.End)) return "";
    const first = this.#element();
    if (this.#at(Token.End)) return first;
    const list = [first];
    while (this.#accept(Token.Comma)) list.push(this.#element());
    if (!this.#at(Token.End)) throw this.#unexpected("a comma or the end");
    return new ChoiceSweep(list, { simpleForm: true });
  }

  #advance(): void {
    if (!this.#scanner.advance()) throw this.#unrecognised();
  }

  #at(token: Token): boolean {
    return this.#scanner.token === token;
  }

  #accept(token: Token): boolean {
    if (!this.#at(token)) return false;
    this.#advance();
    return true;
  }

  #element(): Element {
    switch (this.#scanner.token) {
      case Token.BracketOpen:
        return this.#nested(() => this.#list());
      case Token.BraceOpen:
        return this.#nested(() => this.#dict());
      case Token.Quoted:
        return this.#quoted();
      default:
        return this.#primitiveOrFunction();
    }
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_OVERRIDE_DEPTH) {
      throw overrideTooDeep(this.#text, this.#scanner.start, MAX_OVERRIDE_DEPTH);
    }
    const value = read();
    this.#depth--;
    return value;
  }

  #list(): Element {
    this.#advance();
    const items: Element[] = [];
    if (this.#accept(Token.BracketClose)) return items;
    do items.push(this.#element());
    while (this.#accept(Token.Comma));
    if (!this.#accept(Token.BracketClose)) throw this.#unexpected("a comma or ']'");
    return items;
  }

  #dict(): Element {
    this.#advance();
    // Equal keys are joined: the first place, the last value. NaN equals nothing, not even itself.
    const entries = new Map<KeyId | symbol, [Primitive, Element]>();
    if (this.#accept(Token.BraceClose)) return new DictValue([]);
    do {
      const key = this.#plain(false);
      if (!this.#accept(Token.Colon)) throw this.#unexpected("':' after a key");
      const value = this.#element();
      const id = Number.isNaN(key) ? Symbol("nan") : keyId(key);
      const known = entries.get(id);
      if (known === undefined) entries.set(id, [key, value]);
      else known[1] = value;
    } while (this.#accept(Token.Comma));
    if (!this.#accept(Token.BraceClose)) throw this.#unexpected("a comma or '}'");
    return new DictValue([...entries.values()]);
  }

  #quoted(): QuotedString {
    const { start, end } = this.#scanner;
    const raw = this.#text.slice(start, end);
    this.#advance();
    return new QuotedString(unescapeQuoted(raw), raw.startsWith("'") ? "single" : "double");
  }

  #primitiveOrFunction(): Element {
    const scanner = this.#scanner;
    if (scanner.token !== Token.Id) return this.#plain(true);
    const { start, end } = scanner;
    this.#advance();
    if (this.#at(Token.ParenOpen)) return this.#nested(() => this.#call(start, this.#text.slice(start, end)));
    return this.#rest(start, Token.Id, true);
  }

  #call(start: number, name: string): Element {
    this.#advance();
    const positional: Element[] = [];
    const keywords = new Map<string, Element>();
    let close = this.#scanner.end;
    if (this.#at(Token.ParenClose)) this.#advance();
    else {
      do this.#argument(positional, keywords);
      while (this.#accept(Token.Comma));
      if (!this.#at(Token.ParenClose)) throw this.#unexpected("a comma or ')'");
      close = this.#scanner.end;
      this.#advance();
    }
    try {
      return callFunction(name, positional, keywords, this.#world);
    } catch (problem) {
      if (!(problem instanceof FunctionProblem)) throw problem;
      throw overrideFunction(this.#text, start, this.#text.slice(start, close), problem);
    }
  }

  #argument(positional: Element[], keywords: Map<string, Element>): void {
    const scanner = this.#scanner;
    const { start, end } = scanner;
    if (scanner.token !== Token.Id) {
      positional.push(this.#positional(keywords, () => this.#element()));
      return;
    }
    this.#advance();
    const word = this.#text.slice(start, end);
    if (this.#at(Token.Equal)) {
      this.#advance();
      keywords.set(word, this.#element());
    } else if (this.#at(Token.ParenOpen)) {
      positional.push(this.#positional(keywords, () => this.#nested(() => this.#call(start, word))));
    } else {
      positional.push(this.#positional(keywords, () => this.#rest(start, Token.Id, true)));
    }
  }

  #positional(keywords: ReadonlyMap<string, Element>, read: () => Element): Element {
    const { start } = this.#scanner;
    const value = read();
    if (keywords.size > 0)
      throw overrideSyntax(this.#text, start, "no value without a name after a named one");
    return value;
  }

  /** An unquoted value, or the key of a dictionary, which takes no colon and no interpolation. */
  #plain(isValue: boolean): Primitive {
    const { token, start } = this.#scanner;
    if (!isPlainToken(token, isValue)) throw this.#unexpected(isValue ? "a value" : "a key");
    this.#advance();
    return this.#rest(start, token, isValue);
  }

  /**
   * The whole of an unquoted value whose first token has been read. One token alone has a type (a number, a boolean,
   * null); several are a text. Blanks at either end are dropped.
   */
  #rest(from: number, first: Token, isValue: boolean): Primitive {
    const scanner = this.#scanner;
    const tokens: Token[] = [first];
    let start = from;
    let lastStart = from;
    const secondStart = scanner.start;
    // Begins and ends of escaped runs: elsewhere, as in an interpolation, a backslash is literal.
    const escapes = first === Token.Escape ? [from, secondStart] : [];
    while (isPlainToken(scanner.token, isValue)) {
      lastStart = scanner.start;
      if (tokens.length < 3) tokens.push(scanner.token);
      else tokens[2] = scanner.token;
      if (scanner.token === Token.Escape) escapes.push(scanner.start, scanner.end);
      this.#advance();
    }
    let end = scanner.start;
    if (tokens.length > 1 && tokens.at(-1) === Token.Space) {
      end = lastStart;
      tokens.pop();
    }
    if (tokens.length > 1 && first === Token.Space) {
      start = secondStart;
      tokens.shift();
    }
    const text =
      escapes.length === 0 ? this.#text.slice(start, end) : unescapeRuns(this.#text, start, end, escapes);
    return tokens.length > 1 ? text : this.#typed(text, tokens[0]!);
  }

  #typed(text: string, token: Token): Primitive {
    switch (token) {
      case Token.Int: {
        const value = parseIntText(text);
        if (value !== undefined) return value;
        throw overrideSyntax(
          this.#text,
          this.#scanner.start,
          `an integer of at most ${MAX_INT_DIGITS} digits`,
        );
      }
      case Token.Float:
        return float(parseFloatText(text)!);
      case Token.Null:
        return null;
      case Token.Bool:
        return text.length === 4;
      case Token.Space:
        throw this.#unexpected("a value that is more than blanks");
      default:
        return text;
    }
  }

  #unexpected(expected: string): Error {
    return overrideSyntax(this.#text, this.#scanner.start, expected);
  }

  #unrecognised(): Error {
    const { start } = this.#scanner;
    const char = String.fromCodePoint(this.#text.codePointAt(start) ?? 0);
    return overrideSyntax(
      this.#text,
      start,
      char === "'" || char === '"'
        ? `the closing quote of the text that begins here`
        : `${characterName(char)} to be quoted or escaped`,
    );
  }
}

function isPlainToken(token: Token, isValue: boolean): boolean {
  switch (token) {
    case Token.Id:
    case Token.Null:
    case Token.Int:
    case Token.Float:
    case Token.Bool:
    case Token.Char:
    case Token.Escape:
    case Token.Space:
      return true;
    case Token.Colon:
    case Token.Interpolation:
      return isValue;
    default:
      return false;
  }
}
