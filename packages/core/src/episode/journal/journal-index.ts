import { KeyStepDetector } from "../key-steps.js";
import { EpisodeProgress, type ProgressCheckpoint } from "../progress.js";
import type { PlainObject, PlainValue, StreamRecord } from "../record.js";
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

/**
 * Two values, as `docs/formats.md` shows them: where the segments are, as columns with offsets as differences; then what
 * only views need, the totals before each segment and the key steps.
 */
export function encodeIndex(index: JournalIndex): Uint8Array {
  const out = new ByteWriter();
  const { segments, keySteps } = index;
  let last = 0;
  const values = new ValueEncoder(out);
  values.value({
    records: index.records,
    steps: index.steps,
    offsets: segments.map(({ offset }) => {
      const difference = offset - last;
      last = offset;
      return difference;
    }),
    segment_records: segments.map(({ records }) => records),
    segment_steps: segments.map(({ steps }) => steps),
    first_steps: segments.map(({ firstStep }) => firstStep),
  });
  values.value({
    steps_before: segments.map(({ checkpoint }) => checkpoint.steps),
    reward_totals: segments.map(({ checkpoint }) => checkpoint.rewardTotal),
    last_rewards: segments.map(({ checkpoint }) => checkpoint.lastReward),
    last_similarities: segments.map(({ checkpoint }) => checkpoint.lastSimilarity),
    best_similarities: segments.map(({ checkpoint }) => checkpoint.bestSimilarity),
    key_steps: keySteps.map(({ step }) => step),
    key_reasons: keySteps.map(({ reasons }) => reasons.join(" ")),
  });
  return out.written();
}

/** The second value is read when it is asked for. */
export function decodeIndex(bytes: Uint8Array): JournalIndex {
  const values = new ValueDecoder();
  const input = new ByteReader(bytes);
  const columns = values.object(input);
  const numbers = (name: string) => columnOf(columns, name) as readonly number[];
  const records = numbers("segment_records");
  const steps = numbers("segment_steps");
  const firstSteps = numbers("first_steps");
  let details: Details | null = null;
  const detailsOf = (): Details => {
    details ??= decodeDetails(values, input);
    return details;
  };
  let offset = 0;
  return {
    records: columns["records"] as number,
    steps: columns["steps"] as number,
    segments: numbers("offsets").map((difference, at) => {
      offset += difference;
      return new StoredSegment(offset, records[at]!, steps[at]!, firstSteps[at]!, at, detailsOf);
    }),
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
  const columns = values.object(input);
  const numbers = (name: string) => columnOf(columns, name) as readonly number[];
  const known = (name: string) => columnOf(columns, name) as readonly (number | null)[];
  const totals = numbers("reward_totals");
  const rewards = known("last_rewards");
  const similarities = known("last_similarities");
  const bests = known("best_similarities");
  const reasons = columnOf(columns, "key_reasons") as readonly string[];
  return {
    checkpoints: numbers("steps_before").map((steps, at) => ({
      steps,
      rewardTotal: totals[at]!,
      lastReward: rewards[at]!,
      lastSimilarity: similarities[at]!,
      bestSimilarity: bests[at]!,
    })),
    keySteps: numbers("key_steps").map((step, at) => ({
      step,
      reasons: reasons[at]!.split(" ") as KeyStepReason[],
    })),
  };
}

function columnOf(columns: PlainObject, name: string): readonly PlainValue[] {
  const value = columns[name];
  if (!Array.isArray(value)) throw contentInvalid(`the index has no '${name}'`);
  return value;
}
