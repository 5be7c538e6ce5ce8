import { crc32 } from "../coding/checksum.js";
import { BODY, FRAME_HEAD_BYTES, MAX_FRAME_BYTES, SEGMENT_START } from "../coding/layout.js";
import type { FileWindow } from "./file-window.js";
import { SearchBudget } from "./search-budget.js";

export interface Frame {
  /** Offset of the frame in the file. */
  readonly offset: number;
  /** Offset behind it. */
  readonly end: number;
  /** Valid until the next frame is read. */
  readonly body: Uint8Array;
}

/** The frame at `offset`, or null where there is none that is whole and has the right checksum. */
export function readFrame(file: FileWindow, offset: number): Frame | null {
  const head = file.read(offset, FRAME_HEAD_BYTES);
  if (head.length < FRAME_HEAD_BYTES) return null;
  const length = u32(head, 0);
  if (length === 0 || length > MAX_FRAME_BYTES) return null;
  const bytes = file.read(offset, FRAME_HEAD_BYTES + length);
  if (bytes.length < FRAME_HEAD_BYTES + length || !isFrame(bytes)) return null;
  return {
    offset,
    end: offset + bytes.length,
    body: bytes.subarray(FRAME_HEAD_BYTES),
  };
}

/** The first frame at or behind `offset`: looks at every byte, after damage. Null where there is none to the end. */
export function findFrame(file: FileWindow, offset: number, size: number): Frame | null {
  const budget = new SearchBudget();
  for (let at = offset; at + FRAME_HEAD_BYTES < size; at++) {
    budget.pass();
    const head = file.read(at, FRAME_HEAD_BYTES + 1);
    if (head.length <= FRAME_HEAD_BYTES || !isFrameType(head[FRAME_HEAD_BYTES]!)) continue;
    const length = u32(head, 0);
    if (length === 0 || length > MAX_FRAME_BYTES || at + FRAME_HEAD_BYTES + length > size) continue;
    if (!budget.take(length)) continue;
    const frame = readFrame(file, at);
    if (frame !== null) return frame;
  }
  return null;
}

/** Puts a body behind its length and checksum. */
export function encodeFrame(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(FRAME_HEAD_BYTES + body.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, body.length, true);
  frame.set(body, FRAME_HEAD_BYTES);
  view.setUint32(4, crc32(body, 0, body.length, crc32(frame, 0, 4)), true);
  return frame;
}

function isFrame(bytes: Uint8Array): boolean {
  const sum = crc32(bytes, FRAME_HEAD_BYTES, bytes.length, crc32(bytes, 0, 4));
  return isFrameType(bytes[FRAME_HEAD_BYTES]!) && sum === u32(bytes, 4);
}

function isFrameType(type: number): boolean {
  const record = type & ~SEGMENT_START;
  return (
    (record >= BODY.runStart && record <= BODY.runEnd) || (type >= BODY.block && type <= BODY.indexDetails)
  );
}

function u32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
