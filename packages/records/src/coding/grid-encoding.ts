import type { CellBuffer, CellChanges } from "../record/cell-buffer.js";
import { bytesEqual, type Grid, MAX_VALUE } from "../record/grid.js";
import type { ByteReader } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import { contentInvalid, valueUnsupported } from "./errors.js";
import { GRID, GRID_MASK, MASK, MAX_GRID_CELLS } from "./layout.js";

const NO_WORDS = new Uint32Array(0);

/**
 * Writes a grid as its difference to `reference`, or whole where that is shorter or there is none. `cells`, where given,
 * holds copies of the cells of both.
 */
export function writeGrid(
  out: ByteWriter,
  grid: Grid,
  reference: Grid | null,
  cells: CellChanges | null = null,
): void {
  const [rows, columns] = grid.shape;
  if (grid.data.length > MAX_GRID_CELLS) {
    throw valueUnsupported(`a grid has ${grid.data.length} cells, the limit is ${MAX_GRID_CELLS}`);
  }
  const sameShape =
    reference !== null &&
    reference.shape[0] === rows &&
    reference.shape[1] === columns &&
    reference.data.length === grid.data.length;
  const padding =
    grid.mask === undefined
      ? GRID_MASK.none
      : sameShape && bytesEqual(grid.mask, reference.mask)
        ? GRID_MASK.same
        : GRID_MASK.follows;
  const lead = out.length;
  out.u8(0);
  let form: number;
  if (sameShape) form = writeRuns(out, grid.data, reference.data, cells);
  else {
    out.varint(rows);
    out.varint(columns);
    form = GRID.shape | writeCells(out, grid.data);
  }
  if (padding === GRID_MASK.follows) writeMask(out, grid.mask!, grid.data.length);
  out.bytes[lead] = form | (padding << GRID.maskShift);
}

/** Reads a grid into arrays of its own. */
export function readGrid(input: ByteReader, reference: Grid | null): Grid {
  const lead = input.u8();
  const form = lead & GRID.formMask;
  const hasShape = (lead & GRID.shape) !== 0;
  if (!hasShape && reference === null) throw contentInvalid("a grid refers to one that is not there");
  const shape: [number, number] = hasShape
    ? [input.varint(), input.varint()]
    : [reference!.shape[0], reference!.shape[1]];
  const size = shape[0] * shape[1];
  if (size > MAX_GRID_CELLS) throw contentInvalid(`a grid has ${size} cells`);
  const data = readCells(input, form, size, hasShape ? null : reference);
  const padding = lead >> GRID.maskShift;
  if (padding === GRID_MASK.none) return { shape, data };
  const mask = padding === GRID_MASK.same ? reference?.mask?.slice() : readMask(input, size);
  if (mask === undefined) throw contentInvalid("a grid refers to padding that is not there");
  return { shape, data, mask };
}

/** Each run: varint of (cells since the last run + 1), varint of ((length - 1) * 16 + value); 0 ends the runs. */
function writeRuns(
  out: ByteWriter,
  cells: Uint8Array,
  base: Uint8Array,
  changes: CellChanges | null,
): number {
  const start = out.length;
  const size = cells.length;
  const wholeWords = changes === null ? 0 : size & ~3;
  const cellWords = changes?.after.words ?? NO_WORDS;
  const baseWords = changes?.before.words ?? NO_WORDS;
  const limit = start + (size >> 1);
  let last = 0;
  let index = 0;
  while (index < size) {
    if (index < wholeWords && (index & 3) === 0) {
      while (index < wholeWords && cellWords[index >> 2] === baseWords[index >> 2]) index += 4;
      if (index >= size) break;
    }
    const value = cells[index]!;
    if (value === base[index]) {
      index++;
      continue;
    }
    if (value > MAX_VALUE || out.length > limit) {
      out.length = start;
      return writeCells(out, cells);
    }
    const first = index;
    do index++;
    while (index < size && cells[index] === value && base[index] !== value);
    out.varint(first - last + 1);
    out.varint(((index - first - 1) << 4) | value);
    last = index;
  }
  if (out.length === start) return GRID.same;
  out.u8(0);
  return GRID.runs;
}

function writeCells(out: ByteWriter, cells: Uint8Array): number {
  if (cells.some((cell) => cell > MAX_VALUE)) {
    out.raw(cells);
    return GRID.raw;
  }
  out.reserve((cells.length + 1) >> 1);
  for (let index = 0; index < cells.length; index += 2) {
    out.u8((cells[index]! << 4) | (cells[index + 1] ?? 0));
  }
  return GRID.packed;
}

/** As `readGrid`, but changes the reference itself where it can: for grids on the way to the one that is wanted. */
export function advanceGrid(input: ByteReader, reference: Grid | null): Grid {
  const lead = input.bytes[input.offset]!;
  const form = lead & GRID.formMask;
  if (reference === null || (lead & GRID.shape) !== 0 || lead >> GRID.maskShift === GRID_MASK.follows) {
    return readGrid(input, reference);
  }
  const keepsPadding = lead >> GRID.maskShift === GRID_MASK.same;
  if (keepsPadding !== (reference.mask !== undefined)) return readGrid(input, reference);
  if (form !== GRID.same && form !== GRID.runs) return readGrid(input, reference);
  input.u8();
  if (form === GRID.runs) applyRuns(input, reference.data);
  return reference;
}

function readCells(input: ByteReader, form: number, size: number, reference: Grid | null): Uint8Array {
  if (form === GRID.raw) return input.raw(size).slice();
  if (form === GRID.packed) {
    const packed = input.raw((size + 1) >> 1);
    const data = new Uint8Array(size);
    for (let index = 0; index < size; index++) {
      data[index] = index & 1 ? packed[index >> 1]! & 15 : packed[index >> 1]! >> 4;
    }
    return data;
  }
  if (reference === null) throw contentInvalid("a grid refers to one that is not there");
  const data = reference.data.slice();
  if (form === GRID.same) return data;
  if (form !== GRID.runs) throw contentInvalid(`there is no form ${form} of a grid`);
  applyRuns(input, data);
  return data;
}

function applyRuns(input: ByteReader, data: Uint8Array): void {
  let index = 0;
  for (let gap = input.varint(); gap > 0; gap = input.varint()) {
    const run = input.varint();
    index += gap - 1;
    const end = index + Math.floor(run / 16) + 1;
    if (end > data.length) throw contentInvalid("a run leaves its grid");
    if (run < 16) data[index] = run;
    else data.fill(run % 16, index, end);
    index = end;
  }
}

/**
 * Writes a mask over `size` cells. `changes`, where given, are the grids around a step: a selection of exactly the
 * cells that changed takes one byte. `cells` holds copies of theirs, and `copy` one of the mask, where there are such.
 */
export function writeMask(
  out: ByteWriter,
  mask: Uint8Array,
  size: number,
  changes?: { readonly before: Grid; readonly after: Grid },
  cells: CellChanges | null = null,
  copy: CellBuffer | null = null,
): void {
  if (changes !== undefined && selectsChanges(mask, changes.before, changes.after, cells, copy)) {
    out.u8(MASK.changes);
    return;
  }
  const start = out.length;
  if (mask.length !== size || !writeMaskRuns(out, mask, copy)) {
    out.length = start;
    out.u8(MASK.raw);
    out.varint(mask.length);
    out.raw(mask);
  } else if (out.length - start > 2 + (size >> 3)) {
    out.length = start;
    writeBits(out, mask);
  }
}

/** Each run of ones: varint of (cells since the last run + 1), varint of the length; 0 ends the runs. */
function writeMaskRuns(out: ByteWriter, mask: Uint8Array, copy: CellBuffer | null): boolean {
  out.u8(MASK.runs);
  const size = mask.length;
  const wholeWords = copy === null ? 0 : size & ~3;
  const words = copy?.words ?? NO_WORDS;
  let last = 0;
  let index = 0;
  while (index < size) {
    if (index < wholeWords && (index & 3) === 0) {
      while (index < wholeWords && words[index >> 2] === 0) index += 4;
      if (index >= size) break;
    }
    const value = mask[index]!;
    if (value === 0) {
      index++;
      continue;
    }
    if (value !== 1) return false;
    const first = index;
    do index++;
    while (index < size && mask[index] === 1);
    out.varint(first - last + 1);
    out.varint(index - first);
    last = index;
  }
  out.u8(0);
  return true;
}

function writeBits(out: ByteWriter, mask: Uint8Array): void {
  out.u8(MASK.bits);
  for (let index = 0; index < mask.length; index += 8) {
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) byte |= (mask[index + bit] ?? 0) << bit;
    out.u8(byte);
  }
}

export function readMask(
  input: ByteReader,
  size: number,
  changes?: { readonly before: Grid; readonly after: Grid },
): Uint8Array {
  const form = input.u8();
  if (form === MASK.raw) return input.raw(input.count()).slice();
  const mask = new Uint8Array(size);
  if (form === MASK.runs) {
    let index = 0;
    for (let gap = input.varint(); gap > 0; gap = input.varint()) {
      index += gap - 1;
      const end = index + input.varint();
      if (end > size) throw contentInvalid("a run leaves its mask");
      mask.fill(1, index, end);
      index = end;
    }
  } else if (form === MASK.bits) {
    const bits = input.raw((size + 7) >> 3);
    for (let index = 0; index < size; index++) mask[index] = (bits[index >> 3]! >> (index & 7)) & 1;
  } else if (form === MASK.changes && changes !== undefined) {
    markChanges(mask, changes.before.data, changes.after.data);
  } else throw contentInvalid(`there is no form ${form} of a mask`);
  return mask;
}

/** Sets the cells that differ. Most are alike: they are passed four at a time. */
function markChanges(mask: Uint8Array, before: Uint8Array, after: Uint8Array): void {
  const shared = Math.min(mask.length, before.length, after.length);
  const wordsBefore = new DataView(before.buffer, before.byteOffset, shared);
  const wordsAfter = new DataView(after.buffer, after.byteOffset, shared);
  let index = 0;
  while (index < mask.length) {
    if (index + 4 <= shared && wordsBefore.getUint32(index) === wordsAfter.getUint32(index)) {
      index += 4;
      continue;
    }
    if (before[index] !== after[index]) mask[index] = 1;
    index++;
  }
}

export function skipMask(input: ByteReader, size: number): void {
  const form = input.u8();
  if (form === MASK.raw) input.skip(input.varint());
  else if (form === MASK.bits) input.skip((size + 7) >> 3);
  else if (form === MASK.runs) while (input.varint() > 0) input.varint();
  else if (form !== MASK.changes) throw contentInvalid(`there is no form ${form} of a mask`);
}

function selectsChanges(
  mask: Uint8Array,
  before: Grid,
  after: Grid,
  cells: CellChanges | null,
  copy: CellBuffer | null,
): boolean {
  const size = mask.length;
  if (before.data.length !== size || after.data.length !== size) return false;
  const wholeWords = cells === null || copy === null ? 0 : size & ~3;
  const words = copy?.words ?? NO_WORDS;
  const beforeWords = cells?.before.words ?? NO_WORDS;
  const afterWords = cells?.after.words ?? NO_WORDS;
  let index = 0;
  while (index < size) {
    if (index < wholeWords && (index & 3) === 0) {
      const word = index >> 2;
      if (beforeWords[word] === afterWords[word]) {
        if (words[word] !== 0) return false;
        index += 4;
        continue;
      }
    }
    if (mask[index] !== (before.data[index] === after.data[index] ? 0 : 1)) return false;
    index++;
  }
  return true;
}
