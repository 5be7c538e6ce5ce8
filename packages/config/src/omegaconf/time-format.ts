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

/** A time as C's `strftime` writes it in the C locale, with `%f` for microseconds as in Python. Unknown codes stay. */
export function formatTime(time: Date, pattern: string): string {
  return pattern.replace(/%(-?)([a-zA-Z%])/g, (match, dash: string, code: string) => {
    const field = FIELDS[code];
    if (field === undefined) return match;
    const text = typeof field === "string" ? formatTime(time, field) : field(time);
    return dash === "" ? text : text.replace(/^[0 ]+(?=.)/, "");
  });
}

/** By code: what it writes, or the pattern that it is short for. */
const FIELDS: Readonly<Record<string, string | ((time: Date) => string)>> = {
  "%": () => "%",
  n: () => "\n",
  t: () => "\t",

  Y: (time) => String(time.getFullYear()),
  y: (time) => pad(time.getFullYear() % 100, 2),
  C: (time) => pad(Math.floor(time.getFullYear() / 100), 2),
  m: (time) => pad(time.getMonth() + 1, 2),
  B: (time) => MONTHS[time.getMonth()]!,
  b: (time) => MONTHS[time.getMonth()]!.slice(0, 3),
  h: "%b",
  d: (time) => pad(time.getDate(), 2),
  e: (time) => pad(time.getDate(), 2, " "),
  j: (time) => pad(dayOfYear(time), 3),

  A: (time) => DAYS[time.getDay()]!,
  a: (time) => DAYS[time.getDay()]!.slice(0, 3),
  u: (time) => String(time.getDay() || 7),
  w: (time) => String(time.getDay()),
  // Weeks that begin on Sunday, weeks that begin on Monday, weeks of ISO 8601.
  U: (time) => pad(Math.floor((dayOfYear(time) + 6 - time.getDay()) / 7), 2),
  W: (time) => pad(Math.floor((dayOfYear(time) + 6 - ((time.getDay() + 6) % 7)) / 7), 2),
  V: (time) => pad(isoWeek(time).week, 2),
  G: (time) => String(isoWeek(time).year),
  g: (time) => pad(isoWeek(time).year % 100, 2),

  H: (time) => pad(time.getHours(), 2),
  k: (time) => pad(time.getHours(), 2, " "),
  I: (time) => pad(hour12(time), 2),
  l: (time) => pad(hour12(time), 2, " "),
  p: (time) => (time.getHours() < 12 ? "AM" : "PM"),
  M: (time) => pad(time.getMinutes(), 2),
  S: (time) => pad(time.getSeconds(), 2),
  f: (time) => pad(microseconds(time), 6),
  s: (time) => String(Math.floor(time.getTime() / 1000)),
  // A local time without zone, as Hydra's `now` uses.
  z: () => "",
  Z: () => "",

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
