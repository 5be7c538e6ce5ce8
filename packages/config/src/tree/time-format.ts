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
    const text = field(time, code);
    if (text === undefined) return match;
    return dash === "" ? text : text.replace(/^[0 ]+(?=.)/, "");
  });
}

function field(time: Date, code: string): string | undefined {
  const hour12 = time.getHours() % 12 || 12;
  switch (code) {
    case "%":
      return "%";
    case "a":
      return DAYS[time.getDay()]!.slice(0, 3);
    case "A":
      return DAYS[time.getDay()]!;
    case "b":
    case "h":
      return MONTHS[time.getMonth()]!.slice(0, 3);
    case "B":
      return MONTHS[time.getMonth()]!;
    case "c":
      return formatTime(time, "%a %b %e %H:%M:%S %Y");
    case "C":
      return pad(Math.floor(time.getFullYear() / 100), 2);
    case "d":
      return pad(time.getDate(), 2);
    case "D":
    case "x":
      return formatTime(time, "%m/%d/%y");
    case "e":
      return pad(time.getDate(), 2, " ");
    case "f":
      return pad(microseconds(time), 6);
    case "F":
      return formatTime(time, "%Y-%m-%d");
    case "g":
      return pad(isoWeek(time).year % 100, 2);
    case "G":
      return String(isoWeek(time).year);
    case "H":
      return pad(time.getHours(), 2);
    case "I":
      return pad(hour12, 2);
    case "j":
      return pad(dayOfYear(time), 3);
    case "k":
      return pad(time.getHours(), 2, " ");
    case "l":
      return pad(hour12, 2, " ");
    case "m":
      return pad(time.getMonth() + 1, 2);
    case "M":
      return pad(time.getMinutes(), 2);
    case "n":
      return "\n";
    case "p":
      return time.getHours() < 12 ? "AM" : "PM";
    case "r":
      return formatTime(time, "%I:%M:%S %p");
    case "R":
      return formatTime(time, "%H:%M");
    case "s":
      return String(Math.floor(time.getTime() / 1000));
    case "S":
      return pad(time.getSeconds(), 2);
    case "t":
      return "\t";
    case "T":
    case "X":
      return formatTime(time, "%H:%M:%S");
    case "u":
      return String(time.getDay() || 7);
    case "U":
      return pad(Math.floor((dayOfYear(time) + 6 - time.getDay()) / 7), 2);
    case "V":
      return pad(isoWeek(time).week, 2);
    case "w":
      return String(time.getDay());
    case "W":
      return pad(Math.floor((dayOfYear(time) + 6 - ((time.getDay() + 6) % 7)) / 7), 2);
    case "y":
      return pad(time.getFullYear() % 100, 2);
    case "Y":
      return String(time.getFullYear());
    case "z":
    case "Z":
      // A local time without zone, as Hydra's `now` uses.
      return "";
    default:
      return undefined;
  }
}

/** A clock that knows more than milliseconds says so in `microseconds`. */
function microseconds(time: Date & { readonly microseconds?: number }): number {
  return time.microseconds ?? time.getMilliseconds() * 1000;
}
