import { KeyStepDetector } from "../key-steps.js";
import { EpisodeProgress, type ProgressCheckpoint } from "../progress.js";
import type { PlainValue, StreamRecord } from "../record.js";
import type { KeyStepReason } from "../view.js";
import { ByteReader } from "./byte-reader.js";
import { ByteWriter } from "./byte-writer.js";
import { contentInvalid } from "./errors.js";
import { ValueDecoder } from "./value-decoder.js";
import { ValueEncoder } from "./value-encoder.js";

/** A stretch of records that can be read without those before it. */
export interface SegmentEntry {
  /** Offset of its first frame. */
  readonly offset: number;
  /** Records of any type. */
  readonly records: number;
  readonly steps: number;
  /** Number of its first step; -1 without steps. */
  readonly firstStep: number;
  /** The episode's totals before its first step. */
  readonly checkpoint: ProgressCheckpoint;
}

export interface KeyStepEntry {
  readonly step: number;
  readonly reasons: readonly KeyStepReason[];
}

/** What a reader knows without reading every record. A hint: it can be made again from the records. */
export interface JournalIndex {
  readonly records: number;
  readonly steps: number;
  readonly segments: readonly SegmentEntry[];
  /** Key steps with the reasons of the step's view, in order. */
  readonly keySteps: readonly KeyStepEntry[];
}

const NO_PROGRESS: ProgressCheckpoint = {
  steps: 0,
  rewardTotal: 0,
  lastReward: null,
  lastSimilarity: null,
  bestSimilarity: null,
};

/** Makes the index from the records in order. */
export class JournalIndexBuilder {
  readonly #segments: SegmentEntry[] = [];
  readonly #keySteps: KeyStepEntry[] = [];
  #progress: EpisodeProgress | null = null;
  #detector: KeyStepDetector | null = null;
  #records = 0;
  #steps = 0;
  #current: { -readonly [Key in keyof SegmentEntry]: SegmentEntry[Key] } | null = null;

  startSegment(offset: number): void {
    this.#current = {
      offset,
      records: 0,
      steps: 0,
      firstStep: -1,
      checkpoint: this.#progress?.checkpoint ?? NO_PROGRESS,
    };
    this.#segments.push(this.#current);
  }

  add(record: StreamRecord): void {
    const segment = this.#current;
    this.#records += 1;
    if (segment !== null) segment.records += 1;
    if (record.type === "episode-start") {
      this.#progress = new EpisodeProgress(record, 1);
      this.#detector = new KeyStepDetector(this.#progress.initialSimilarity);
      if (segment !== null && segment.steps === 0) segment.checkpoint = this.#progress.checkpoint;
    } else if (record.type === "step") {
      this.#steps += 1;
      if (segment !== null) {
        segment.steps += 1;
        if (segment.firstStep < 0) segment.firstStep = record.step;
      }
      const reasons = this.#reasons(record);
      if (reasons.length > 0) this.#keySteps.push({ step: record.step, reasons });
    }
  }

  build(): JournalIndex {
    return {
      records: this.#records,
      steps: this.#steps,
      segments: this.#segments,
      keySteps: this.#keySteps,
    };
  }

  #reasons(record: StreamRecord & { type: "step" }): readonly KeyStepReason[] {
    try {
      const view = this.#progress?.step(record);
      return view === undefined ? [] : (this.#detector?.reasons(view) ?? []);
    } catch {
      // A mask that does not fit its grid: verify reports it; the records themselves are kept as they are.
      return [];
    }
  }
}

/** In the order of their bits in the index; new ones go to the end. */
const REASONS: readonly KeyStepReason[] = [
  "first",
  "last",
  "submit",
  "similarity_jump",
  "similarity_drop",
  "new_best",
  "first_success",
  "resize",
  "reward_outlier",
];

/**
 * Two values, as `docs/formats.md` shows them: where the segments are, as columns with offsets as differences; then what
 * only views need, the totals before each segment and the key steps.
 */
export function encodeIndex(index: JournalIndex): Uint8Array {
  const out = new ByteWriter();
  const { segments, keySteps } = index;
  const values = new ValueEncoder(out);
  values.value([
    index.records,
    index.steps,
    differences(segments.map(({ offset }) => offset)),
    segments.map(({ records }) => records),
    segments.map(({ steps }) => steps),
    segments.map(({ firstStep }) => firstStep),
  ]);
  values.value([
    segments.map(({ checkpoint }) => checkpoint.steps),
    segments.map(({ checkpoint }) => checkpoint.rewardTotal),
    segments.map(({ checkpoint }) => checkpoint.lastReward),
    segments.map(({ checkpoint }) => checkpoint.lastSimilarity),
    segments.map(({ checkpoint }) => checkpoint.bestSimilarity),
    differences(keySteps.map(({ step }) => step)),
    keySteps.map(({ reasons }) => reasons.reduce((bits, reason) => bits | (1 << REASONS.indexOf(reason)), 0)),
  ]);
  return out.written();
}

/** The second value is read when it is asked for. */
export function decodeIndex(bytes: Uint8Array): JournalIndex {
  const values = new ValueDecoder();
  const input = new ByteReader(bytes);
  const columns = values.value(input);
  const [records, steps] = Array.isArray(columns) ? (columns as number[]) : [];
  const places = sums(columnOf(columns, 2));
  const segmentRecords = columnOf(columns, 3);
  const segmentSteps = columnOf(columns, 4);
  const firstSteps = columnOf(columns, 5);
  let details: Details | null = null;
  const detailsOf = (): Details => {
    details ??= decodeDetails(values, input);
    return details;
  };
  return {
    records: records!,
    steps: steps!,
    segments: places.map(
      (offset, at) =>
        new StoredSegment(offset, segmentRecords[at]!, segmentSteps[at]!, firstSteps[at]!, at, detailsOf),
    ),
    get keySteps() {
      return detailsOf().keySteps;
    },
  };
}

interface Details {
  readonly checkpoints: readonly ProgressCheckpoint[];
  readonly keySteps: readonly KeyStepEntry[];
}

class StoredSegment implements SegmentEntry {
  readonly offset: number;
  readonly records: number;
  readonly steps: number;
  readonly firstStep: number;
  readonly #at: number;
  readonly #details: () => Details;

  constructor(
    offset: number,
    records: number,
    steps: number,
    firstStep: number,
    at: number,
    details: () => Details,
  ) {
    this.offset = offset;
    this.records = records;
    this.steps = steps;
    this.firstStep = firstStep;
    this.#at = at;
    this.#details = details;
  }

  get checkpoint(): ProgressCheckpoint {
    return this.#details().checkpoints[this.#at] ?? NO_PROGRESS;
  }
}

function decodeDetails(values: ValueDecoder, input: ByteReader): Details {
  const columns = values.value(input);
  const known = (at: number) => columnOf(columns, at) as readonly (number | null)[];
  const totals = columnOf(columns, 1);
  const rewards = known(2);
  const similarities = known(3);
  const bests = known(4);
  const reasons = columnOf(columns, 6);
  return {
    checkpoints: columnOf(columns, 0).map((steps, at) => ({
      steps,
      rewardTotal: totals[at]!,
      lastReward: rewards[at]!,
      lastSimilarity: similarities[at]!,
      bestSimilarity: bests[at]!,
    })),
    keySteps: sums(columnOf(columns, 5)).map((step, at) => ({
      step,
      reasons: REASONS.filter((_reason, bit) => reasons[at]! & (1 << bit)),
    })),
  };
}

function columnOf(columns: PlainValue, at: number): readonly number[] {
  const column: unknown = Array.isArray(columns) ? columns[at] : undefined;
  if (!Array.isArray(column)) throw contentInvalid(`the index has no column ${at}`);
  return column;
}

function differences(numbers: readonly number[]): number[] {
  return numbers.map((number, at) => (at === 0 ? number : number - numbers[at - 1]!));
}

function sums(numbers: readonly number[]): number[] {
  let sum = 0;
  return numbers.map((difference) => {
    sum += difference;
    return sum;
  });
}
