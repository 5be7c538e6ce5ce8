import { crc32 as nativeCrc32 } from "node:zlib";

/** Below this many bytes the call into native code costs more than the sum itself. */
const NATIVE_FROM_BYTES = 96;

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as in zlib, gzip and PNG, of `bytes[start..end)`; `sum` goes on from bytes before. */
export function crc32(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  if (end - start >= NATIVE_FROM_BYTES) return nativeCrc32(bytes.subarray(start, end), sum);
  let value = ~sum;
  for (let index = start; index < end; index++) value = TABLE[(value ^ bytes[index]!) & 255]! ^ (value >>> 8);
  return ~value >>> 0;
}
