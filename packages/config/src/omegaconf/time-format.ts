const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

function pad(value: number, width: number, fill = "0"): string {
  return String(value).padStart(width, fill);
}

function dayOfYear(time: Date): number {
  const start = Date.UTC(time.getFullYear(), 0, 1);
  return (Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) - start) / 86_400_000 + 1;
}

/** Monday-based ISO year and week. */
function isoWeek(time: Date): { year: number; week: number } {
  const day = new Date(Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()));
  day.setUTCDate(day.getUTCDate() + 4 - (day.getUTCDay() || 7));
  const start = Date.UTC(day.getUTCFullYear(), 0, 1);
  return { year: day.getUTCFullYear(), week: Math.ceil(((day.getTime() - start) / 86_400_000 + 1) / 7) };
}

/** A conversion of glibc's `strftime`: flags, width, modifier, code. */
const CONVERSION = /%([-_0^#]*)(\d*)([EO]?)(.)/gsu;

/**
 * A time as Python's `strftime` writes it with glibc in the C locale: `%f` for microseconds, the flags `-`, `_`, `0`, `^`
 * and `#`, a width. What is no conversion stays.
 */
export function formatTime(time: Date, pattern: string): string {
  // Python's own conversions come first, and know no flags.
  const own = pattern.replace(/%(.)/gsu, (match, code: string) => {
    if (code === "f") return pad(microseconds(time), 6);
    return code === "z" || code === "Z" ? "" : match;
  });
  return own.replace(CONVERSION, (match, flags: string, width: string, modifier: string, code: string) =>
    convert(time, { match, flags, width, modifier, code }),
  );
}

interface Conversion {
  readonly match: string;
  readonly flags: string;
  readonly width: string;
  readonly modifier: string;
  readonly code: string;
}

/** Codes that stay as they are with a modifier; the others ignore it, as there are no eras in the C locale. */
const REFUSED_WITH: Readonly<Record<string, string>> = { E: "mBbhdejAawUWVGgHkIlMSDF", O: "YAacDFxX" };

function convert(time: Date, { match, flags, width, modifier, code }: Conversion): string {
  if (code === "z") return "";
  const refused = modifier !== "" && REFUSED_WITH[modifier]!.includes(code);
  // What is no conversion is a text like another: it is padded too.
  const field = (!refused && Object.hasOwn(FIELDS, code) ? FIELDS[code] : undefined) ?? (() => match);
  const minimum = Number(width);
  const padding = /[-_0](?=[^-_0]*$)/.exec(flags)?.[0];
  if (typeof field === "object") {
    const fill = padding === "_" || padding === "-" ? " " : padding === "0" ? "0" : field.fill;
    const digits = String(field.value(time));
    return digits.padStart(Math.max(minimum, padding === "-" ? 0 : field.width), fill);
  }
  const text = typeof field === "string" ? formatTime(time, field) : field(time);
  return inCase(text, code, flags).padStart(minimum, padding === "0" ? "0" : " ");
}

/** `^` makes capitals, `#` the other case of names; `%p` is small with it. */
function inCase(text: string, code: string, flags: string): string {
  if (code === "P" || (code === "p" && flags.includes("#"))) return text.toLowerCase();
  return flags.includes("^") || (flags.includes("#") && "aAbBh".includes(code)) ? text.toUpperCase() : text;
}

/** A number with the width and the filler that it has without flags. */
interface NumberField {
  readonly value: (time: Date) => number;
  readonly width: number;
  readonly fill: string;
}

function number(value: (time: Date) => number, width: number, fill = "0"): NumberField {
  return { value, width, fill };
}

/** By code: the number or the text that it writes, or the pattern that it is short for. */
const FIELDS: Readonly<Record<string, string | NumberField | ((time: Date) => string)>> = {
  "%": () => "%",
  n: () => "\n",
  t: () => "\t",

  Y: number((time) => time.getFullYear(), 0),
  y: number((time) => time.getFullYear() % 100, 2),
  C: number((time) => Math.floor(time.getFullYear() / 100), 2),
  m: number((time) => time.getMonth() + 1, 2),
  B: (time) => MONTHS[time.getMonth()]!,
  b: (time) => MONTHS[time.getMonth()]!.slice(0, 3),
  h: (time) => MONTHS[time.getMonth()]!.slice(0, 3),
  d: number((time) => time.getDate(), 2),
  e: number((time) => time.getDate(), 2, " "),
  j: number(dayOfYear, 3),

  A: (time) => DAYS[time.getDay()]!,
  a: (time) => DAYS[time.getDay()]!.slice(0, 3),
  u: number((time) => time.getDay() || 7, 1),
  w: number((time) => time.getDay(), 1),
  // Weeks that begin on Sunday, weeks that begin on Monday, weeks of ISO 8601.
  U: number((time) => Math.floor((dayOfYear(time) + 6 - time.getDay()) / 7), 2),
  W: number((time) => Math.floor((dayOfYear(time) + 6 - ((time.getDay() + 6) % 7)) / 7), 2),
  V: number((time) => isoWeek(time).week, 2),
  G: number((time) => isoWeek(time).year, 0),
  g: number((time) => isoWeek(time).year % 100, 2),

  H: number((time) => time.getHours(), 2),
  k: number((time) => time.getHours(), 2, " "),
  I: number(hour12, 2),
  l: number(hour12, 2, " "),
  p: (time) => (time.getHours() < 12 ? "AM" : "PM"),
  Z: () => "",
  P: (time) => (time.getHours() < 12 ? "am" : "pm"),
  M: number((time) => time.getMinutes(), 2),
  S: number((time) => time.getSeconds(), 2),
  s: number((time) => Math.floor(time.getTime() / 1000), 1),

  c: "%a %b %e %H:%M:%S %Y",
  D: "%m/%d/%y",
  F: "%Y-%m-%d",
  r: "%I:%M:%S %p",
  R: "%H:%M",
  T: "%H:%M:%S",
  x: "%m/%d/%y",
  X: "%H:%M:%S",
};

function hour12(time: Date): number {
  return time.getHours() % 12 || 12;
}

/** A clock that knows more than milliseconds says so in `microseconds`. */
function microseconds(time: Date & { readonly microseconds?: number }): number {
  return time.microseconds ?? time.getMilliseconds() * 1000;
}
