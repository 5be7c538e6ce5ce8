import { join } from "node:path";
import { CONSOLE_FILE, type ConsoleChunk } from "@episcope/core";
import type { FileSystem } from "@episcope/records/store";

/** Plain data, to be kept in a file. */
export interface ConsoleState {
  /** Bytes of the file that were read. */
  readonly offset: number;
  /** What stands on a line that has not ended, of standard output and of standard error. */
  readonly partial: { readonly stdout: string; readonly stderr: string };
}

export interface ConsoleLine {
  /** Unix seconds. */
  readonly time: number;
  readonly isError: boolean;
  /** Without its end. */
  readonly text: string;
}

const MAX_READ = 1024 * 1024;
/** Longer lines are cut, as W&B's own terminal cuts them. */
const MAX_LINE = 4_096;
const NEWLINE = 0x0a;

/** Reads what the program has written to its console, line by line, from the file in which the run keeps it. */
export class ConsoleLines {
  readonly #fs: FileSystem;
  readonly #path: string;
  #offset: number;
  readonly #partial: { stdout: string; stderr: string };

  constructor(fs: FileSystem, runDir: string, state: ConsoleState | null = null) {
    this.#fs = fs;
    this.#path = join(runDir, CONSOLE_FILE);
    this.#offset = state?.offset ?? 0;
    this.#partial = { ...(state?.partial ?? { stdout: "", stderr: "" }) };
  }

  state(): ConsoleState {
    return { offset: this.#offset, partial: { ...this.#partial } };
  }

  /** Lines that have ended since the last call. */
  read(): ConsoleLine[] {
    const lines: ConsoleLine[] = [];
    for (let chunks = this.#chunks(); chunks.length > 0; chunks = this.#chunks()) {
      for (const { stream, text, time } of chunks) {
        const parts = (this.#partial[stream] + text).split("\n");
        this.#partial[stream] = kept(parts.pop()!);
        for (const part of parts) lines.push({ time, isError: stream === "stderr", text: shown(part) });
      }
    }
    return lines;
  }

  /** What never ended. */
  rest(time: number): ConsoleLine[] {
    const lines = (["stdout", "stderr"] as const)
      .filter((stream) => this.#partial[stream] !== "")
      .map((stream) => ({ time, isError: stream === "stderr", text: shown(this.#partial[stream]) }));
    this.#partial.stdout = "";
    this.#partial.stderr = "";
    return lines;
  }

  #chunks(): ConsoleChunk[] {
    const bytes = this.#readFile();
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    this.#offset += end;
    return Buffer.from(bytes.subarray(0, end))
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "")
      .flatMap((line) => {
        try {
          return [JSON.parse(line) as ConsoleChunk];
        } catch {
          // Half a line, that a killed process left before the next one went on.
          return [];
        }
      });
  }

  #readFile(): Uint8Array {
    let descriptor: number;
    try {
      descriptor = this.#fs.openSync(this.#path, "r");
    } catch {
      return new Uint8Array();
    }
    try {
      const buffer = Buffer.alloc(MAX_READ);
      const count = this.#fs.readSync(descriptor, buffer, 0, MAX_READ, this.#offset);
      return buffer.subarray(0, count);
    } finally {
      this.#fs.closeSync(descriptor);
    }
  }
}

/** What can still be seen of a line that goes on: a carriage return at its end takes effect with what follows. */
function kept(line: string): string {
  return line.slice(line.lastIndexOf("\r", line.length - 2) + 1).slice(0, MAX_LINE);
}

/** A carriage return begins the line again, as on a terminal; progress bars leave their last state. */
function shown(line: string): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf("\r") + 1).slice(0, MAX_LINE);
}
