import fs, { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { crc32 } from "node:zlib";
import type { EpiscopeError } from "@episcope/errors";
import type { StreamRecord } from "@episcope/records";
import {
  JournalReader,
  JournalWriter,
  Replayer,
  RunReader,
  recoverRun,
  sealJournal,
} from "@episcope/records/store";
import { randomNumbers } from "@episcope/records/testing";
import { loggedRun } from "@episcope/testing/logged-runs";
import { filesOnDisk, mutateRuns } from "@episcope/testing/mutated-runs";
import { startNode } from "../child-program.js";
import { MemoryFile } from "../memory-file.js";
import { openFaultRun } from "../open-recorder.js";
import { all, atLeast, atMost, type Figure, none, type Outcome, type Row, type RowContext } from "../row.js";
import { stepStream } from "../steps.js";

const stream = stepStream(10);

interface Journal {
  readonly bytes: Uint8Array;
  readonly records: readonly StreamRecord[];
}

/** A journal of at least `size` bytes, open or sealed. */
function journalOf(context: RowContext, size: number, form: "open" | "sealed"): Journal {
  const path = join(context.scratch(), "journal.epi");
  const writer = new JournalWriter(path, { fs, episode: 1 });
  const key = { episode: "1", time: 1_700_000_000 };
  writer.append({
    ...{ type: "episode-start", seq: 0, ...key, task_id: "t", pair_index: 0, mode: "train" },
    ...{ initial: stream.initial, target: stream.target, meta: {} },
  });
  // The sealed form of the same steps is smaller.
  const wanted = form === "open" ? size : size * 3;
  let step = 0;
  for (; writer.size < wanted; step++) {
    const { action, after, reward, info } = stream.step(step);
    const rest = { action, after, reward, terminated: false, truncated: false, info: info ?? {} };
    writer.append({ type: "step", seq: step + 1, ...key, time: key.time + step / 7, step, ...rest });
  }
  const totals = { steps: step, reward: 0, final_similarity: null, best_similarity: null };
  writer.append({ type: "episode-end", seq: step + 1, ...key, outcome: "failure", totals });
  writer.close();
  if (form === "sealed") sealJournal(path, { fs });
  const bytes = new Uint8Array(readFileSync(path));
  return { bytes, records: readAll(new MemoryFile(bytes)).records };
}

interface Reading {
  readonly records: StreamRecord[];
  readonly problems: readonly { readonly kind: string; readonly offset: number }[];
}

function readAll(file: MemoryFile): Reading {
  using reader = new JournalReader("journal.epi", { fs: file.fs });
  const records = [...reader.records()];
  return { records, problems: reader.problems };
}

/** I1: cut at every byte. */
function everyPrefix(context: RowContext): Outcome {
  const figures: Figure[] = [];
  const size = (context.short ? 4 : 64) * 1024;
  for (const form of ["open", "sealed"] as const) {
    const { bytes, records } = journalOf(context, size, form);
    const file = new MemoryFile(bytes);
    const cuts = Math.min(bytes.length, size);
    let opened = 0;
    let wrong = 0;
    let silent = 0;
    let before = 0;
    let shrunk = 0;
    for (let length = 0; length < cuts; length++) {
      file.bytes = bytes.subarray(0, length);
      let reading: Reading;
      try {
        reading = readAll(file);
      } catch {
        continue;
      }
      opened += 1;
      if (reading.records.length < before) shrunk += 1;
      before = reading.records.length;
      // Every record is compared when it first comes out, and the last one always.
      const from = Math.max(0, reading.records.length - 2);
      if (!isDeepStrictEqual(reading.records.slice(from), records.slice(from, reading.records.length)))
        wrong += 1;
      const whole = length === bytes.length || isBoundary(file, form);
      const told = reading.problems.some(({ offset }) => offset <= length);
      if (!whole && length > 0 && !told) silent += 1;
    }
    figures.push(
      all(`${form}: prefixes that open, of ${cuts}`, opened, cuts),
      none(`${form}: prefixes with other records than the whole file begins with`, wrong),
      none(`${form}: longer prefixes with fewer records`, shrunk),
      none(`${form}: cuts that no position tells of`, silent),
    );
  }
  return { figures };
}

/** A cut between two records of an open journal leaves nothing to complain about. */
function isBoundary(file: MemoryFile, form: "open" | "sealed"): boolean {
  if (form === "sealed") return false;
  const view = new DataView(file.bytes.buffer, file.bytes.byteOffset, file.bytes.length);
  let offset = 40;
  while (offset + 8 <= file.bytes.length) offset += 8 + view.getUint32(offset, true);
  return offset === file.bytes.length;
}

/** I2: one bit is wrong. */
function bitFlips(context: RowContext): Outcome {
  const flips = 10_000;
  const figures: Figure[] = [];
  const random = randomNumbers(23);
  for (const form of ["open", "sealed"] as const) {
    const { bytes, records } = journalOf(context, (context.short ? 4 : 16) * 1024, form);
    let unseen = 0;
    let wrong = 0;
    let untyped = 0;
    for (let flip = 0; flip < flips / 2; flip++) {
      const damaged = bytes.slice();
      const at = Math.floor(random() * bytes.length);
      damaged[at]! ^= 1 << Math.floor(random() * 8);
      try {
        const reading = readAll(new MemoryFile(damaged));
        if (reading.problems.length === 0) unseen += 1;
        wrong += reading.records.filter((record) => !isDeepStrictEqual(record, records[record.seq])).length;
      } catch (error) {
        if (!/^[A-Z_]+$/.test(String((error as EpiscopeError).code))) untyped += 1;
      }
    }
    figures.push(
      none(`${form}: unseen of ${flips / 2} flips`, unseen),
      none(`${form}: records that came out wrong`, wrong),
      none(`${form}: errors without a code`, untyped),
    );
  }
  return { figures };
}

/** I5: written by a later version. */
async function fromTheFuture(context: RowContext): Promise<Outcome> {
  const { run } = await openFaultRun(context.scratch());
  const episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
  for (let step = 0; step < 100; step++) episode.step(stream.step(step));
  await episode.end();
  await run.close();
  const path = join(run.dir, "episode_0001", "journal.epi");
  const bytes = readFileSync(path);
  bytes.writeUInt16LE(9, 8);
  bytes.writeUInt16LE(9, 10);
  bytes.fill(0, 16, 36).write("episcope 9.0", 16, "latin1");
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 36)), 36);
  writeFileSync(path, bytes);
  const manifestPath = join(run.dir, "manifest.json");
  const manifest = readFileSync(manifestPath, "utf8");
  const message = thrownBy(() => new JournalReader(path, { fs }));
  const journalTold = /JOURNAL_VERSION_UNSUPPORTED/.test(message) && message.includes("episcope 9.0");
  let misread = 0;
  try {
    misread = [...new RunReader(run.dir, { fs }).records(1)].length;
  } catch {
    // Refused, as it should be.
  }
  const before = readFileSync(path);
  recoverRun(run.dir, { fs });
  const untouched = readFileSync(path).equals(before);
  writeFileSync(
    manifestPath,
    manifest.replace('"episcope":1', '"episcope":9').replace('"episcope": 1', '"episcope": 9'),
  );
  const manifestTold = /MANIFEST_VERSION_UNSUPPORTED/.test(thrownBy(() => new RunReader(run.dir, { fs })));
  const program = join(context.root, "packages", "cli", "bin", "episcope.js");
  const child = startNode(program, ["record", "input=-"], { cwd: context.scratch() });
  child.process.stdin?.end(`${JSON.stringify({ type: "hello", version: 9, producer: "later" })}\n`);
  const ended = await child.ended;
  return {
    figures: [
      all("a later journal is refused with its writer's name", Number(journalTold), 1),
      none("records read from it", misread),
      all("recover leaves it as it is", Number(untouched), 1),
      all("a later manifest is refused", Number(manifestTold), 1),
      all("a later record stream is refused", Number(ended.code !== 0 && /version/.test(ended.stderr)), 1),
    ],
  };
}

/** I6: the index is gone, belongs to another file, or points elsewhere. */
function wrongIndex(context: RowContext): Outcome {
  const figures: Figure[] = [];
  const { bytes, records } = journalOf(context, 16 * 1024, "sealed");
  const other = journalOf(context, 9 * 1024, "sealed").bytes;
  const steps = records.filter((record) => record.type === "step");
  const damaged: Record<string, Uint8Array> = {
    missing: bytes.subarray(0, indexOffset(bytes)),
    "without its trailer": bytes.subarray(0, bytes.length - 16),
    "of another file": withIndex(bytes, other),
    "pointing one byte on": shifted(bytes),
  };
  for (const [name, content] of Object.entries(damaged)) {
    const file = new MemoryFile(content);
    using reader = new JournalReader("journal.epi", { fs: file.fs });
    let different = 0;
    for (let step = 0; step < steps.length; step += 7)
      if (!isDeepStrictEqual(reader.step(step)?.record, steps[step])) different += 1;
    const scanned = [...reader.records()];
    figures.push(
      none(`index ${name}: steps that differ from a full scan`, different),
      all(`index ${name}: records of the scan`, scanned.length, records.length),
    );
  }
  const directory = join(context.scratch(), "episode_0001");
  fs.mkdirSync(directory);
  writeFileSync(join(directory, "journal.epi"), damaged["missing"]!);
  const again = new Replayer(new RunReader(join(directory, ".."), { fs })).step(1, steps.length - 1);
  figures.push(atLeast("a run whose manifest is gone as well: its last step", again.step, steps.length - 1));
  return { figures };
}

function indexOffset(sealed: Uint8Array): number {
  const view = new DataView(sealed.buffer, sealed.byteOffset);
  return Number(view.getBigUint64(sealed.length - 16, true));
}

/** The records of one file with the index of another, which is whole in itself. */
function withIndex(records: Uint8Array, index: Uint8Array): Uint8Array {
  const at = indexOffset(records);
  return withTrailer(
    Buffer.concat([records.subarray(0, at), index.subarray(indexOffset(index), index.length - 16)]),
    at,
  );
}

function shifted(sealed: Uint8Array): Uint8Array {
  return withTrailer(sealed.subarray(0, sealed.length - 16), indexOffset(sealed) + 1);
}

function withTrailer(content: Uint8Array, at: number): Uint8Array {
  const trailer = Buffer.alloc(16);
  trailer.writeBigUInt64LE(BigInt(at));
  trailer.writeUInt32LE(crc32(trailer.subarray(0, 8)), 8);
  trailer.write("EPIX", 12, "latin1");
  return new Uint8Array(Buffer.concat([content, trailer]));
}

/** Runs of both versions, closed and crashed. The seed is printed with what failed. */
function changedRuns({ short, root }: RowContext): Outcome {
  const golden = (name: string) =>
    filesOnDisk(join(root, "packages", "records", "test", "golden", "run-v1", name));
  const runs = {
    "version 1, closed": golden("complete"),
    "version 1, crashed": golden("crashed"),
    "version 2, closed": loggedRun({ journals: 0, closed: true }),
    "version 2, crashed, with a log": loggedRun({ journals: 0 }),
    "version 2, crashed, with journals": loggedRun({ journals: 120 }),
  };
  const tries = short ? 400 : 10_000;
  const counts = mutateRuns(runs, { count: tries, seed: 1 });
  const { tried, changed, untold, unnamed, wrong, lostByRecover, raw, mostRead } = counts;
  const cases = [...unnamed, ...lostByRecover, ...raw].slice(0, 10);
  return {
    figures: [
      all("changes", tried, tries),
      atLeast("changes of what is read", changed, tries / 4),
      none("of them not named by verify", unnamed.length),
      none("wrong records without a word", wrong.length),
      none("less readable after recover", lostByRecover.length),
      none("errors without a code", raw.length),
      atMost("most bytes read for one run", mostRead, 1e6, "bytes"),
    ],
    note: [`${untold} cuts of a file that is being written, at a frame: as a crash leaves it`, ...cases].join(
      "\n    ",
    ),
  };
}

function thrownBy(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return `${(error as EpiscopeError).code} ${(error as Error).message}`;
  }
  return "";
}

export const INPUT_ROWS: readonly Row[] = [
  { id: "I1", fault: "a journal cut at every byte", run: everyPrefix },
  { id: "I2", fault: "single bits flipped", run: bitFlips },
  { id: "I5", fault: "written by a later version", run: fromTheFuture },
  { id: "I6", fault: "index missing, stale or lying", run: wrongIndex },
  { id: "I7", fault: "runs changed by chance: bytes, whole frames, files", run: changedRuns },
];
