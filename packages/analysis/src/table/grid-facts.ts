import type { CellBuffer, Grid } from "@episcope/records";

/**
 * A number that is the same for equal grids, and different for different ones but by a chance of 2^-53: FNV-1a over shape and
 * cells, four cells at a time, in two lanes. Padding counts as a value of its own; a mask without padding is none.
 */
export function gridHash(grid: Grid): number {
  const { data, mask, shape } = grid;
  const size = shape[0] * shape[1];
  let a = Math.imul(0x811c9dc5 ^ shape[0], 0x01000193);
  let b = Math.imul(0x9747b28c ^ shape[1], 0x85ebca6b);
  const words = new DataView(data.buffer, data.byteOffset, size);
  const isWhole = mask === undefined || !mask.subarray(0, size).includes(0);
  const whole = isWhole ? size & ~3 : 0;
  for (let index = 0; index < whole; index += 4) {
    const word = words.getUint32(index, true);
    a = Math.imul(a ^ word, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b ^ word, 0x85ebca6b);
    b ^= b >>> 13;
  }
  for (let index = whole; index < size; index++) {
    const cell = mask?.[index] === 0 ? 255 : data[index]!;
    a = Math.imul(a ^ cell, 0x01000193);
    a ^= a >>> 15;
    b = Math.imul(b ^ cell, 0x85ebca6b);
    b ^= b >>> 13;
  }
  return (a >>> 0) * 0x200000 + (b >>> 11);
}

/** Bytes of a mask that are not 0; `room` is for a copy of it. */
export function countSet(mask: Uint8Array, room: CellBuffer): number {
  room.load(mask);
  const { words } = room;
  const whole = mask.length >> 2;
  let count = setIn(mask, whole * 4, mask.length);
  for (let word = 0; word < whole; word++) {
    if (words[word] !== 0) count += setIn(mask, word * 4, word * 4 + 4);
  }
  return count;
}

function setIn(mask: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let index = from; index < to; index++) if (mask[index] !== 0) count++;
  return count;
}
