import type { Rules } from "../version/rules.js";
import { overrideSyntax } from "./errors.js";
import type { OverrideType } from "./override.js";

/** What precedes the value of an override. */
interface OverrideHead {
  readonly type: OverrideType;
  readonly keyOrGroup: string;
  readonly package: string | undefined;
  /** Whether the key has brackets or escapes. */
  readonly isValuePath: boolean;
  /** Where the value begins (blanks behind the `=` skipped); `undefined` for `~key` without `=`. */
  readonly valueAt: number | undefined;
}

/** Reads prefix, key or group, and package. Keys may be empty, as in Hydra: `=x` sets the root. */
export function readKey(text: string, rules: Rules): OverrideHead {
  let position = 0;
  let type: OverrideType = "CHANGE";
  if (text.startsWith("~")) {
    type = "DEL";
    position = 1;
  } else if (text.startsWith("+")) {
    position = text.startsWith("++") ? 2 : 1;
    type = position === 2 ? "FORCE_ADD" : "ADD";
  }
  const keyAt = position;
  const pathAt = rules.valuePaths ? valuePathEnd(text, keyAt) : undefined;
  position = pathAt ?? groupEnd(text, keyAt);
  const keyOrGroup = text.slice(keyAt, position);
  let packageName: string | undefined;
  if (text[position] === "@" && pathAt === undefined) {
    const packageAt = position + 1;
    position = pathEnd(text, packageAt);
    packageName = text.slice(packageAt, position);
  }
  const head = { type, keyOrGroup, package: packageName, isValuePath: pathAt !== undefined };
  if (position === text.length && type === "DEL") return { ...head, valueAt: undefined };
  if (text[position] !== "=") {
    const expected =
      position === text.length
        ? "'=' and a value"
        : "'=' or a character of a key (letters, digits, _ - $ . /)";
    throw overrideSyntax(text, position, expected);
  }
  position++;
  while (text[position] === " " || text[position] === "\t") position++;
  return { ...head, valueAt: position };
}

/** End of `a/b/c` (names only), of a dotted path, or of nothing. */
function groupEnd(text: string, start: number): number {
  const end = nameEnd(text, start, false);
  if (end === start || text[end] !== "/") return pathEnd(text, start);
  let position = end;
  while (text[position] === "/") {
    const next = nameEnd(text, position + 1, false);
    if (next === position + 1) throw overrideSyntax(text, next, "the name of a config group");
    position = next;
  }
  return position;
}

/** End of a dotted path: names and indices with dots between them; one alone must be a name. */
function pathEnd(text: string, start: number): number {
  let position = segmentEnd(text, start);
  if (position === start) return start;
  if (isDigit(text.charCodeAt(start)) && text[position] !== ".") {
    throw overrideSyntax(text, start, "a key that does not begin with a digit");
  }
  while (text[position] === ".") {
    const next = segmentEnd(text, position + 1);
    if (next === position + 1) throw overrideSyntax(text, next, "a name or an index after the dot");
    position = next;
  }
  return position;
}

/** End of a name, or of an index: `0`, or digits that do not begin with 0, with single underscores inside. */
function segmentEnd(text: string, start: number): number {
  const code = text.charCodeAt(start);
  if (!isDigit(code)) return nameEnd(text, start, true);
  let end = start + 1;
  if (code === 48) return end;
  for (;;) {
    if (isDigit(text.charCodeAt(end))) end++;
    else if (text[end] === "_" && isDigit(text.charCodeAt(end + 1))) end += 2;
    else return end;
  }
}

function nameEnd(text: string, start: number, withDollar: boolean): number {
  let end = start;
  for (;;) {
    const code = text.charCodeAt(end);
    const isStart =
      (code | 32) >= 97 && (code | 32) <= 122 ? code < 128 : code === 95 || (withDollar && code === 36);
    if (isStart || (end > start && (isDigit(code) || code === 45))) end++;
    else return end;
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

// Of Hydra 1.4. A path with a bracket or an escape in it; plain names and dots alone are no such path.
const SPECIAL = "[A-Za-z_$][A-Za-z0-9_$-]*";
const INDEX = "(?:0|[1-9](?:_?[0-9])*)";
const ESCAPE = "\\\\[.[\\]=]";
const ESCAPED = `[A-Za-z0-9_$-]*${ESCAPE}(?:[A-Za-z0-9_$-]|${ESCAPE})*`;
const BRACKET = `\\[(?:[A-Za-z0-9_$-]|${ESCAPE})+\\]`;
const DOTTED = `(?:${SPECIAL}|${INDEX})(?:\\.(?:${SPECIAL}|${INDEX}))+`;
const VALUE_PATH = new RegExp(
  `(?:(?:${DOTTED}|${SPECIAL})${BRACKET}|(?:${DOTTED}|${SPECIAL}|${INDEX})\\.${ESCAPED}|${ESCAPED})` +
    `(?:${BRACKET}|\\.(?:${ESCAPED}|${SPECIAL}|${INDEX}))*`,
  "y",
);

/** End of a path with brackets or escapes; undefined where none begins. */
function valuePathEnd(text: string, start: number): number | undefined {
  VALUE_PATH.lastIndex = start;
  return VALUE_PATH.test(text) ? VALUE_PATH.lastIndex : undefined;
}
