import { sweepNotEnumerable } from "./errors.js";
import type { Element, GlobSweep } from "./value.js";

/** The names that one of the `include` patterns matches and none of the `exclude` patterns. */
export function filterByGlob(names: readonly string[], glob: GlobSweep, key: string): string[] {
  const texts = (patterns: readonly Element[]): string[] =>
    patterns.map((pattern) => {
      if (typeof pattern === "string") return pattern;
      throw sweepNotEnumerable(key, "the patterns of a glob must be unquoted texts");
    });
  const includes = texts(glob.include);
  const excludes = texts(glob.exclude);
  return names.filter(
    (name) =>
      includes.some((pattern) => matchesGlob(name, pattern)) &&
      !excludes.some((pattern) => matchesGlob(name, pattern)),
  );
}

/**
 * File-name matching as in Python's `fnmatch`: `*`, `?`, `[seq]`, `[!seq]`; an unclosed `[` is literal.
 * Two pointers: time at most (length of the name) x (length of the pattern), no regular expression is built.
 */
function matchesGlob(name: string, pattern: string): boolean {
  const chars = Array.from(name);
  const parts = parsePattern(pattern);
  let at = 0;
  let part = 0;
  let starPart = -1;
  let starAt = 0;
  while (at < chars.length) {
    const current = parts[part];
    if (current === "*") {
      starPart = part++;
      starAt = at;
    } else if (current?.(chars[at]!)) {
      at++;
      part++;
    } else if (starPart >= 0) {
      part = starPart + 1;
      at = ++starAt;
    } else return false;
  }
  while (parts[part] === "*") part++;
  return part === parts.length;
}

type Part = "*" | ((char: string) => boolean);

function parsePattern(pattern: string): Part[] {
  const chars = Array.from(pattern);
  const parts: Part[] = [];
  for (let index = 0; index < chars.length; index++) {
    const char = chars[index]!;
    if (char === "*") {
      if (parts.at(-1) !== "*") parts.push("*");
    } else if (char === "?") parts.push(() => true);
    else if (char === "[") {
      const close = classEnd(chars, index);
      if (close === undefined) parts.push((candidate) => candidate === "[");
      else {
        parts.push(charClass(chars.slice(index + 1, close)));
        index = close;
      }
    } else parts.push((candidate) => candidate === char);
  }
  return parts;
}

/** Index of the closing bracket; a bracket right at the beginning belongs to the class. */
function classEnd(chars: readonly string[], open: number): number | undefined {
  let index = open + 1;
  if (chars[index] === "!") index++;
  if (chars[index] === "]") index++;
  const close = chars.indexOf("]", index);
  return close === -1 ? undefined : close;
}

function charClass(content: readonly string[]): (char: string) => boolean {
  const negated = content[0] === "!";
  const chars = negated ? content.slice(1) : content;
  const ranges: [string, string][] = [];
  for (let index = 0; index < chars.length; index++) {
    const low = chars[index]!;
    const high = chars[index + 2];
    if (chars[index + 1] === "-" && high !== undefined) {
      if (low.codePointAt(0)! <= high.codePointAt(0)!) ranges.push([low, high]);
      index += 2;
    } else ranges.push([low, low]);
  }
  return (char) => {
    const code = char.codePointAt(0)!;
    const inside = ranges.some(([low, high]) => low.codePointAt(0)! <= code && code <= high.codePointAt(0)!);
    return inside !== negated;
  };
}
