import { join } from "node:path";
import type { Clock, FileSystem } from "@episcope/records/store";

/** In a run's directory: what the process wrote to its console while the run was open, a line of JSON for each write. */
export const CONSOLE_FILE = "console.ndjson";

/** A line of the file. */
export interface ConsoleChunk {
  /** Unix seconds. */
  readonly time: number;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** The part of a process that is listened to. */
export interface ConsoleStreams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

export interface KeepConsoleOptions {
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly dir: string;
  readonly streams: ConsoleStreams;
}

/** A program that prints for days must not fill the disk. */
const MAX_BYTES = 10 * 1024 * 1024;
const MAX_CHUNK = 16 * 1024;

/**
 * Keeps what is written to the console in the run's directory, until the returned function is called. The console gets it
 * first and as ever; where the file cannot be written, it ends there. Past 10 MiB nothing more is kept.
 */
export function keepConsole({ fs, clock, dir, streams }: KeepConsoleOptions): () => void {
  let descriptor: number | null = null;
  let size = 0;
  let isOver = false;

  function keep(stream: ConsoleChunk["stream"], text: string): void {
    if (isOver || text === "") return;
    try {
      descriptor ??= fs.openSync(join(dir, CONSOLE_FILE), "a");
      const time = clock.now();
      for (let from = 0; from < text.length && size < MAX_BYTES; from += MAX_CHUNK) {
        const chunk: ConsoleChunk = { time, stream, text: text.slice(from, from + MAX_CHUNK) };
        const line = Buffer.from(`${JSON.stringify(chunk)}\n`);
        size += fs.writeSync(descriptor, line, 0, line.length);
      }
    } catch {
      isOver = true;
    }
  }

  const restore = (["stdout", "stderr"] as const).map((name) => {
    const target = streams[name];
    const write = target.write;
    const decoder = new TextDecoder();
    const kept = function (this: unknown, ...args: Parameters<typeof write>): boolean {
      const [data, encoding] = args as unknown as [string | Uint8Array, unknown];
      const answer = write.apply(target, args);
      const isPlain = typeof encoding !== "string" || /^utf-?8$/i.test(encoding);
      if (typeof data === "string") {
        if (isPlain) keep(name, data);
      } else keep(name, decoder.decode(data, { stream: true }));
      return answer;
    } as typeof write;
    target.write = kept;
    return () => {
      // Somebody else may have taken the place since; then this one only listens no more.
      if (target.write === kept) target.write = write;
    };
  });
  return () => {
    isOver = true;
    for (const one of restore) one();
    if (descriptor !== null) fs.closeSync(descriptor);
    descriptor = null;
  };
}
