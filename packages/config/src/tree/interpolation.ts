import type { Rules } from "../version/rules.js";
import { configError, interpolationError } from "./errors.js";
import type { Argument, Expression, Interpolation, LiteralValue } from "./expression.js";
import {
  CHARS,
  ESCAPED_KEY,
  ESCAPES,
  FLOAT,
  ID,
  INT,
  INTER_KEY,
  literal,
  matchAt,
  SEPARATOR,
  SPACES,
  V,
  withoutEscapes,
} from "./interpolation-tokens.js";

/** Nesting of brackets, braces, quotes and interpolations within one text. */
const MAX_DEPTH = 100;
const BLANK = /^[ \t]+$/;

/** Parses a text that holds `${`: the value of a node. Throws `INTERPOLATION_SYNTAX`. */
export function parseInterpolated(text: string, rules?: Rules): Expression {
  return new Parser(text, rules).text(undefined);
}

/** Parses a text as one element: number, boolean, null, quoted or plain text, list, dict (the rule of `oc.decode`). */
export function parseElement(text: string, rules?: Rules): Expression {
  if (BLANK.test(text)) throw interpolationError("INTERPOLATION_FAILED", "white space alone is no value");
  const parser = new Parser(text, rules);
  const expression = parser.element();
  parser.expectEnd();
  return expression;
}

class Parser {
  private readonly source: string;
  private readonly keys: RegExp;
  private pos = 0;
  private depth = 0;
  /** Kind and length of the token at `pos`, in value mode. */
  private type: V = V.End;
  private length = 0;

  constructor(source: string, rules: Rules | undefined) {
    this.source = source;
    this.keys = rules?.keyPathEscapes === true ? ESCAPED_KEY : INTER_KEY;
  }

  private fail(expected: string): never {
    const found =
      this.pos < this.source.length ? `'${this.source.slice(this.pos, this.pos + 20)}'` : "the end";
    throw configError(
      "INTERPOLATION_SYNTAX",
      `In '${this.source.length > 200 ? `${this.source.slice(0, 200)}…` : this.source}' at character ${this.pos + 1}: expected ${expected}, found ${found}`,
      {
        hint: "Write '\\${' for a literal '${', and quote arguments that hold special characters.",
        fields: { position: this.pos },
      },
    );
  }

  private enter(): void {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) this.fail(`at most ${MAX_DEPTH} levels of nesting`);
  }

  // Texts: the whole value (no quote), or what is between quotes.

  text(quote: string | undefined): Expression {
    this.enter();
    const { source } = this;
    const parts: (string | Interpolation)[] = [];
    let literal = "";
    let count = 0;
    const flush = () => {
      if (literal !== "") parts.push(literal);
      literal = "";
    };
    for (;;) {
      const { pos } = this;
      if (pos >= source.length) {
        if (quote === undefined && count > 0) break;
        this.fail(quote === undefined ? "a value" : `a closing ${quote}`);
      }
      const c = source[pos]!;
      if (c === quote) {
        this.pos += 1;
        break;
      }
      count += 1;
      if (c === "$") {
        if (source[pos + 1] === "{") {
          flush();
          parts.push(this.interpolation());
        } else {
          literal += "$";
          this.pos += 1;
        }
        continue;
      }
      if (c === "\\") {
        let end = pos;
        while (source[end] === "\\") end += 1;
        const slashes = end - pos;
        const odd = slashes % 2 === 1;
        if (source[end] === "$" && source[end + 1] === "{") {
          // An odd number escapes the interpolation; half of the pairs before it stay, as before a real one.
          literal += "\\".repeat(slashes >> 1);
          this.pos = end;
          if (odd) {
            literal += "${";
            this.pos += 2;
          }
          continue;
        }
        if (quote !== undefined && source[end] === quote) {
          literal += "\\".repeat(slashes >> 1);
          this.pos = end;
          if (odd) {
            literal += quote;
            this.pos += 1;
          }
          continue;
        }
        literal += source.slice(pos, end);
        this.pos = end;
        continue;
      }
      let end = pos + 1;
      while (end < source.length) {
        const next = source[end];
        if (next === "$" || next === "\\" || next === quote) break;
        end += 1;
      }
      literal += source.slice(pos, end);
      this.pos = end;
    }
    flush();
    this.depth -= 1;
    if (quote === undefined && parts.length === 1 && typeof parts[0] !== "string") return parts[0]!;
    if (parts.length === 0) return { kind: "literal", value: "" };
    if (parts.length === 1 && typeof parts[0] === "string") return { kind: "literal", value: parts[0] };
    return { kind: "text", parts };
  }

  // Interpolations. `pos` is at `${`.

  private interpolation(): Interpolation {
    this.enter();
    const { source } = this;
    const start = this.pos;
    this.pos += 2;
    this.pos += matchAt(SPACES, source, this.pos);
    const parts: (string | Interpolation)[] = [];
    let named = true;
    while (source[this.pos] === ".") {
      parts.push(".");
      named = false;
      this.pos += 1;
    }
    for (let first = true; ; first = false) {
      const c = source[this.pos];
      if (c === "[") {
        this.pos += 1;
        parts.push("[", this.configKey().part);
        if (source[this.pos] !== "]") this.fail("']'");
        this.pos += 1;
        parts.push("]");
        named = false;
      } else if (first || c === ".") {
        if (!first) {
          parts.push(".");
          this.pos += 1;
        }
        const { part, id } = this.configKey();
        parts.push(part);
        if (!id) named = false;
      } else break;
    }
    const end = matchAt(SEPARATOR, source, this.pos);
    const close = end === 0 ? "" : source[this.pos + end - 1];
    if (close === "}") {
      this.pos += end;
      this.depth -= 1;
      return { kind: "node", parts: joined(parts), text: source.slice(start, this.pos) };
    }
    if (close !== ":" || !named) this.fail("'}'");
    this.pos += end;
    this.pos += matchAt(SPACES, source, this.pos);
    const args = this.sequence(V.BraceClose);
    this.depth -= 1;
    return { kind: "resolver", name: joined(parts), args, text: source.slice(start, this.pos) };
  }

  private configKey(): { part: string | Interpolation; id: boolean } {
    const { source, pos } = this;
    if (source[pos] === "$" && source[pos + 1] === "{") return { part: this.interpolation(), id: true };
    const id = matchAt(ID, source, pos);
    const key = matchAt(this.keys, source, pos);
    if (key === 0) this.fail("a key");
    this.pos += key;
    // A colon needs no escape in a path; the others keep theirs until the path is taken apart.
    return { part: source.slice(pos, this.pos).replaceAll("\\:", ":"), id: id === key };
  }

  // Values.

  /** Looks at the token at `pos`: the longest that matches, the first of equally long ones. */
  private look(): V {
    const { source, pos } = this;
    this.length = 1;
    if (pos >= source.length) {
      this.length = 0;
      this.type = V.End;
      return this.type;
    }
    const c = source[pos]!;
    const separator = matchAt(SEPARATOR, source, pos);
    if (separator > 0) {
      const mark = source[pos + separator - 1];
      this.length = separator;
      if (mark === "}") this.type = V.BraceClose;
      else if (mark === "]") this.type = V.BracketClose;
      else {
        this.length += matchAt(SPACES, source, pos + separator);
        this.type = mark === "," ? V.Comma : V.Colon;
      }
      return this.type;
    }
    switch (c) {
      case " ":
      case "\t":
        this.length = matchAt(SPACES, source, pos);
        this.type = V.Space;
        return this.type;
      case "{":
      case "[":
        this.length = 1 + matchAt(SPACES, source, pos + 1);
        this.type = c === "{" ? V.BraceOpen : V.BracketOpen;
        return this.type;
      case "'":
      case '"':
        this.type = V.Quote;
        return this.type;
      case "$":
        this.type = source[pos + 1] === "{" ? V.InterOpen : V.Char;
        return this.type;
      case "\\": {
        const length = matchAt(ESCAPES, source, pos);
        this.length = length || 1;
        this.type = length > 0 ? V.Escape : V.Char;
        return this.type;
      }
      default:
    }
    let best = 0;
    let type: V = V.End;
    const float = matchAt(FLOAT, source, pos);
    if (float > best) {
      best = float;
      type = V.Float;
    }
    const int = matchAt(INT, source, pos);
    if (int > best) {
      best = int;
      type = V.Int;
    }
    const id = matchAt(ID, source, pos);
    if (id > best) {
      best = id;
      const word = id <= 5 ? source.slice(pos, pos + id).toLowerCase() : "";
      type = word === "true" || word === "false" ? V.Bool : word === "null" ? V.Null : V.Id;
    }
    if (best === 0 && CHARS.includes(c)) {
      best = 1;
      type = V.Char;
    }
    if (best === 0) this.fail("a value");
    this.length = best;
    this.type = type;
    return type;
  }

  expectEnd(): void {
    if (this.look() !== V.End) this.fail("the end");
  }

  element(): Expression {
    this.enter();
    const type = this.look();
    let result: Expression;
    if (type === V.Quote) {
      const quote = this.source[this.pos]!;
      this.pos += 1;
      result = this.text(quote);
    } else if (type === V.BracketOpen) {
      this.pos += this.length;
      result = { kind: "list", items: this.sequence(V.BracketClose) };
    } else if (type === V.BraceOpen) {
      this.pos += this.length;
      result = this.dict();
    } else result = this.primitive(true);
    this.depth -= 1;
    return result;
  }

  private sequence(close: V.BraceClose | V.BracketClose): Argument[] {
    const items: Argument[] = [];
    let comma = true;
    for (let first = true; ; first = false) {
      const type = this.look();
      if (type === close) {
        if (comma && !first) items.push(EMPTY);
        this.pos += this.length;
        return items;
      }
      if (type === V.Comma) {
        this.pos += this.length;
        if (comma) items.push(EMPTY);
        comma = true;
        continue;
      }
      if (!comma) this.fail(close === V.BraceClose ? "',' or '}'" : "',' or ']'");
      const start = this.pos;
      const value = this.element();
      items.push({ value, text: this.source.slice(start, this.pos) });
      comma = false;
    }
  }

  private dict(): Expression {
    const entries: [LiteralValue, Expression][] = [];
    if (this.look() === V.BraceClose) {
      this.pos += this.length;
      return { kind: "dict", entries };
    }
    for (;;) {
      const key = this.primitive(false);
      if (key.kind !== "literal") this.fail("a key");
      if (this.look() !== V.Colon) this.fail("':'");
      this.pos += this.length;
      entries.push([key.value, this.element()]);
      const type = this.look();
      this.pos += this.length;
      if (type === V.BraceClose) return { kind: "dict", entries };
      if (type !== V.Comma) {
        this.pos -= this.length;
        this.fail("',' or '}'");
      }
    }
  }

  /** One token is a typed value; several are text, as written, without the escapes. */
  private primitive(isValue: boolean): Expression {
    const { source } = this;
    const parts: (string | Interpolation)[] = [];
    let count = 0;
    let single: Expression | undefined;
    for (;;) {
      const type = this.look();
      const text = source.slice(this.pos, this.pos + this.length);
      if (type === V.InterOpen) {
        if (!isValue) break;
        const inter = this.interpolation();
        parts.push(inter);
        single = inter;
        count += 1;
        continue;
      }
      if (type === V.Colon && !isValue) break;
      if (type >= V.Float || type === V.Colon) {
        parts.push(type === V.Escape ? withoutEscapes(text) : text);
        if (count === 0) single = { kind: "literal", value: literal(type, text) };
        count += 1;
        this.pos += this.length;
      } else break;
    }
    if (count === 0) this.fail(isValue ? "a value" : "a key");
    if (count === 1) return single!;
    const all = joined(parts);
    if (all.length === 1 && typeof all[0] === "string") return { kind: "literal", value: all[0] };
    return { kind: "text", parts: all };
  }
}

const EMPTY: Argument = { value: undefined, text: "" };

/** Adjacent texts as one. */
function joined(parts: readonly (string | Interpolation)[]): (string | Interpolation)[] {
  const out: (string | Interpolation)[] = [];
  for (const part of parts) {
    const last = out.length - 1;
    if (typeof part === "string" && typeof out[last] === "string") out[last] += part;
    else out.push(part);
  }
  return out;
}
