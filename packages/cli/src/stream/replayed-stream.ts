import {
  encodeNdjson,
  encodeNdjsonMessage,
  isObject,
  type PlainObject,
  type RunStartRecord,
  STREAM_VERSION,
  type StreamRecord,
} from "@episcope/records";
import { type FileSystem, type RunReader, RunStream } from "@episcope/records/store";

/**
 * A run as the stream that a producer would have sent, a line each: `hello`, then every record in the order in which it was
 * recorded, `seq` without gaps. Recorded again it gives a run with equal records.
 */
export function* replayedStream(run: RunReader, fs: FileSystem, producer: string): Generator<string> {
  yield encodeNdjsonMessage({ type: "hello", version: STREAM_VERSION, producer });
  let seq = 0;
  for (const record of recordsOf(run, fs)) {
    const sent = record.type === "run-start" ? asSent(record) : record;
    yield encodeNdjson({ ...sent, seq });
    seq += 1;
  }
}

/** Of a run in two parts the later one has the run's own records, and episodes that both have as a whole. */
function* recordsOf(run: RunReader, fs: FileSystem): Generator<StreamRecord> {
  const other = run.otherPart;
  if (other === null) {
    for (const { record } of itemsOf(run.dir, run, fs)) yield record;
    return;
  }
  const [first, later] = other.isLater ? [run.dir, other.dir] : [other.dir, run.dir];
  const numbers = new Set<number>();
  const ofLater = other.isLater
    ? other.episodes
    : run.episodes.filter((entry) => !other.episodes.includes(entry));
  for (const { number } of ofLater) numbers.add(number);
  for (const { record } of itemsOf(later, run, fs)) if (record.type === "run-start") yield record;
  for (const { record, episode } of itemsOf(first, run, fs)) {
    if (episode !== null && !numbers.has(episode)) yield record;
  }
  for (const { record } of itemsOf(later, run, fs)) if (record.type !== "run-start") yield record;
}

function* itemsOf(dir: string, { exports }: RunReader, fs: FileSystem) {
  using stream = new RunStream(dir, { fs, exports });
  for (let item = stream.next(); item !== null; item = stream.next()) yield item;
}

/** What the producer said itself; what the recorder put in its place is the recorder's to say again. */
function asSent(record: RunStartRecord): RunStartRecord {
  const { producer, ...meta } = record.meta;
  if (!isObject(producer)) return record;
  const { run, config_hash, meta: own } = producer as PlainObject;
  if (typeof run !== "string" || typeof config_hash !== "string") return record;
  // Runs of earlier versions keep the producer's own below `producer` too.
  return { ...record, run, config_hash, meta: isObject(own) ? (own as PlainObject) : meta };
}
