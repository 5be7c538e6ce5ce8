import fs from "node:fs";
import type { FileSystem } from "@episcope/records/store";
import { askTerminal } from "./ask-terminal.js";
import { StatusLines } from "./status-lines.js";

/** The world of the program: everything that a verb reads or writes outside the run directories. */
export interface ProgramIo {
  /** Data only: run directories, records, tables. Awaits the reader where it is slow. */
  out(data: string | Uint8Array): Promise<void>;
  /** Keeps a text out of all messages from now on, and with `everywhere` out of the data too. */
  hide?(text: string, where: "messages" | "everywhere"): void;
  /** Messages for people, one or more whole lines. */
  message(text: string): void;
  /** Status lines below the messages, replaced by the next call; "" removes them. Terminals only. */
  status(text: string): void;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly fs: FileSystem;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Width of the terminal in columns; 80 where there is none. */
  readonly columns: number;
  /** Height of the terminal on standard output in lines; left out where there is none. */
  readonly rows?: number | undefined;
  /**
   * Asks the terminal with a control sequence and gives what it answers until `end` matches or the time is over; "" where
   * there is none to ask.
   */
  ask?(query: string, until: { readonly end: RegExp; readonly milliseconds: number }): Promise<string>;
}

/** The world of a real process. A reader that goes away (`| head`) ends the output quietly. */
export function processIo(): ProgramIo {
  let readerGone = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    readerGone = true;
  });
  const status = new StatusLines((text) => process.stderr.write(text));
  return {
    out(data) {
      if (readerGone || data.length === 0) return Promise.resolve();
      return new Promise((resolve) => {
        process.stdout.write(data, () => resolve());
      });
    },
    message(text) {
      status.around(() => process.stderr.write(text.endsWith("\n") ? text : `${text}\n`));
    },
    status(text) {
      if (process.stderr.isTTY === true) status.show(text);
    },
    stdin: process.stdin,
    env: process.env,
    cwd: process.cwd(),
    fs,
    stdoutIsTerminal: process.stdout.isTTY === true,
    stderrIsTerminal: process.stderr.isTTY === true,
    // A terminal that does not know its size says 0.
    columns: process.stdout.columns || process.stderr.columns || 80,
    rows: process.stdout.rows || undefined,
    ask: (query, until) =>
      askTerminal(
        query,
        until,
        process.stdin,
        (text) => process.stdout.write(text),
        () => process.kill(process.pid, "SIGINT"),
      ),
  };
}
