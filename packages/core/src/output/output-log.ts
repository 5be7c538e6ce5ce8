import { join } from "node:path";
import type { StreamRecord } from "@episcope/records";
import type { Decisions, Durability, FileSystem } from "@episcope/records/store";
import { LogReader, LogWriter, toStorageError } from "@episcope/records/store";
import { LoggedItems } from "./logged-items.js";
import type { Outgoing } from "./outgoing.js";

/** Directory, in that of a run, of what its outputs have still to read; gone when they are complete. */
export const OUTPUT_LOG = "outputs";

/** Bytes that wait in memory before they are written. */
const WRITE_BYTES = 256 << 10;
/** Bytes that wait in memory where the system refuses them; then outputs have only what their queues hold. */
const HELD_BYTES = 8 << 20;

const TRIES = 20;
const RETRY_MS = 250;

export interface OutputLogOptions {
  readonly fs: FileSystem;
  readonly runDir: string;
  readonly durability: Durability;
  report(error: unknown, key: string): void;
}

interface EpisodeSpan {
  readonly start: number;
  /** Position of its end; null while it is open. */
  end: number | null;
}

interface SegmentStart {
  readonly segment: number;
  /** Position of its first record. */
  readonly first: number;
}

/**
 * The records of a run in the order of their arrival, for outputs that are late: they read here what their queues had no room
 * for, and after an interruption what they had not got. Beside each record stands what was decided about it.
 */
export class OutputLog {
  readonly #options: OutputLogOptions;
  readonly #writer: LogWriter;
  /** By number; those that are over go when no output has to read them again. */
  readonly #episodes: Map<number, EpisodeSpan> = new Map();
  readonly #segments: SegmentStart[] = [{ segment: 1, first: 0 }];
  #isBroken = false;
  /** Buffered bytes from which on they are written. */
  #writeAt = WRITE_BYTES;

  constructor(options: OutputLogOptions) {
    this.#options = options;
    const { fs, runDir, durability } = options;
    this.#writer = new LogWriter(join(runDir, OUTPUT_LOG), { fs, durability });
  }

  /** Absolute. */
  get dir(): string {
    return this.#writer.dir;
  }

  /** Whether what is appended can be read again. */
  get isWhole(): boolean {
    return !this.#isBroken;
  }

  /** Position that the next record gets. */
  get next(): number {
    return this.#writer.next;
  }

  /** Takes a record of the episode with this number, or of none; keeps nothing of it. */
  append(record: StreamRecord, episode: number | null, decisions: Decisions): void {
    if (this.#isBroken) return;
    let position: number;
    try {
      position = this.#writer.append(record, decisions);
    } catch (error) {
      this.#break(error);
      return;
    }
    if (record.type === "episode-start") this.#episodes.set(episode!, { start: position, end: null });
    const span = record.type === "episode-end" ? this.#episodes.get(episode!) : undefined;
    if (span !== undefined) span.end = position;
    if (this.#writer.bufferedBytes >= this.#writeAt) this.write();
  }

  /** Hands everything to the system; false where it refuses. */
  write(): boolean {
    if (this.#isBroken) return false;
    const { segment } = this.#writer;
    try {
      this.#writer.write();
    } catch (error) {
      if (this.#writer.bufferedBytes >= HELD_BYTES) this.#break(error);
      this.#writeAt = this.#writer.bufferedBytes + WRITE_BYTES;
      return false;
    }
    this.#writeAt = WRITE_BYTES;
    if (this.#writer.segment !== segment)
      this.#segments.push({ segment: this.#writer.segment, first: this.#writer.next });
    return true;
  }

  /** Resolves when the record at this position can be read; false where the system does not take it for long. */
  async readable(position: number): Promise<boolean> {
    for (let tries = 0; position >= this.#writer.head; tries++) {
      if (this.write()) continue;
      if (this.#isBroken) return false;
      if (tries >= TRIES) this.#break(new Error("the system has refused it for too long"));
      await new Promise<void>((resolve) => setTimeout(resolve, RETRY_MS));
    }
    return true;
  }

  /** Where reading begins for whoever needs the record at this position, with the episode that it belongs to. */
  readFrom(position: number): number {
    let from = position;
    for (const { start, end } of this.#episodes.values())
      if (start < from && (end === null || end >= position)) from = start;
    return from;
  }

  /** The items from a position on, each of an episode with its view. */
  open(position: number, outgoing: Outgoing | null): LoggedItems {
    const { fs, runDir } = this.#options;
    const from = this.readFrom(position);
    const reader = new LogReader(join(runDir, OUTPUT_LOG), { fs, from });
    return new LoggedItems(
      { next: () => reader.next(this.#writer.head), close: () => reader.close() },
      from,
      outgoing,
    );
  }

  /** Removes what lies below a position, as far as whole files do. */
  forget(below: number): void {
    const { fs, runDir } = this.#options;
    for (const [number, { end }] of this.#episodes)
      if (end !== null && end < below) this.#episodes.delete(number);
    while (this.#segments.length > 1 && this.#segments[1]!.first <= below) {
      const { segment } = this.#segments.shift()!;
      fs.rmSync(join(runDir, OUTPUT_LOG, `${String(segment).padStart(6, "0")}.epl`), { force: true });
    }
  }

  /** Closes the log; `isNeeded` keeps its files. */
  close(isNeeded: boolean): void {
    const { fs, runDir, durability, report } = this.#options;
    try {
      if (isNeeded && durability !== "process") this.#writer.sync();
      this.#writer.close();
    } catch (error) {
      if (isNeeded) report(toStorageError(error, join(runDir, OUTPUT_LOG)), "outputs");
    }
    if (!isNeeded) fs.rmSync(join(runDir, OUTPUT_LOG), { recursive: true, force: true });
  }

  #break(error: unknown): void {
    const { runDir, report } = this.#options;
    this.#isBroken = true;
    report(toStorageError(error, join(runDir, OUTPUT_LOG)), "outputs");
  }
}
