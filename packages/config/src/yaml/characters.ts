// What YAML 1.1 in PyYAML's dialect makes of single characters, given by their codes; 0 is the end of the text.

export const TAB: number = 9;
export const LF: number = 10;
export const CR: number = 13;
export const SPACE: number = 32;
const NEL: number = 0x85;
export const LS: number = 0x2028;
export const PS: number = 0x2029;

/** A line break or the end of the text. */
export function isBreakOrEnd(c: number): boolean {
  return c === LF || c === 0 || c === CR || c === NEL || c === LS || c === PS;
}

export function isBreak(c: number): boolean {
  return c === LF || c === CR || c === NEL || c === LS || c === PS;
}

/** White space (tabs count), a line break or the end of the text. */
export function isBlankOrEnd(c: number): boolean {
  return c === SPACE || c === LF || c === 0 || c === TAB || c === CR || c === NEL || c === LS || c === PS;
}

/** As `isBlankOrEnd`, but a tab does not count. */
export function isSpaceOrEnd(c: number): boolean {
  return c === SPACE || isBreakOrEnd(c);
}

export function isNameCharacter(c: number): boolean {
  return (
    (c >= 48 && c <= 57) ||
    (c >= 65 && c <= 90) ||
    (c >= 97 && c <= 122) ||
    c === 45 /* - */ ||
    c === 95 /* _ */
  );
}

export function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

/** How a character is named in messages. */
export function shown(text: string, offset: number): string {
  const c = text.codePointAt(offset) ?? 0;
  return c === 0 ? "the end of the text" : JSON.stringify(String.fromCodePoint(c));
}

export const HEX: RegExp = /^[0-9A-Fa-f]+$/;
