/** One field of a protobuf message, as it stands on the wire. */
export interface ProtobufField {
  readonly field: number;
  /** A varint as an unsigned number (exact up to 2^53), or the bytes of a string or a message. */
  readonly value: number | Uint8Array;
}

/**
 * The fields of a message in the order of the bytes; empty where the bytes are no whole message. Fixed-width
 * fields, which W&B records do not use, are skipped.
 */
export function readFields(bytes: Uint8Array): ProtobufField[] {
  const fields: ProtobufField[] = [];
  let position = 0;
  while (position < bytes.length) {
    const tag = readVarint(bytes, position);
    if (tag === undefined) return [];
    position = tag.end;
    const field = Math.floor(tag.value / 8);
    const wireType = tag.value % 8;
    if (wireType === 0 || wireType === 2) {
      const number = readVarint(bytes, position);
      if (number === undefined) return [];
      position = number.end;
      if (wireType === 0) {
        fields.push({ field, value: number.value });
        continue;
      }
      if (position + number.value > bytes.length) return [];
      fields.push({ field, value: bytes.subarray(position, position + number.value) });
      position += number.value;
    } else if (wireType === 1 || wireType === 5) {
      position += wireType === 1 ? 8 : 4;
      if (position > bytes.length) return [];
    } else {
      return [];
    }
  }
  return fields;
}

function readVarint(bytes: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0;
  let scale = 1;
  for (let index = start; index < bytes.length && index < start + 10; index += 1) {
    const byte = bytes[index]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, end: index + 1 };
    scale *= 0x80;
  }
  return undefined;
}
