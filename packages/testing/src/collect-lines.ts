import type { Logger } from "@episcope/core";

export interface Lines {
  readonly logger: Logger;
  /** What it was given, one line each: "warn …". */
  readonly lines: string[];
}

/** A logger that shows nothing and keeps its messages; those for DEBUG too, unless told otherwise. */
export function collectLines({ debug = true }: { readonly debug?: boolean } = {}): Lines {
  const lines: string[] = [];
  const at = (level: string) => (message: string) => {
    if (debug || level !== "debug") lines.push(`${level} ${message}`);
  };
  return { logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines };
}
