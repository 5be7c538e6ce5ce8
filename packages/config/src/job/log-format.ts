import { formatTime } from "../omegaconf/time-format.js";
import { loggingInvalid } from "./errors.js";

export const LEVELS: Readonly<Record<string, number>> = {
  NOTSET: 0,
  DEBUG: 10,
  INFO: 20,
  WARNING: 30,
  ERROR: 40,
  CRITICAL: 50,
};

export interface LogRecord {
  readonly time: Date;
  readonly name: string;
  readonly level: number;
  readonly message: string;
}

/** One line of a log, without its end. */
export type LogFormatter = (record: LogRecord) => string;

export interface FormatterConfig {
  readonly format?: string | null;
  readonly datefmt?: string | null;
  readonly style?: string;
  readonly class?: string;
  readonly "()"?: string;
  readonly log_colors?: Readonly<Record<string, string>> | null;
}

/** `%(name)s`, `%(levelname)-8s`; `%%` is a percent sign. */
const FIELD = /%%|%\((\w+)\)([-0 +#]*)(\d*)(?:\.(\d+))?([sdfi])/g;

const COLORLOG = new Set(["colorlog.ColoredFormatter", "colorlog.TTYColoredFormatter"]);
const DEFAULT_COLORS: Readonly<Record<string, string>> = {
  DEBUG: "white",
  INFO: "green",
  WARNING: "yellow",
  ERROR: "red",
  CRITICAL: "bold_red",
};

export function levelName(level: number): string {
  return Object.keys(LEVELS).find((name) => LEVELS[name] === level) ?? `Level ${level}`;
}

/** The formatter that a node below `formatters` describes, as Python's logging and colorlog read it. */
export function makeFormatter(config: FormatterConfig, key: string, colors: boolean): LogFormatter {
  const own = config["()"] ?? config.class;
  if (own !== undefined && own !== "logging.Formatter" && !COLORLOG.has(own)) {
    throw loggingInvalid(
      key,
      `names the formatter '${own}', which there is not`,
      "Use colorlog.ColoredFormatter, or none.",
    );
  }
  if (config.style !== undefined && config.style !== "%") {
    throw loggingInvalid(`${key}.style`, `is '${config.style}'`, "Only the style % is known: %(message)s.");
  }
  const pattern = config.format ?? "%(message)s";
  const datefmt = config.datefmt ?? undefined;
  const logColors =
    own !== undefined && COLORLOG.has(own) ? (config.log_colors ?? DEFAULT_COLORS) : undefined;
  for (const [, name] of pattern.matchAll(FIELD)) {
    if (
      name !== undefined &&
      FIELDS[name] === undefined &&
      (logColors === undefined || colorCode(name) === undefined)
    ) {
      throw loggingInvalid(
        `${key}.format`,
        `names '%(${name})s', which a record does not have`,
        `Use ${Object.keys(FIELDS).join(", ")}.`,
      );
    }
  }
  return (record) =>
    pattern.replace(FIELD, (match, name, flags, width, precision, kind) => {
      if (match === "%%") return "%";
      const field = FIELDS[name];
      if (field !== undefined) return pad(field(record, datefmt), flags, width, precision, kind);
      if (!colors) return "";
      return name === "log_color"
        ? (colorCode(logColors?.[levelName(record.level)] ?? "") ?? "")
        : colorCode(name)!;
    }) + (logColors !== undefined && colors ? RESET : "");
}

const RESET = "\x1b[0m";
const COLORS = ["black", "red", "green", "yellow", "blue", "purple", "cyan", "white"];

/** The escape codes of a name of colorlog: `red`, `bold_red`, `bg_blue`, `reset`, several with commas. */
function colorCode(name: string): string | undefined {
  if (name === "log_color") return "";
  const codes = name.split(",").map((one) => {
    if (one === "reset") return "0";
    if (one === "bold") return "1";
    const parts = /^(bold_|thin_|bg_)?(?:light_)?(\w+)$/.exec(one);
    const color = COLORS.indexOf(parts?.[2] ?? "");
    if (color < 0) return undefined;
    if (parts![1] === "bg_") return String(40 + color);
    return `${parts![1] === "bold_" ? "1;" : parts![1] === "thin_" ? "2;" : ""}${30 + color}`;
  });
  return codes.includes(undefined) ? undefined : `\x1b[${codes.join(";")}m`;
}

function pad(
  value: string | number,
  flags: string,
  width: string,
  precision: string | undefined,
  kind: string,
): string {
  let text = String(value);
  if (kind === "f") text = Number(value).toFixed(precision === undefined ? 6 : Number(precision));
  else if (kind === "s" && precision !== undefined) text = text.slice(0, Number(precision));
  const size = Number(width);
  if (flags.includes("-")) return text.padEnd(size);
  return text.padStart(size, flags.includes("0") && kind !== "s" ? "0" : " ");
}

function milliseconds(time: Date): string {
  return String(time.getMilliseconds()).padStart(3, "0");
}

const FIELDS: Readonly<Record<string, (record: LogRecord, datefmt: string | undefined) => string | number>> =
  {
    asctime: ({ time }, datefmt) =>
      datefmt === undefined
        ? `${formatTime(time, "%Y-%m-%d %H:%M:%S")},${milliseconds(time)}`
        : formatTime(time, datefmt),
    name: ({ name }) => name,
    levelname: ({ level }) => levelName(level),
    levelno: ({ level }) => level,
    message: ({ message }) => message,
    created: ({ time }) => time.getTime() / 1000,
    msecs: ({ time }) => time.getMilliseconds(),
    process: () => process.pid,
    processName: () => "MainProcess",
    threadName: () => "MainThread",
  };
