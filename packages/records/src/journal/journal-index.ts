import type { EpisodeTotals, StepRecord, StreamRecord } from "../record/record.js";
import { KeyStepDetector } from "../view/key-steps.js";
import { EpisodeProgress, type ProgressCheckpoint } from "../view/progress.js";
import type { KeyStepReason } from "../view/view.js";

/** A stretch of records that can be read without those before it. */
export interface SegmentEntry {
  /** Offset of its first frame. */
  readonly offset: number;
  /** Number of its first step; without steps, one more than the last step before it. */
  readonly firstStep: number;
  /** Records of any type. */
  readonly records: number;
  /** The episode's totals before its first step. */
  readonly checkpoint: ProgressCheckpoint;
  /** Checksum of the frame before it, which its own goes on from; in files of version 1 null. */
  readonly chain: number | null;
}

/** The segments of a file in order. Looking for one makes no other. */
export interface SegmentList {
  readonly length: number;
  offset(at: number): number;
  firstStep(at: number): number;
  /** Throws JOURNAL_CONTENT_INVALID where the file's index has no such segment. */
  at(at: number): SegmentEntry;
}

export interface KeyStepEntry {
  readonly step: number;
  readonly reasons: readonly KeyStepReason[];
}

/** What a reader knows without reading every record. A hint: it can be made again from the records. */
export interface JournalIndex {
  readonly records: number;
  readonly steps: number;
  readonly segments: SegmentList;
  /** Key steps with the reasons of the step's view, in order. */
  readonly keySteps: readonly KeyStepEntry[];
  /** Positions in the run of the first and the last record; null in files of version 1 and without records. */
  readonly positions: { readonly first: number; readonly last: number } | null;
}

export const NO_PROGRESS: ProgressCheckpoint = {
  steps: 0,
  rewardTotal: 0,
  lastReward: null,
  lastSimilarity: null,
  bestSimilarity: null,
};

/** Makes the index from the records in order; a glance of them is enough. */
export class JournalIndexBuilder {
  readonly #segments: SegmentEntry[] = [];
  readonly #keySteps: KeyStepEntry[] = [];
  #progress: EpisodeProgress | null = null;
  #detector: KeyStepDetector | null = null;
  #records = 0;
  #steps = 0;
  #lastStep = -1;
  #current: { -readonly [Key in keyof SegmentEntry]: SegmentEntry[Key] } | null = null;
  #currentHasSteps = false;
  #positions: { first: number; last: number } | null = null;

  /** Of the episode so far; undefined without its start. */
  get totals(): EpisodeTotals | undefined {
    return this.#progress?.totals;
  }

  /** Of version 2: the place of the record that is added next. */
  at(position: number): void {
    if (this.#positions === null) this.#positions = { first: position, last: position };
    else this.#positions.last = position;
  }

  startSegment(offset: number, chain: number | null = null): void {
    const checkpoint = this.#progress?.checkpoint ?? NO_PROGRESS;
    this.#current = { offset, firstStep: this.#lastStep + 1, records: 0, checkpoint, chain };
    this.#currentHasSteps = false;
    this.#segments.push(this.#current);
  }

  /** `key`, where it is given, says why a step is a key step; else that is worked out. */
  add(record: StreamRecord, key?: readonly KeyStepReason[]): void {
    const segment = this.#current;
    this.#records += 1;
    if (segment !== null) segment.records += 1;
    if (record.type === "episode-start") {
      this.#progress = new EpisodeProgress(record, 1);
      this.#detector = new KeyStepDetector(this.#progress.initialSimilarity);
      if (segment !== null && !this.#currentHasSteps) segment.checkpoint = this.#progress.checkpoint;
    } else if (record.type === "step") {
      this.#steps += 1;
      this.#lastStep = record.step;
      if (segment !== null && !this.#currentHasSteps) segment.firstStep = record.step;
      this.#currentHasSteps = true;
      const reasons = this.#reasons(record, key);
      if (reasons.length > 0) this.#keySteps.push({ step: record.step, reasons });
    }
  }

  build(): JournalIndex {
    const segments = this.#segments;
    return {
      records: this.#records,
      steps: this.#steps,
      segments: {
        length: segments.length,
        offset: (at) => segments[at]!.offset,
        firstStep: (at) => segments[at]!.firstStep,
        at: (at) => segments[at]!,
      },
      keySteps: this.#keySteps,
      positions: this.#positions,
    };
  }

  #reasons(record: StepRecord, key?: readonly KeyStepReason[]): readonly KeyStepReason[] {
    if (this.#progress === null || this.#detector === null) return key ?? [];
    const { selection, ...action } = record.action;
    // Selections make no key steps, and one that does not fit its grid (`verify` tells it) is no matter of the index.
    const plain = selection === undefined ? record : { ...record, action };
    const view = this.#progress.step(plain, undefined, false);
    return key ?? this.#detector.reasons(view);
  }
}
