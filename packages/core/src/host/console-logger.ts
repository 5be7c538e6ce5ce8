import { printableMessage } from "@episcope/errors";
import type { Clock } from "@episcope/records/store";
import type { LogLevel } from "../config/types.js";
import type { Logger } from "../contract/plugin.js";

const LEVELS: readonly LogLevel[] = ["DEBUG", "INFO", "WARNING", "ERROR"];

/**
 * Messages of `level` and above, one line each, on standard error: standard output carries data only. What could steer a
 * terminal is taken out of them.
 */
export function createConsoleLogger(
  level: LogLevel,
  write: (line: string) => void = writeStandardError,
): Logger {
  const lowest = LEVELS.indexOf(level);
  const at =
    (name: LogLevel) =>
    (message: string): void => {
      if (LEVELS.indexOf(name) >= lowest) write(printableMessage(`[episcope][${name}] ${message}\n`));
    };
  return { debug: at("DEBUG"), info: at("INFO"), warn: at("WARNING"), error: at("ERROR") };
}

const SYSTEM_CLOCK: Clock = Object.freeze({
  now: () => Date.now() / 1000,
  monotonic: () => performance.now(),
});

/** The system's clock; one object, so that it is known again. */
export function createClock(): Clock {
  return SYSTEM_CLOCK;
}

/** True for the clock that every thread can make for itself. */
export function isSystemClock(clock: Clock): boolean {
  return clock === SYSTEM_CLOCK;
}

function writeStandardError(line: string): void {
  process.stderr.write(line);
}
