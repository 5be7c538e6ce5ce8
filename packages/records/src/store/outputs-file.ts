import { join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { writeAtomically } from "../disk/write-atomically.js";
import type { LogTally } from "../log/segments.js";
import type { PlainValue, RecordType } from "../record/record.js";
import { outputsFromFuture } from "./errors.js";

export const OUTPUTS_FILE = "outputs.json";
const OUTPUTS_VERSION = 1;

/** What an output takes: records of a type, or pictures of steps. */
export type OutputItemType = RecordType | "picture";

/** How far an output has come. */
export interface OutputState {
  /** Items at positions below it were taken: written, dropped, or none of its own. */
  readonly cursor: number;
  readonly accepts: readonly OutputItemType[];
  /** Of the items below the cursor. */
  readonly written: number;
  /** Of the items below the cursor, by reason: the policy, `limit`, `cleanup`, `redaction`, `quarantined`, `given_up`. */
  readonly dropped: { readonly [reason: string]: number };
  /** What the output's `flush` gave, to go on from; null = nothing. */
  readonly state: PlainValue;
  /** Why it has stopped before the end; it goes on from the cursor when it is tried again. */
  readonly gave_up?: { readonly reason: string; readonly message: string; readonly time: number };
}

/** To the unit: accepted = written + waiting + dropped. */
export interface OutputAccount {
  readonly accepted: number;
  readonly written: number;
  readonly waiting: number;
  readonly dropped: number;
}

interface Stored {
  readonly episcope: number;
  readonly tally: RunTally | null;
  readonly taps: readonly string[];
  readonly outputs: { readonly [name: string]: OutputState };
}

/** What a run has in all. */
export interface RunTally extends LogTally {
  /** Records up to there: the position of the next one. */
  readonly next: number;
}

/**
 * `outputs.json` of a run: how far each output has read, what it wrote, what it gave up and why. Only the run's owner writes
 * it, after the outputs have flushed: what a cursor covers is safe.
 *
 *     const outputs = OutputsFile.open(fs, runDir);
 *     outputs.set("logging.sinks.mine", { ...state, cursor: position + 1 });
 *     outputs.write();
 */
export class OutputsFile {
  readonly #fs: FileSystem;
  #runDir: string;
  readonly #outputs: Map<string, OutputState>;
  /** Names of the plugins that tap `outgoing`: where one is missing, every sink waits. */
  taps: readonly string[];
  /** What the run has in all; the owner keeps it here when the log goes. */
  tally: RunTally | null;

  private constructor(fs: FileSystem, runDir: string, stored: Stored | null) {
    this.#fs = fs;
    this.#runDir = runDir;
    this.#outputs = new Map(Object.entries(stored?.outputs ?? {}));
    this.taps = stored?.taps ?? [];
    this.tally = stored?.tally ?? null;
  }

  /** That of the run; an empty one where there is none, or it cannot be read. Throws OUTPUTS_VERSION_UNSUPPORTED. */
  static open(fs: FileSystem, runDir: string): OutputsFile {
    return new OutputsFile(fs, runDir, readStored(fs, runDir));
  }

  /** In the order in which they were set first. */
  get names(): readonly string[] {
    return [...this.#outputs.keys()];
  }

  get(name: string): OutputState | undefined {
    return this.#outputs.get(name);
  }

  set(name: string, state: OutputState): void {
    this.#outputs.set(name, state);
  }

  /** The lowest cursor of all outputs that have not given up; infinite where there is none. */
  get lowestCursor(): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const { cursor, gave_up } of this.#outputs.values()) {
      if (gave_up === undefined) lowest = Math.min(lowest, cursor);
    }
    return lowest;
  }

  /** The run goes on in another directory: from then on the file is written there. */
  moveTo(runDir: string): void {
    this.#runDir = runDir;
  }

  /** Replaces the file in one step. Passes the system's errors. */
  write(): void {
    const stored: Stored = {
      episcope: OUTPUTS_VERSION,
      tally: this.tally,
      taps: this.taps,
      outputs: Object.fromEntries(this.#outputs),
    };
    const text = `${JSON.stringify(stored, null, 1)}\n`;
    writeAtomically(this.#fs, join(this.#runDir, OUTPUTS_FILE), [Buffer.from(text)]);
  }
}

/** What an output has to say of itself, where the run has `tally` in all. */
export function outputAccount(state: OutputState, tally: LogTally): OutputAccount {
  let accepted = 0;
  for (const type of new Set(state.accepts)) {
    accepted += type === "picture" ? tally.drawn : (tally.records[type] ?? 0);
  }
  let dropped = 0;
  for (const count of Object.values(state.dropped)) dropped += count;
  return { accepted, written: state.written, waiting: accepted - state.written - dropped, dropped };
}

/** What `outputs.json` has; null where there is none. */
export function readOutputs(fs: FileSystem, runDir: string): OutputsFile | null {
  return readStored(fs, runDir) === null ? null : OutputsFile.open(fs, runDir);
}

/** Keeps in `outputs.json` what the run has in all, before the log goes. */
export function writeTally(fs: FileSystem, runDir: string, tally: RunTally): void {
  const outputs = OutputsFile.open(fs, runDir);
  outputs.tally = tally;
  outputs.write();
}

function readStored(fs: FileSystem, runDir: string): Stored | null {
  const path = join(runDir, OUTPUTS_FILE);
  let stored: Stored;
  try {
    stored = JSON.parse(fs.readFileSync(path, "utf8")) as Stored;
  } catch {
    return null;
  }
  if (!Number.isInteger(stored?.episcope)) return null;
  if (stored.episcope > OUTPUTS_VERSION) throw outputsFromFuture(path, stored.episcope, OUTPUTS_VERSION);
  const isUsable = typeof stored.outputs === "object" && stored.outputs !== null;
  return isUsable && Object.values(stored.outputs).every(isState) ? stored : null;
}

function isState(plain: OutputState): boolean {
  return (
    Number.isSafeInteger(plain?.cursor) &&
    Number.isSafeInteger(plain.written) &&
    Array.isArray(plain.accepts) &&
    typeof plain.dropped === "object" &&
    plain.dropped !== null
  );
}
