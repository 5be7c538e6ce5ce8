import { BODY, HEADER_BYTES, SEGMENT_START } from "../coding/layout.js";
import { findChained, readChained } from "../disk/chained-frames.js";
import type { FileWindow } from "../disk/file-window.js";
import { findFrame, readFrame } from "../disk/frames.js";

export interface JournalFrame {
  /** Offset of the frame in the file. */
  readonly offset: number;
  /** Offset behind it. */
  readonly end: number;
  /** Valid until the next frame is read. */
  readonly body: Uint8Array;
  /** Checksum of the frame before it; null in version 1. */
  readonly chain: number | null;
  /** Bytes before it that are no frame. */
  readonly damagedBytes: number;
  /** Only its own checksum is damaged. */
  readonly checksumDamaged: boolean;
}

/** The frames of a journal in order, of either version, with what is damaged passed over. */
export class JournalFrames {
  readonly #file: FileWindow;
  readonly #isChained: boolean;
  #offset: number = HEADER_BYTES;
  #checksum = 0;

  constructor(file: FileWindow, version: number) {
    this.#file = file;
    this.#isChained = version > 1;
  }

  /** Where the next frame has to begin. */
  get offset(): number {
    return this.#offset;
  }

  /** Checksum of the last frame. */
  get checksum(): number {
    return this.#checksum;
  }

  /** Null where there is none any more below `size`; `offset` stays before the bytes that are none then. */
  next(size: number): JournalFrame | null {
    if (this.#offset >= size) return null;
    return this.#isChained ? this.#nextChained(size) : this.#nextPlain(size);
  }

  #nextPlain(size: number): JournalFrame | null {
    const from = this.#offset;
    const frame = readFrame(this.#file, from) ?? findFrame(this.#file, from + 1, size);
    if (frame === null) return null;
    this.#offset = frame.end;
    return { ...frame, chain: null, damagedBytes: frame.offset - from, checksumDamaged: false };
  }

  #nextChained(size: number): JournalFrame | null {
    const from = this.#offset;
    const chain = this.#checksum;
    const whole = readChained(this.#file, from, chain);
    const found = whole === null ? findChained(this.#file, from, size, chain, isJournalType) : null;
    const frame = whole ?? found?.damagedIsWhole ?? found?.frame ?? null;
    if (frame === null) return null;
    this.#offset = frame.end;
    this.#checksum = frame.checksum;
    const { offset, end, body } = frame;
    const checksumDamaged = whole === null && frame === found?.damagedIsWhole;
    return { offset, end, body, chain, damagedBytes: offset - from, checksumDamaged };
  }
}

function isJournalType(type: number): boolean {
  const record = type & ~SEGMENT_START;
  return (
    (record >= BODY.runStart && record <= BODY.runEnd) || (type >= BODY.block && type <= BODY.indexDetails)
  );
}
