import nodeFs from "node:fs";
import type { StepRecord } from "@episcope/records";
import { type FileSystem, RunReader, recoverRun } from "@episcope/records/store";
import type { StepStream } from "./steps.js";

export interface ReadBack {
  /** Steps of all episodes that are exactly what went in. */
  readonly right: number;
  /** Steps that came out different, or not in their order. */
  readonly wrong: number;
  /** Highest seq below which no record is missing; -1 for none. */
  readonly completeUpTo: number;
  /** Positions of all records that came out, in order. */
  readonly seqs: readonly number[];
  /** Torn tails that recovery cut off. */
  readonly torn: number;
  /** Places in the middle of a journal that were no records. */
  readonly damaged: number;
}

/** Reads a run as it lies, then recovers it and reads it again: the second reading is what is given. */
export function readBack(dir: string, stream: StepStream, fs: FileSystem = nodeFs): ReadBack {
  const torn = problemsOf(dir, fs, "torn-tail");
  const damaged = problemsOf(dir, fs, "damaged") + problemsOf(dir, fs, "content");
  recoverRun(dir, { fs });
  const seqs: number[] = [];
  let right = 0;
  let wrong = 0;
  const run = new RunReader(dir, { fs });
  for (const record of run.runRecords()) seqs.push(record.seq);
  for (const { number } of run.episodes) {
    let next = 0;
    for (const record of run.records(number)) {
      seqs.push(record.seq);
      if (record.type !== "step") continue;
      if (record.step >= next && stream.matches(record)) right += 1;
      else wrong += 1;
      next = record.step + 1;
    }
  }
  seqs.sort((a, b) => a - b);
  let completeUpTo = -1;
  for (const seq of seqs) {
    if (seq > completeUpTo + 1) break;
    completeUpTo = seq;
  }
  return { right, wrong, completeUpTo, seqs, torn, damaged };
}

/** Steps of one episode of a run, as they lie. */
export function stepsOf(dir: string, episode = 1, fs: FileSystem = nodeFs): StepRecord[] {
  const records = new RunReader(dir, { fs }).records(episode);
  return [...records].filter((record): record is StepRecord => record.type === "step");
}

function problemsOf(dir: string, fs: FileSystem, kind: string): number {
  const run = new RunReader(dir, { fs });
  let count = 0;
  for (const { number } of run.episodes) {
    using journal = run.openJournal(number);
    for (const _record of journal.records());
    count += journal.problems.filter((problem) => problem.kind === kind).length;
  }
  return count;
}
