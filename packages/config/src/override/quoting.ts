import type { QuotedString } from "./value.js";

const BACKSLASH = 92;

/**
 * The text of a quoted string (`raw` has its quotes). Only backslashes before a quote are escapes: each pair
 * of them is one, and the odd one escapes the quote. All others are literal.
 */
export function unescapeQuoted(raw: string): string {
  const last = raw.length - 1;
  if (!raw.includes("\\")) return raw.slice(1, last);
  const quoteCode = raw.charCodeAt(0);
  const pieces: string[] = [];
  let position = 1;
  for (let index = 1; index < last; index++) {
    if (raw.charCodeAt(index) !== BACKSLASH) continue;
    const start = index;
    while (raw.charCodeAt(index) === BACKSLASH) index++;
    if (raw.charCodeAt(index) !== quoteCode) continue;
    // Half of the backslashes are literal; an odd one is dropped, as the quote behind it stays anyway.
    pieces.push(raw.slice(position, start + ((index - start) >> 1)));
    position = index;
  }
  pieces.push(raw.slice(position, last));
  return pieces.join("");
}

/** Characters that are made into text at once: few enough to be arguments of one call. */
const CHUNK = 8192;

/** The second, fourth, … character of a part of a text. */
function everySecond(text: string, from: number, to: number): string {
  if (to - from === 2) return text[from + 1]!;
  const codes = new Uint16Array((to - from) >> 1);
  for (let index = 0; index < codes.length; index++) codes[index] = text.charCodeAt(from + 2 * index + 1);
  let result = "";
  for (let start = 0; start < codes.length; start += CHUNK) {
    result += String.fromCharCode(...codes.subarray(start, start + CHUNK));
  }
  return result;
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

/** A part of a text in which the runs (begins and ends, in turn) have every other character taken off. */
export function unescapeRuns(text: string, start: number, end: number, runs: readonly number[]): string {
  const pieces: string[] = [];
  let position = start;
  for (let index = 0; index < runs.length; index += 2) {
    const from = runs[index]!;
    const to = runs[index + 1]!;
    pieces.push(text.slice(position, from), everySecond(text, from, to));
    position = to;
  }
  pieces.push(text.slice(position, end));
  return pieces.join("");
}

/** Escapes the characters that mean something in an unquoted value. */
export function escapeSpecial(text: string): string {
  return text.replace(/[\\()[\]{}:=, \t]/g, "\\$&");
}
