import { float } from "../scalar/values.js";
import type { LiteralValue } from "./expression.js";

/** Kinds of tokens inside an interpolation. Those from `Float` on can be part of a plain value. */
export enum V {
  End,
  InterOpen,
  BraceOpen,
  BraceClose,
  Quote,
  Comma,
  BracketOpen,
  BracketClose,
  Colon,
  Float,
  Int,
  Bool,
  Null,
  Char,
  Id,
  Escape,
  Space,
}

const INT_UNSIGNED = "(?:0|[1-9](?:_?[0-9])*)";
const DIGITS = "[0-9](?:_?[0-9])*";
export const FLOAT: RegExp = new RegExp(
  `[+-]?(?:(?:${INT_UNSIGNED}\\.(?:${DIGITS})?|\\.${DIGITS})(?:[eE][+-]?${DIGITS})?|${INT_UNSIGNED}[eE][+-]?${DIGITS}|[Ii][Nn][Ff]|[Nn][Aa][Nn])`,
  "y",
);
export const INT: RegExp = new RegExp(`[+-]?${INT_UNSIGNED}`, "y");
export const ID: RegExp = /[a-zA-Z_][a-zA-Z0-9_-]*/y;
export const ESCAPES: RegExp = /(?:\\[\\()[\]{}:=, \t])+/y;
export const SPACES: RegExp = /[ \t]+/y;
export const SEPARATOR: RegExp = /[ \t]*([,\]}:])/y;
export const INTER_KEY: RegExp = /[^\\{}()[\]:. \t'"]+/y;
/** As `INTER_KEY`, with escapes: `\\.`, `\\[`, `\\]`, `\\:`, `\\=`, `\\\\`. */
export const ESCAPED_KEY: RegExp = /(?:[^\\{}()[\]:. \t'"]|\\[\\.[\]:=])+/y;
/** Other characters that a plain value may have. */
export const CHARS = "/-\\+.$%*@?|";

/** Length of a match that begins at `pos`; 0 where there is none. */
export function matchAt(pattern: RegExp, text: string, pos: number): number {
  pattern.lastIndex = pos;
  return pattern.test(text) ? pattern.lastIndex - pos : 0;
}

/** Every second character: the meaning of escapes. */
export function withoutEscapes(text: string): string {
  let out = "";
  for (let k = 1; k < text.length; k += 2) out += text[k];
  return out;
}

/** The value of a token that is a literal by itself. */
export function literal(type: V, text: string): LiteralValue {
  switch (type) {
    case V.Int: {
      const value = BigInt(text.replaceAll("_", "").replace(/^\+/, ""));
      return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
    }
    case V.Float: {
      const word = text.toLowerCase();
      if (word.endsWith("nan")) return Number.NaN;
      if (word.endsWith("inf")) {
        return word.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
      }
      return float(Number(text.replaceAll("_", "")));
    }
    case V.Bool:
      return text.toLowerCase() === "true";
    case V.Null:
      return null;
    case V.Escape:
      return withoutEscapes(text);
    default:
      return text;
  }
}
