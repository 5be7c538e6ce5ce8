import { ByteReader } from "../coding/byte-reader.js";
import { ByteWriter } from "../coding/byte-writer.js";
import { contentInvalid } from "../coding/errors.js";
import { reasonBits, reasonsOf } from "../coding/key-reasons.js";
import { BODY, SEGMENT_ROW_BYTES, SEGMENT_ROW_BYTES_2 } from "../coding/layout.js";
import { ValueDecoder } from "../coding/value-decoder.js";
import { ValueEncoder } from "../coding/value-encoder.js";
import { encodeFrame } from "../disk/frames.js";
import type { PlainValue } from "../record/record.js";
import type { ProgressCheckpoint } from "../view/progress.js";
import { contentBody, decodeContent } from "./block.js";
import {
  type JournalIndex,
  type KeyStepEntry,
  NO_PROGRESS,
  type SegmentEntry,
  type SegmentList,
} from "./journal-index.js";

/**
 * Two frames, as `docs/formats.md` shows them: rows of one width that say where the segments are, which are searched as
 * they stand in the file; then what only views need, the totals before each segment and the key steps.
 */
export function encodeIndex(index: JournalIndex, compress: boolean): readonly [Uint8Array, Uint8Array] {
  return [encodeFrame(encodePlaces(index, 1)), encodeFrame(detailsBody(index, compress))];
}

/** The bodies of these frames in version 2, which has positions and checksums in them. */
export function encodeIndexBodies(index: JournalIndex, compress: boolean): readonly [Uint8Array, Uint8Array] {
  return [encodePlaces(index, 2), detailsBody(index, compress)];
}

/** `places` and `details` are the bodies of the two frames; the second is decoded when it is asked for. */
export function decodeIndex(places: Uint8Array, details: Uint8Array, version: number): JournalIndex {
  const input = new ByteReader(places, 1);
  const records = input.varint();
  const steps = input.varint();
  const positions = version < 2 ? null : { first: input.varint(), last: input.varint() };
  let decoded: Details | null = null;
  const detailsOf = (): Details => {
    decoded ??= decodeDetails(details);
    return decoded;
  };
  return {
    records,
    steps,
    segments: new StoredSegments(places.subarray(input.offset), detailsOf, version),
    get keySteps() {
      return detailsOf().keySteps;
    },
    positions: records === 0 ? null : positions,
  };
}

function encodePlaces({ records, steps, segments, positions }: JournalIndex, version: number): Uint8Array {
  const out = new ByteWriter(48 + segments.length * SEGMENT_ROW_BYTES_2);
  out.u8(BODY.index);
  out.varint(records);
  out.varint(steps);
  if (version > 1) {
    out.varint(positions?.first ?? 0);
    out.varint(positions?.last ?? 0);
  }
  for (let at = 0; at < segments.length; at++) {
    const { offset, firstStep, records, chain } = segments.at(at);
    out.u48(offset);
    out.u48(firstStep);
    out.u32(records);
    if (version > 1) out.u32(chain ?? 0);
  }
  return out.written();
}

class StoredSegments implements SegmentList {
  readonly length: number;
  readonly #rows: DataView;
  readonly #details: () => Details;
  readonly #rowBytes: number;

  constructor(rows: Uint8Array, details: () => Details, version: number) {
    this.#rowBytes = version > 1 ? SEGMENT_ROW_BYTES_2 : SEGMENT_ROW_BYTES;
    this.length = Math.floor(rows.length / this.#rowBytes);
    this.#rows = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
    this.#details = details;
  }

  offset(at: number): number {
    return this.#u48(at * this.#rowBytes);
  }

  firstStep(at: number): number {
    return this.#u48(at * this.#rowBytes + 6);
  }

  at(at: number): SegmentEntry {
    if (!(at >= 0 && at < this.length)) throw contentInvalid(`the index has no segment ${at}`);
    const details = this.#details;
    return {
      offset: this.offset(at),
      firstStep: this.firstStep(at),
      records: this.#rows.getUint32(at * this.#rowBytes + 12, true),
      chain:
        this.#rowBytes === SEGMENT_ROW_BYTES ? null : this.#rows.getUint32(at * this.#rowBytes + 16, true),
      get checkpoint() {
        return details().checkpoint(at);
      },
    };
  }

  #u48(at: number): number {
    return this.#rows.getUint32(at, true) + this.#rows.getUint16(at + 4, true) * 2 ** 32;
  }
}

interface Details {
  readonly keySteps: readonly KeyStepEntry[];
  checkpoint(at: number): ProgressCheckpoint;
}

function detailsBody({ segments, keySteps }: JournalIndex, compress: boolean): Uint8Array {
  const out = new ByteWriter();
  const checkpoints = Array.from({ length: segments.length }, (_, at) => segments.at(at).checkpoint);
  new ValueEncoder(out).value([
    checkpoints.map(({ steps }) => steps),
    checkpoints.map(({ rewardTotal }) => rewardTotal),
    checkpoints.map(({ lastReward }) => lastReward),
    checkpoints.map(({ lastSimilarity }) => lastSimilarity),
    checkpoints.map(({ bestSimilarity }) => bestSimilarity),
    keySteps.map(({ step }, at) => (at === 0 ? step : step - keySteps[at - 1]!.step)),
    keySteps.map(({ reasons }) => reasonBits(reasons)),
  ]);
  return contentBody(BODY.indexDetails, out.written(), compress);
}

function decodeDetails(body: Uint8Array): Details {
  const columns = new ValueDecoder().value(new ByteReader(decodeContent(body)));
  const known = (at: number) => columnOf(columns, at) as readonly (number | null)[];
  const steps = columnOf(columns, 0);
  const totals = columnOf(columns, 1);
  const rewards = known(2);
  const similarities = known(3);
  const bests = known(4);
  const reasons = columnOf(columns, 6);
  let step = 0;
  return {
    keySteps: columnOf(columns, 5).map((difference, at) => {
      step += difference;
      return { step, reasons: reasonsOf(reasons[at]!) };
    }),
    checkpoint: (at) =>
      at >= steps.length
        ? NO_PROGRESS
        : {
            steps: steps[at]!,
            rewardTotal: totals[at]!,
            lastReward: rewards[at]!,
            lastSimilarity: similarities[at]!,
            bestSimilarity: bests[at]!,
          },
  };
}

function columnOf(columns: PlainValue, at: number): readonly number[] {
  const column: unknown = Array.isArray(columns) ? columns[at] : undefined;
  if (!Array.isArray(column)) throw contentInvalid(`the index has no column ${at}`);
  return column;
}
