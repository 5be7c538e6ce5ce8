import { nameFormatInvalid, nameInvalid } from "../disk/storage-errors.js";

const MAX_WIDTH = 32;
const MAX_NAME = 100;
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/i;

/** Refuses what is no single, portable file name. `key` says where the name came from. */
export function checkName(key: string, name: string): void {
  if (name === "" || name === "." || name === "..") throw nameInvalid(key, name, "it is empty, '.' or '..'");
  if (name.length > MAX_NAME)
    throw nameInvalid(key, `${name.slice(0, 20)}…`, `it has ${name.length} characters`);
  if (!/^[\p{L}\p{N}._ +=,@-]+$/u.test(name))
    throw nameInvalid(key, name, "it has a character that is not allowed");
  if (/^[. ]|[. ]$/.test(name)) throw nameInvalid(key, name, "it begins or ends with a dot or a space");
  if (WINDOWS_DEVICE.test(name)) throw nameInvalid(key, name, "it is the name of a device on Windows");
}

/** UTC, so that names sort by time and a change of the clock's zone cannot make two alike. `seconds` since 1970. */
export function timeStamp(seconds: number): string {
  const [date, time] = new Date(seconds * 1000).toISOString().split("T") as [string, string];
  return `${date}_${time.slice(0, 8).replaceAll(":", "-")}`;
}

/**
 * A format with the start of the run (seconds since 1970) in the place of `{timestamp}`, as `2026-11-30_21-05-00`, UTC.
 * Braces that are doubled stay.
 */
export function stampFormat(format: string, startTime: number): string {
  return format.replace(/\{\{|\{timestamp\}/g, (text) => (text === "{{" ? text : timeStamp(startTime)));
}

/** A format such as `episode_{episode:04d}`, both ways. */
export interface NameFormat {
  format(number: number): string;
  /** The number in a name that this format gave; null for any other name. */
  parse(name: string): number | null;
}

/**
 * Compiles a format with exactly one placeholder for `field`: `{field}`, `{field:d}`, `{field:4d}` or `{field:04d}`;
 * `{{` and `}}` stand for braces. Two numbers always give two names. `{timestamp}` is replaced before (`stampFormat`).
 */
export function compileNameFormat(key: string, format: string, field: string): NameFormat {
  const refuse = (problem: string) => nameFormatInvalid(key, format, problem);
  let before = "";
  let after = "";
  let width: number | null = null;
  for (let at = 0; at < format.length; at++) {
    const char = format[at]!;
    let text = char;
    if ((char === "{" || char === "}") && format[at + 1] === char) at++;
    else if (char === "}") throw refuse("there is a '}' without its '{'");
    else if (char === "{") {
      const end = format.indexOf("}", at);
      if (end < 0) throw refuse("there is a '{' without its '}'");
      if (width !== null) throw refuse("there is more than one placeholder");
      width = parsePlaceholder(format.slice(at + 1, end), field, refuse);
      at = end;
      text = "";
    }
    if (width === null) before += text;
    else after += text;
  }
  if (width === null) throw refuse(`there is no placeholder {${field}}, so all would get the same name`);
  const digits = width;
  const compiled: NameFormat = {
    format: (number) => `${before}${String(number).padStart(digits, "0")}${after}`,
    parse: (name) => {
      if (!name.startsWith(before) || !name.endsWith(after)) return null;
      const text = name.slice(before.length, name.length - after.length);
      if (!/^\d{1,15}$/.test(text)) return null;
      const number = Number(text);
      return compiled.format(number) === name ? number : null;
    },
  };
  const example = compiled.format(1);
  checkName(key, example);
  if (!/^[A-Za-z0-9._-]+$/.test(example))
    throw nameInvalid(key, example, "it has more than letters, digits, '.', '_' and '-'");
  return compiled;
}

function parsePlaceholder(text: string, field: string, refuse: (problem: string) => Error): number {
  const [name, spec = "", ...more] = text.split(":");
  if (name !== field || more.length > 0)
    throw refuse(`the placeholder {${text}} is not known; there is {${field}}`);
  const match = /^(?:0?(\d+))?d?$/.exec(spec);
  if (match === null) throw refuse(`'${spec}' is no integer format such as 04d`);
  const width = Number(match[1] ?? 0);
  if (width > MAX_WIDTH) throw refuse(`the width ${match[1]} is above ${MAX_WIDTH}`);
  return width;
}
