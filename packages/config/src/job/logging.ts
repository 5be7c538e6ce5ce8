import { format } from "node:util";
import { type DestinationStream, pino } from "pino";
import { loggingInvalid } from "./errors.js";
import type { ApplicationIo } from "./io.js";
import { type FormatterConfig, type LogFormatter, makeFormatter } from "./log-format.js";
import { type HandlerConfig, type LogHandler, levelOf, makeHandler } from "./log-handlers.js";

/** A named log. `%s` and the like in a message take the arguments, as in `util.format`; an error is shown with its stack. */
export interface Logger {
  debug(message: unknown, ...args: unknown[]): void;
  info(message: unknown, ...args: unknown[]): void;
  warning(message: unknown, ...args: unknown[]): void;
  error(message: unknown, ...args: unknown[]): void;
  critical(message: unknown, ...args: unknown[]): void;
}

/** The logs of a job: what `hydra.job_logging` says. */
export interface JobLogging {
  /** The log of a name; names below it (`app.train` below `app`) inherit its level and handlers. */
  logger(name: string): Logger;
  close(): void;
}

interface LoggerConfig {
  readonly level?: string | number | null;
  readonly handlers?: readonly string[] | null;
  readonly propagate?: boolean | null;
}

/** Python's `logging.config.dictConfig`, as far as Hydra's groups use it. */
export interface LoggingConfig {
  readonly root?: LoggerConfig | null;
  readonly loggers?: Readonly<Record<string, LoggerConfig>> | null;
  readonly handlers?: Readonly<Record<string, HandlerConfig>> | null;
  readonly formatters?: Readonly<Record<string, FormatterConfig>> | null;
}

export interface LoggingOptions {
  /** The node, resolved; undefined and null for plain lines to standard output. */
  readonly config: LoggingConfig | null | undefined;
  /** Key of the node, for errors. */
  readonly key: string;
  /** `hydra.verbose`: true for everything, or the names of logs. */
  readonly verbose: boolean | string | readonly string[];
  readonly io: ApplicationIo;
  /** What relative file names are relative to. */
  readonly directory: string;
}

const WARNING = 30;
const CUSTOM_LEVELS = { debug: 10, info: 20, warning: 30, error: 40, critical: 50 };
const PLAIN = "[%(asctime)s][%(name)s][%(levelname)s] - %(message)s";

/** Opens the logs that a node of the config describes. @throws EpiscopeError LOGGING_CONFIG */
export function openLogging(options: LoggingOptions): JobLogging {
  const config = options.config ?? plainConfig();
  const tree = new LogTree(options, config);
  const known = new Map<string, Logger>();
  return {
    logger: (name) => {
      let logger = known.get(name);
      if (logger === undefined) {
        logger = tree.makeLogger(name);
        known.set(name, logger);
      }
      return logger;
    },
    close: () => tree.close(),
  };
}

function plainConfig(): LoggingConfig {
  return {
    formatters: { simple: { format: PLAIN } },
    handlers: {
      console: { class: "logging.StreamHandler", formatter: "simple", stream: "ext://sys.stdout" },
    },
    root: { level: "INFO", handlers: ["console"] },
  };
}

/** The loggers by their names, with what they pass on to those above them. */
class LogTree {
  readonly #options: LoggingOptions;
  readonly #loggers: ReadonlyMap<string, LoggerConfig>;
  readonly #root: LoggerConfig | undefined;
  readonly #handlers: ReadonlyMap<string, LogHandler>;
  readonly #verbose: ReadonlySet<string>;

  constructor(options: LoggingOptions, config: LoggingConfig) {
    this.#options = options;
    // Without a root nothing is configured at all, as in Hydra.
    this.#root = config.root ?? undefined;
    const configured = this.#root === undefined ? {} : config;
    this.#loggers = new Map(Object.entries(configured.loggers ?? {}));
    this.#handlers = openHandlers(options, configured);
    const { verbose } = options;
    this.#verbose = new Set(
      typeof verbose === "boolean" ? [] : typeof verbose === "string" ? [verbose] : verbose,
    );
    this.#checkHandlers();
  }

  #checkHandlers(): void {
    const { key } = this.#options;
    const all: [string, LoggerConfig][] = [...this.#loggers].map(([name, config]) => [
      `loggers.${name}`,
      config,
    ]);
    if (this.#root !== undefined) all.push(["root", this.#root]);
    for (const [place, { level, handlers }] of all) {
      levelOf(level ?? 0, `${key}.${place}.level`);
      for (const name of handlers ?? []) {
        if (this.#handlers.has(name)) continue;
        throw loggingInvalid(
          `${key}.${place}.handlers`,
          `names the handler '${name}', which there is not`,
          `Handlers: ${[...this.#handlers.keys()].join(", ")}.`,
        );
      }
    }
  }

  makeLogger(name: string): Logger {
    const { io } = this.#options;
    const handlers = this.#handlersOf(name);
    const stream: DestinationStream = {
      write: (line) => {
        const { level, msg } = JSON.parse(line) as { level: number; msg: string };
        const record = { time: io.now(), name, level, message: msg };
        if (handlers.length === 0) {
          // As Python does where nothing is configured: warnings and worse, bare.
          if (level >= WARNING) io.err(`${msg}\n`);
        } else for (const handler of handlers) handler.handle(record);
      },
    };
    const log = pino(
      {
        base: null,
        timestamp: false,
        customLevels: { ...CUSTOM_LEVELS, off: 60 },
        useOnlyCustomLevels: true,
        level: pinoLevel(this.#levelOf(name)),
      },
      stream,
    );
    const at =
      (level: keyof typeof CUSTOM_LEVELS) =>
      (message: unknown, ...args: unknown[]): void =>
        log[level](args.length === 0 ? textOf(message) : format(textOf(message), ...args.map(argumentOf)));
    return {
      debug: at("debug"),
      info: at("info"),
      warning: at("warning"),
      error: at("error"),
      critical: at("critical"),
    };
  }

  /** The nearest level on the way up. */
  #levelOf(name: string): number {
    for (const above of wayUp(name)) {
      if (this.#verbose.has(above)) return CUSTOM_LEVELS.debug;
      const level = this.#loggers.get(above)?.level;
      if (level !== undefined && level !== null && level !== "NOTSET") {
        return levelOf(level, `${this.#options.key}.loggers.${above}.level`);
      }
    }
    if (this.#options.verbose === true || this.#verbose.has("root")) return CUSTOM_LEVELS.debug;
    return this.#root === undefined
      ? WARNING
      : levelOf(this.#root.level ?? "WARNING", `${this.#options.key}.root.level`);
  }

  #handlersOf(name: string): LogHandler[] {
    const found: LogHandler[] = [];
    const add = (config: LoggerConfig | undefined): void => {
      for (const handler of config?.handlers ?? []) found.push(this.#handlers.get(handler)!);
    };
    for (const above of wayUp(name)) {
      const config = this.#loggers.get(above);
      add(config);
      if (config?.propagate === false) return found;
    }
    add(this.#root);
    return found;
  }

  close(): void {
    for (const handler of this.#handlers.values()) handler.close();
  }
}

function openHandlers(
  { key, io, directory }: LoggingOptions,
  config: LoggingConfig,
): Map<string, LogHandler> {
  const formatters = new Map<string, LogFormatter>();
  const colors = io.env["NO_COLOR"] === undefined;
  for (const [name, formatter] of Object.entries(config.formatters ?? {})) {
    formatters.set(name, makeFormatter(formatter, `${key}.formatters.${name}`, colors));
  }
  const handlers = new Map<string, LogHandler>();
  for (const [name, handler] of Object.entries(config.handlers ?? {})) {
    const place = `${key}.handlers.${name}`;
    const formatter =
      handler.formatter === undefined || handler.formatter === null
        ? makeFormatter({}, place, false)
        : formatters.get(handler.formatter);
    if (formatter === undefined) {
      throw loggingInvalid(
        `${place}.formatter`,
        `names '${handler.formatter}', which there is not`,
        `Formatters: ${[...formatters.keys()].join(", ")}.`,
      );
    }
    handlers.set(name, makeHandler(handler, { key: place, formatter, io, directory }));
  }
  return handlers;
}

/** A name and those above it: `a.b.c`, `a.b`, `a`. */
function wayUp(name: string): string[] {
  const parts = name.split(".");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("."));
}

function pinoLevel(level: number): string {
  const names = Object.entries(CUSTOM_LEVELS);
  return names.find(([, value]) => value >= level)?.[0] ?? "off";
}

function textOf(message: unknown): string {
  if (message instanceof Error) return message.stack ?? message.message;
  return typeof message === "string" ? message : format("%o", message);
}

function argumentOf(value: unknown): unknown {
  return value instanceof Error ? (value.stack ?? value.message) : value;
}
