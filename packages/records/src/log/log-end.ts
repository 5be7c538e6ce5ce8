import type { FileSystem } from "../disk/file-system.js";
import { LogReader, type OpenEpisodeState } from "./log-reader.js";
import { type LogTally, listSegments, segmentHead } from "./segments.js";

/** Where a log ends, and what its writer needs to go on. */
export interface LogEnd {
  readonly segment: number;
  /** Behind its last whole frame. */
  readonly offset: number;
  readonly checksum: number;
  /** Position of the next record. */
  readonly next: number;
  /** Episodes that were started. */
  readonly episodes: number;
  readonly tally: LogTally;
  readonly open: readonly OpenEpisodeState[];
  readonly removed: readonly number[];
  /** As in `OpenEpisodeState`, of the records that belong to no episode. */
  readonly runFrames: number;
  /** The segments that are there, each with the position of its first record. */
  readonly segments: readonly { readonly number: number; readonly first: number }[];
  /** Numbers of files behind it that hold no whole frame. */
  readonly torn: readonly number[];
}

/** Null where there is no log, or nothing of it was written. */
export function readLogEnd(fs: FileSystem, dir: string): LogEnd | null {
  const numbers = listSegments(fs, dir);
  let from: number | null = null;
  for (let at = numbers.length - 1; at >= 0 && from === null; at--) {
    const head = segmentHead(fs, dir, numbers[at]!);
    // Of an episode that rests the last grid stands in an earlier segment.
    if (head !== null) from = Math.min(head.first, ...head.open.map(({ last }) => last));
  }
  if (from === null) return null;
  using reader = new LogReader(dir, { fs, from, glances: true });
  while (reader.next() !== null);
  const { end, position, episodes, tally, open, removed, runFrames } = reader;
  if (end === null) return null;
  const torn = numbers.filter((number) => number > end.segment);
  const segments = numbers.flatMap((number) => {
    const head = number > end.segment ? null : segmentHead(fs, dir, number);
    return head === null ? [] : [{ number, first: head.first }];
  });
  return { ...end, segments, next: position, episodes, tally, open, removed: [...removed], runFrames, torn };
}
