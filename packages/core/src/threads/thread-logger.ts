import type { Logger } from "../contract/plugin.js";

/** What a logger in a thread was told, on its way to the program's. */
export interface LogMessage {
  readonly type: "log";
  readonly level: keyof Logger;
  readonly message: string;
  readonly fields?: Record<string, unknown>;
}

/** The logger of a thread: passes on what it is told. */
export function createThreadLogger(send: (message: LogMessage) => void): Logger {
  const at =
    (level: keyof Logger) =>
    (message: string, fields?: Record<string, unknown>): void => {
      try {
        send({ type: "log", level, message, ...(fields === undefined ? {} : { fields }) });
      } catch {
        // Fields that cannot be copied: the message is what matters.
        send({ type: "log", level, message: String(message) });
      }
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A logger that passes each warning on once: threads that do the same work say the same. */
export function warnsOnce(logger: Logger): Logger {
  const said = new Set<string>();
  const warn: Logger["warn"] = (message, fields) => {
    if (said.has(message)) return;
    said.add(message);
    logger.warn(message, fields);
  };
  return {
    debug: (message, fields) => logger.debug(message, fields),
    info: (message, fields) => logger.info(message, fields),
    warn,
    error: (message, fields) => logger.error(message, fields),
  };
}
