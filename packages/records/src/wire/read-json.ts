import { MAX_DEPTH } from "../record/plain.js";
import type { OnRemark } from "../record/remark.js";
import { lineInvalid } from "./errors.js";

/** What only a careful reading finds: integers of 16 digits and more, exponents of three, spaces before a colon. */
const SUSPECT = /(?:^|[^\d.eE+-])-?\d{16,}|\d[eE][+-]?\d{3}|"\s+:/;
/** What may have to be written otherwise, and what texts and names stand between. */
const TOKEN = /["{}[\]:]|-?Infinity\b|NaN\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const NUMBER = /^-?\d/;
/** Depth to which names are counted; free data nests in a record. */
const COUNTED_DEPTH = MAX_DEPTH + 8;

/**
 * Reads one JSON text. Other than JSON.parse it takes the numbers that Python's `json` writes, `NaN`, `Infinity` and
 * `-Infinity` (as the words of the record stream), gives integers that no double holds as texts of their digits, and says where
 * something would have changed without a word: a name that an object has twice, a number out of range. Throws
 * RECORD_LINE_INVALID.
 */
export function readJson(text: string, onRemark?: OnRemark): unknown {
  let value: unknown;
  let problem: Error | null = null;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    problem = cause as Error;
  }
  if (problem === null && !SUSPECT.test(text) && marksOfNames(text) === countNames(value, 0)) return value;
  const careful = rewrite(text, onRemark);
  if (careful === text) {
    if (problem !== null) throw lineInvalid(problem.message, problem);
    return value;
  }
  try {
    return JSON.parse(careful);
  } catch (cause) {
    // The message of the first reading shows what was sent.
    throw lineInvalid((problem ?? (cause as Error)).message, problem ?? cause);
  }
}

/** How often a text ends directly before a colon; a text within a text may count too. */
function marksOfNames(text: string): number {
  let count = 0;
  for (let at = text.indexOf('":'); at >= 0; at = text.indexOf('":', at + 2)) count += 1;
  return count;
}

/** Names of objects, at most as many as there are: lists that begin with no object or list are passed over. */
function countNames(value: unknown, depth: number): number {
  if (typeof value !== "object" || value === null || depth > COUNTED_DEPTH) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    if (typeof value[0] !== "object") return 0;
    for (const item of value) count += countNames(item, depth + 1);
    return count;
  }
  for (const key in value) count += 1 + countNames((value as Record<string, unknown>)[key], depth + 1);
  return count;
}

/** The same text with words and texts for numbers that JSON or doubles lack; tells of them, and of names that come twice. */
function rewrite(text: string, onRemark: OnRemark | undefined): string {
  let result = "";
  let kept = 0;
  /** Names of each open object; null for a list. */
  const open: (Set<string> | null)[] = [];
  let name: string | null = null;
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(text); found !== null; found = TOKEN.exec(text)) {
    const token = found[0];
    let instead: string | null = null;
    if (token === '"') {
      const end = endOfText(text, found.index);
      if (end < 0) break;
      name = text.slice(found.index, end);
      TOKEN.lastIndex = end;
    } else if (token === "{") open.push(new Set());
    else if (token === "[") open.push(null);
    else if (token === "}" || token === "]") open.pop();
    else if (token === ":") noteName(open.at(-1), name, onRemark);
    else if (token === "NaN" || token.endsWith("Infinity")) instead = `"${token}"`;
    else if (NUMBER.test(token)) instead = otherNumber(token, onRemark);
    if (instead === null) continue;
    result += text.slice(kept, found.index) + instead;
    kept = found.index + token.length;
  }
  return result + text.slice(kept);
}

/** Behind the quotation mark that ends the text at `start`; -1 if none does. */
function endOfText(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '"') return at + 1;
    if (character === "\\") at += 1;
  }
  return -1;
}

function noteName(
  names: Set<string> | null | undefined,
  token: string | null,
  onRemark: OnRemark | undefined,
): void {
  if (names === null || names === undefined || token === null) return;
  let name: string;
  try {
    name = JSON.parse(token) as string;
  } catch {
    return;
  }
  if (names.has(name))
    onRemark?.({ kind: "duplicate_name", message: `an object has '${name}' twice, and the last is taken` });
  names.add(name);
}

/** What stands for a number that a double cannot hold; null for all others. */
function otherNumber(token: string, onRemark: OnRemark | undefined): string | null {
  const value = Number(token);
  if (!Number.isFinite(value)) {
    onRemark?.({
      kind: "number_out_of_range",
      message: `${short(token)} is beyond the largest number and is taken as ${value}`,
    });
    return `"${value}"`;
  }
  if (value === 0 && /[1-9]/.test(token.split(/[eE]/, 1)[0]!)) {
    onRemark?.({
      kind: "number_out_of_range",
      message: `${short(token)} is below the smallest number and is taken as 0`,
    });
  }
  if (Number.isSafeInteger(value) || !/^-?\d+$/.test(token)) return null;
  // A double that is written with its shortest digits is what was meant by them.
  if (String(value) === token || BigInt(token) === BigInt(value)) return null;
  onRemark?.({
    kind: "value_as_text",
    message: `the integer ${short(token)} is beyond 2^53; where a text may stand it is kept as one`,
  });
  return `"${token}"`;
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
