/** Reflected polynomial of CRC-32C (Castagnoli); Node has only the other one. */
const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});
const LENGTH_SIZE = 8;
const CHECKSUM_SIZE = 4;

/** TensorFlow's framing: length (u64), its checksum, the bytes, their checksum; little-endian. */
export function frameRecord(bytes: Uint8Array): Uint8Array {
  const out = Buffer.alloc(LENGTH_SIZE + CHECKSUM_SIZE + bytes.length + CHECKSUM_SIZE);
  out.writeBigUInt64LE(BigInt(bytes.length));
  out.writeUInt32LE(maskedChecksum(out.subarray(0, LENGTH_SIZE)), LENGTH_SIZE);
  out.set(bytes, LENGTH_SIZE + CHECKSUM_SIZE);
  out.writeUInt32LE(maskedChecksum(bytes), LENGTH_SIZE + CHECKSUM_SIZE + bytes.length);
  return out;
}

/** CRC-32C, rotated and shifted so that a checksum of checksums does not lie. */
function maskedChecksum(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let index = 0; index < bytes.length; index += 1) {
    crc = TABLE[(crc ^ bytes[index]!) & 0xff]! ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
