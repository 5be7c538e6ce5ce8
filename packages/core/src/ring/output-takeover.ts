import { join } from "node:path";
import type { StreamRecord } from "@episcope/records";
import type { FileSystem } from "@episcope/records/store";
import { LogReader, LogWriter, NOTHING_DECIDED, toStorageError } from "@episcope/records/store";
import { OUTPUT_LOG } from "../output/output-log.js";

export interface OutputTakeoverOptions {
  readonly fs: FileSystem;
  /** Where the run began. */
  readonly runDir: string;
  /** Records that the thread may not have taken: those that it has are the last ones of the log. */
  readonly left: number;
  report(error: unknown, key: string): void;
}

/** Bytes that wait in memory before they are written. */
const WRITE_BYTES = 64 << 10;

/**
 * Goes on with the log of a run's outputs, whose thread is gone: nothing is drawn or sent any more, but `resumeRun` finds all
 * records. What the thread had put there is not put there twice.
 */
export class OutputTakeover {
  readonly #options: OutputTakeoverOptions;
  readonly #writer: LogWriter | null;
  /** The last records of the log. */
  readonly #known: Set<string> = new Set();
  #globalStep: number | null = null;
  #added = 0;

  constructor(options: OutputTakeoverOptions) {
    this.#options = options;
    this.#writer = this.#guard(() => this.#open()) ?? null;
  }

  /** Records that no output was offered. */
  get added(): number {
    return this.#added;
  }

  /** `number` is the episode's in the run; 0 = none. */
  append(number: number, record: StreamRecord): void {
    const writer = this.#writer;
    if (writer === null || this.#known.has(keyOf(number, record))) return;
    this.#guard(() => {
      const global_step = record.type === "step" ? (this.#globalStep ?? -1) + 1 : this.#globalStep;
      // What else would be decided live is left to whoever reads it.
      writer.append(record, { ...NOTHING_DECIDED, global_step });
      this.#globalStep = global_step;
      this.#added += 1;
      if (writer.bufferedBytes > WRITE_BYTES) writer.write();
    });
  }

  write(): void {
    this.#guard(() => this.#writer?.write());
  }

  close(): void {
    this.#guard(() => this.#writer?.close());
  }

  #open(): LogWriter | null {
    const { fs, runDir, left } = this.#options;
    const dir = join(runDir, OUTPUT_LOG);
    if (!fs.existsSync(dir)) return null;
    const writer = LogWriter.resume(dir, { fs });
    if (writer === null) return null;
    using reader = new LogReader(dir, { fs, from: Math.max(0, writer.next - left - 1) });
    for (let item = reader.next(); item !== null; item = reader.next()) {
      this.#known.add(keyOf(item.episode ?? 0, item.record));
      this.#globalStep = item.decisions.global_step ?? this.#globalStep;
    }
    return writer;
  }

  #guard<Result>(action: () => Result): Result | undefined {
    try {
      return action();
    } catch (error) {
      this.#options.report(toStorageError(error, join(this.#options.runDir, OUTPUT_LOG)), "outputs");
      return undefined;
    }
  }
}

function keyOf(number: number, { type, seq }: StreamRecord): string {
  return `${number} ${type} ${seq}`;
}
