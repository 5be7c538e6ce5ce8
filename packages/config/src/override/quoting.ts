import type { QuotedString } from "./value.js";

/**
 * The text of a quoted string (`raw` has its quotes). Only backslashes before a quote are escapes: each pair
 * of them is one, and the odd one escapes the quote. All others stand for themselves.
 */
export function unescapeQuoted(raw: string): string {
  if (!raw.includes("\\")) return raw.slice(1, -1);
  const quote = raw[0]!;
  const last = raw.length - 1;
  let text = "";
  for (let index = 1; index < last; ) {
    if (raw[index] !== "\\") {
      text += raw[index++];
      continue;
    }
    let end = index;
    while (raw[end] === "\\") end++;
    const count = end - index;
    text += "\\".repeat(raw[end] === quote ? count >> 1 : count);
    if (raw[end] === quote && end < last) {
      text += quote;
      end++;
    }
    index = end;
  }
  return text;
}

/** Writes a quoted string back with its quotes; the inverse of reading it. */
export function quote(value: QuotedString): string {
  const mark = value.quote === "single" ? "'" : '"';
  const { text } = value;
  let written = mark;
  for (let index = 0; index < text.length; ) {
    if (text[index] === mark) {
      written += `\\${mark}`;
      index++;
      continue;
    }
    if (text[index] !== "\\") {
      written += text[index++];
      continue;
    }
    let end = index;
    while (text[end] === "\\") end++;
    const beforeQuote = end === text.length || text[end] === mark;
    written += "\\".repeat((end - index) * (beforeQuote ? 2 : 1));
    index = end;
  }
  return written + mark;
}

/** Escapes the characters that mean something in an unquoted value. */
export function escapeSpecial(text: string): string {
  return text.replace(/[\\()[\]{}:=, \t]/g, "\\$&");
}
