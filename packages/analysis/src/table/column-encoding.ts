import { deflateSync, inflateSync } from "node:zlib";
import type { StepColumn, StepTable } from "./step-table.js";

type AnyColumn = StepTable[StepColumn];

/** Distinct numbers up to which a column of floats is written as a list of them and a code (u16) per step. */
const MOST_DISTINCT = 65_536;
const LEVEL = 3;

/** How a column's bytes are to be read; `bytes` is its size in the file. */
export interface EncodedColumn {
  readonly name: StepColumn;
  readonly form: "plain" | "delta" | "codes";
  readonly bytes: number;
}

/**
 * A column as compressed bytes. Step numbers and states are differences; floats with few distinct values are codes into a list;
 * everything else has its bytes in planes, the first byte of each number first, which compresses better.
 */
export function encodeColumn(column: AnyColumn): { form: EncodedColumn["form"]; data: Uint8Array } {
  if (column instanceof Uint32Array) return { form: "delta", data: deflated(planes(deltas(column))) };
  if (column instanceof Float64Array) {
    const codes = codesOf(column);
    const plain = deflated(planes(column));
    const coded = codes === null ? plain : deflated(codes);
    return coded.length < plain.length ? { form: "codes", data: coded } : { form: "plain", data: plain };
  }
  return { form: "plain", data: deflated(planes(column)) };
}

/** Reads back what `encodeColumn` made; throws where the bytes are damaged (zlib's checksum). */
export function decodeColumn<Column extends AnyColumn>(
  form: EncodedColumn["form"],
  data: Uint8Array,
  empty: Column,
): Column {
  const bytes = new Uint8Array(inflateSync(data));
  if (form === "codes") return fromCodes(bytes, empty);
  if (bytes.length !== empty.byteLength) throw new Error("the column has another length");
  fromPlanes(bytes, empty);
  if (form === "delta") for (let at = 1; at < empty.length; at++) empty[at] = empty[at]! + empty[at - 1]!;
  return empty;
}

function deflated(bytes: Uint8Array): Uint8Array {
  return deflateSync(bytes, { level: LEVEL });
}

function deltas(column: Uint32Array): Uint32Array {
  const result = new Uint32Array(column.length);
  for (let at = 0; at < column.length; at++) result[at] = column[at]! - (at === 0 ? 0 : column[at - 1]!);
  return result;
}

function planes(column: AnyColumn): Uint8Array {
  const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
  const width = column.BYTES_PER_ELEMENT;
  if (width === 1) return bytes;
  const result = new Uint8Array(bytes.length);
  const rows = column.length;
  for (let plane = 0; plane < width; plane++) {
    for (let row = 0; row < rows; row++) result[plane * rows + row] = bytes[row * width + plane]!;
  }
  return result;
}

function fromPlanes(bytes: Uint8Array, column: AnyColumn): void {
  const target = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
  const width = column.BYTES_PER_ELEMENT;
  const rows = column.length;
  for (let plane = 0; plane < width; plane++) {
    for (let row = 0; row < rows; row++) target[row * width + plane] = bytes[plane * rows + row]!;
  }
}

/** The number of distinct values (u32), the values (f64), a code per row (u16, in planes); null where there are too many. */
function codesOf(column: Float64Array): Uint8Array | null {
  // By bits, for NaN and -0.
  const bits = new BigUint64Array(column.buffer, column.byteOffset, column.length);
  const codes = new Map<bigint, number>();
  const rows = new Uint16Array(column.length);
  let lastBits = -1n;
  let lastCode = 0;
  for (let row = 0; row < bits.length; row++) {
    const value = bits[row]!;
    if (value !== lastBits) {
      let code = codes.get(value);
      if (code === undefined) {
        code = codes.size;
        if (code === MOST_DISTINCT) return null;
        codes.set(value, code);
      }
      lastBits = value;
      lastCode = code;
    }
    rows[row] = lastCode;
  }
  const result = new Uint8Array(4 + 8 * codes.size + rows.byteLength);
  const view = new DataView(result.buffer);
  view.setUint32(0, codes.size, true);
  let at = 4;
  for (const value of codes.keys()) {
    view.setBigUint64(at, value, true);
    at += 8;
  }
  result.set(planes(rows), at);
  return result;
}

function fromCodes<Column extends AnyColumn>(bytes: Uint8Array, column: Column): Column {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const distinct = view.getUint32(0, true);
  const start = 4 + 8 * distinct;
  const rows = column.length;
  if (bytes.length !== start + 2 * rows) throw new Error("the column has another length");
  const values = Float64Array.from({ length: distinct }, (_, code) => view.getFloat64(4 + 8 * code, true));
  const high = start + rows;
  for (let row = 0; row < rows; row++) column[row] = values[bytes[start + row]! | (bytes[high + row]! << 8)]!;
  return column;
}
