import { crc32 } from "../coding/checksum.js";
import { FRAME_HEAD_BYTES, MAX_FRAME_BYTES } from "../coding/layout.js";
import type { FileWindow } from "./file-window.js";
import { SearchBudget } from "./search-budget.js";

/**
 * Frames of files of version 2: the checksum of each goes on from the checksum of the one before, so that a frame that was
 * taken out, doubled or moved is noticed as one that was changed.
 */
export interface ChainedFrame {
  /** Offset of the frame in the file. */
  readonly offset: number;
  /** Offset behind it. */
  readonly end: number;
  /** Valid until the next frame is read. */
  readonly body: Uint8Array;
  /** What the next frame's checksum goes on from. */
  readonly checksum: number;
}

/** Of frames from this size on it is looked whether the file is so long. */
const LARGE_BYTES = 64 * 1024;

export interface FoundFrame {
  readonly frame: ChainedFrame;
  /** The frame with the damage is whole but for its own checksum. */
  readonly damagedIsWhole: ChainedFrame | null;
}

/** The checksum of a frame whose length and body stand at `start`. */
export function chainedChecksum(bytes: Uint8Array, start: number, end: number, before: number): number {
  return crc32(bytes, start + FRAME_HEAD_BYTES, end, crc32(bytes, start, start + 4, before));
}

/** A frame behind the one with the checksum `before`; null where there is none that is whole. */
export function readChained(file: FileWindow, offset: number, before: number): ChainedFrame | null {
  const frame = readUnchecked(file, offset);
  return frame !== null && frame.computed(before) === frame.checksum ? frame : null;
}

/**
 * The next frame that is known to be whole, where there is none at `offset`. A frame is known by the one before it: by the
 * checksum of the damaged one, by what this should be, or by that of a frame that itself is not known, which is lost then.
 */
export function findChained(
  file: FileWindow,
  offset: number,
  size: number,
  before: number,
  isType: (type: number) => boolean,
): FoundFrame | null {
  const damaged = readUnchecked(file, offset);
  if (damaged !== null) {
    const whole = { ...damaged, checksum: damaged.computed(before), body: damaged.body.slice() };
    const next = readChained(file, whole.end, whole.checksum);
    if (next !== null) return { frame: next, damagedIsWhole: whole };
  }
  const stored = offset + FRAME_HEAD_BYTES <= size ? u32(file.read(offset + 4, 4), 0) : 0;
  const budget = new SearchBudget();
  for (let at = offset; at + FRAME_HEAD_BYTES < size; at++) {
    budget.pass();
    const head = file.read(at, FRAME_HEAD_BYTES + 1);
    if (head.length <= FRAME_HEAD_BYTES || !isType(head[FRAME_HEAD_BYTES]!)) continue;
    const length = u32(head, 0);
    if (length === 0 || length > MAX_FRAME_BYTES || at + FRAME_HEAD_BYTES + length > size) continue;
    if (!budget.take(length)) continue;
    const checksum = u32(head, 4);
    if (at > offset) {
      const frame = readChained(file, at, stored);
      if (frame !== null) return { frame, damagedIsWhole: null };
    }
    const behind = at + FRAME_HEAD_BYTES + length;
    const following = file.read(behind, 4);
    if (following.length < 4 || !budget.take(Math.min(u32(following, 0), MAX_FRAME_BYTES))) continue;
    const next = readChained(file, behind, checksum);
    if (next !== null) return { frame: next, damagedIsWhole: null };
  }
  return null;
}

/** Puts a body behind its length and checksum. */
export function encodeChained(body: Uint8Array, before: number): Uint8Array {
  const frame = new Uint8Array(FRAME_HEAD_BYTES + body.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, body.length, true);
  frame.set(body, FRAME_HEAD_BYTES);
  view.setUint32(4, chainedChecksum(frame, 0, frame.length, before), true);
  return frame;
}

/** The checksum of a frame of `encodeChained`. */
export function checksumOf(frame: Uint8Array): number {
  return u32(frame, 4);
}

class UncheckedFrame implements ChainedFrame {
  readonly offset: number;
  readonly end: number;
  readonly body: Uint8Array;
  readonly checksum: number;
  readonly #bytes: Uint8Array;

  constructor(offset: number, bytes: Uint8Array) {
    this.offset = offset;
    this.end = offset + bytes.length;
    this.body = bytes.subarray(FRAME_HEAD_BYTES);
    this.checksum = u32(bytes, 4);
    this.#bytes = bytes;
  }

  computed(before: number): number {
    return chainedChecksum(this.#bytes, 0, this.#bytes.length, before);
  }
}

function readUnchecked(file: FileWindow, offset: number): UncheckedFrame | null {
  const head = file.read(offset, FRAME_HEAD_BYTES);
  if (head.length < FRAME_HEAD_BYTES) return null;
  const length = u32(head, 0);
  if (length === 0 || length > MAX_FRAME_BYTES) return null;
  // No room is made for what a damaged length says.
  if (length > LARGE_BYTES && offset + FRAME_HEAD_BYTES + length > file.size) return null;
  const bytes = file.read(offset, FRAME_HEAD_BYTES + length);
  return bytes.length < FRAME_HEAD_BYTES + length ? null : new UncheckedFrame(offset, bytes);
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
