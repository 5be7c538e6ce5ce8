import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { loggingInvalid } from "./errors.js";
import type { ApplicationIo } from "./io.js";
import { LEVELS, type LogFormatter, type LogRecord } from "./log-format.js";

export interface HandlerConfig {
  readonly class?: string;
  readonly formatter?: string | null;
  readonly level?: string | number | null;
  readonly stream?: string | null;
  readonly filename?: string | null;
  readonly mode?: string | null;
  readonly delay?: boolean | null;
}

/** Where records go. */
export interface LogHandler {
  handle(record: LogRecord): void;
  close(): void;
}

export interface HandlerPlace {
  /** Key of the node, for errors. */
  readonly key: string;
  readonly formatter: LogFormatter;
  readonly io: ApplicationIo;
  /** What relative file names are relative to: the job's directory. */
  readonly directory: string;
}

const STREAMS = new Set(["logging.StreamHandler", "colorlog.StreamHandler"]);
const KNOWN = [
  "logging.StreamHandler",
  "logging.FileHandler",
  "logging.NullHandler",
  "colorlog.StreamHandler",
];

/** The handler that a node below `handlers` describes. */
export function makeHandler(config: HandlerConfig, place: HandlerPlace): LogHandler {
  const kind = config.class ?? "";
  const level = levelOf(config.level ?? 0, `${place.key}.level`);
  if (kind === "logging.NullHandler") return { handle: () => {}, close: () => {} };
  if (STREAMS.has(kind)) return streamHandler(config, place, level);
  if (kind === "logging.FileHandler") return fileHandler(config, place, level);
  throw loggingInvalid(
    `${place.key}.class`,
    `names '${kind}', which there is not`,
    `Use ${KNOWN.join(", ")}.`,
  );
}

/** A level by its name or number. */
export function levelOf(level: string | number, key: string): number {
  if (typeof level === "number") return level;
  const known = LEVELS[level];
  if (known === undefined) {
    throw loggingInvalid(key, `is no level: '${level}'`, `Use ${Object.keys(LEVELS).join(", ")}.`);
  }
  return known;
}

function streamHandler(
  config: HandlerConfig,
  { key, formatter, io }: HandlerPlace,
  level: number,
): LogHandler {
  const stream = config.stream ?? "ext://sys.stderr";
  if (stream !== "ext://sys.stdout" && stream !== "ext://sys.stderr") {
    throw loggingInvalid(`${key}.stream`, `is '${stream}'`, "Use ext://sys.stdout or ext://sys.stderr.");
  }
  const write = stream === "ext://sys.stdout" ? io.out : io.err;
  return {
    handle: (record) => {
      if (record.level >= level) write.call(io, `${formatter(record)}\n`);
    },
    close: () => {},
  };
}

function fileHandler(
  config: HandlerConfig,
  { key, formatter, directory }: HandlerPlace,
  level: number,
): LogHandler {
  const { filename } = config;
  if (typeof filename !== "string" || filename === "") {
    throw loggingInvalid(`${key}.filename`, "names no file", "Write filename: NAME.log.");
  }
  const path = resolve(directory, filename);
  let descriptor: number | undefined;
  const open = (): number => {
    mkdirSync(dirname(path), { recursive: true });
    descriptor = openSync(path, config.mode === "w" ? "w" : "a");
    return descriptor;
  };
  if (config.delay !== true) open();
  return {
    handle: (record) => {
      if (record.level >= level) writeSync(descriptor ?? open(), `${formatter(record)}\n`);
    },
    close: () => {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}
