import type { Scalar } from "./represent.js";

/** Where a value is written. */
export type Place = "root" | "sequence" | "mapping" | "key";

/** Which forms a text may take. */
export interface Analysis {
  readonly empty: boolean;
  readonly multiline: boolean;
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

export const BREAKS = "\n\x85\u2028\u2029";
const BLANKS = "\0 \t\r\n\x85\u2028\u2029";

function isPrintable(c: string): boolean {
  if (c === "\n" || (c >= " " && c <= "~")) return true;
  const code = c.codePointAt(0)!;
  if (code === 0xfeff) return false;
  return (
    code === 0x85 ||
    (code >= 0xa0 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code < 0x10ffff)
  );
}

const SIMPLE_TEXT = /^[A-Za-z0-9_./$][A-Za-z0-9_./$=+*()-]*$/;
const SIMPLE: Analysis = { empty: false, multiline: false, plain: true, single: true, block: true };

/** `libyaml`: whether characters beyond the basic plane are not printable. */
export function analyze(text: string, libyaml = false): Analysis {
  if (text === "") return { empty: true, multiline: false, plain: true, single: true, block: false };
  if (SIMPLE_TEXT.test(text) && !text.startsWith("...")) return SIMPLE;
  const chars = Array.from(text);
  let indicators = text.startsWith("---") || text.startsWith("...");
  let breaks = false;
  let special = false;
  let edge = false;
  let trailingSpace = false;
  let breakSpace = false;
  let spaceBreak = false;
  let afterBlank = true;
  let previous = "";
  for (let k = 0; k < chars.length; k++) {
    const c = chars[k]!;
    const beforeBlank = k + 1 >= chars.length || BLANKS.includes(chars[k + 1]!);
    if (k === 0) {
      if ("#,[]{}&*!|>'\"%@`".includes(c)) indicators = true;
      if ((c === "?" || c === ":" || c === "-") && beforeBlank) indicators = true;
    } else {
      if (c === ":" && beforeBlank) indicators = true;
      if (c === "#" && afterBlank) indicators = true;
    }
    const isBreak = BREAKS.includes(c);
    if (isBreak) breaks = true;
    if (!isPrintable(c) || (libyaml && c.length > 1)) special = true;
    if (c === " ") {
      if (k === 0) edge = true;
      if (k === chars.length - 1) trailingSpace = true;
      if (previous === "break") breakSpace = true;
      previous = "space";
    } else if (isBreak) {
      if (k === 0 || k === chars.length - 1) edge = true;
      if (previous === "space") spaceBreak = true;
      previous = "break";
    } else previous = "";
    afterBlank = BLANKS.includes(c);
  }
  const unsafe = spaceBreak || special;
  return {
    empty: false,
    multiline: breaks,
    plain: !(edge || trailingSpace || breakSpace || unsafe || breaks || indicators),
    single: !(breakSpace || unsafe),
    block: !(trailingSpace || unsafe),
  };
}

export function chooseStyle(scalar: Scalar, analysis: Analysis, place: Place): "" | "'" | '"' | "|" {
  const key = place === "key";
  if (
    scalar.style === "" &&
    scalar.plain &&
    !(key && (analysis.empty || analysis.multiline)) &&
    analysis.plain
  )
    return "";
  if (scalar.style === "|") return key || !analysis.block ? '"' : "|";
  return analysis.single && !(key && analysis.multiline) ? "'" : '"';
}
