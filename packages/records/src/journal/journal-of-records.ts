import { SEGMENT_START } from "../coding/layout.js";
import { RecordEncoder } from "../coding/record-encoder.js";
import type { EpisodeRecord } from "../record/record.js";
import { DecisionsAnew } from "./decisions-anew.js";
import { fileInMemory } from "./file-in-memory.js";
import { JournalBuilder } from "./journal-builder.js";
import { type JournalItem, JournalReader } from "./journal-reader.js";

/** Where an episode stood in its run, for records that come from somewhere else than a journal. */
export interface EpisodePlace {
  /** In the run, from 1. */
  readonly number: number;
  /** Position of its first record; the others follow without gaps. */
  readonly first: number;
  /** Steps of the run before it. */
  readonly globalStep: number;
}

/** Records as a journal would give them: `seq` is the position, and what was decided about them is decided anew. */
export function* journalItems(records: Iterable<EpisodeRecord>, place: EpisodePlace): Generator<JournalItem> {
  const anew = new DecisionsAnew(place);
  let seq = place.first;
  for (const record of records) {
    yield anew.decide({ ...record, seq }, place.number);
    seq += 1;
  }
}

/** A journal, in memory, of an episode whose records are known; `path` is the file that they come from. */
export function openJournalOf(
  path: string,
  records: Iterable<EpisodeRecord>,
  place: EpisodePlace,
): JournalReader {
  const builder = new JournalBuilder({ kind: "sealed", episode: place.number, compression: false });
  const encoder = new RecordEncoder();
  for (const { record, position, decisions, lost } of journalItems(records, place)) {
    encoder.out.length = 0;
    encoder.encode(record);
    const body = encoder.out.written();
    const startsSegment = (body[0]! & SEGMENT_START) !== 0;
    builder.add({ position: position!, record, decisions: decisions!, lost, body, startsSegment });
  }
  builder.finish();
  return new JournalReader(path, { fs: fileInMemory(builder.peek()) });
}
