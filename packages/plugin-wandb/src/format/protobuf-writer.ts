const ASCII_LOOP_LIMIT = 40;
/** With it the length of a pair is one byte. */
const SHORT_PAIR = 100;

/**
 * Writes the part of protobuf's wire format that W&B records need: varints, and length-delimited strings and
 * messages. Fields that hold proto3's default (0, false, "") are left out, as every proto3 writer does.
 *
 * One writer is used for many records: `finish` copies the bytes out and starts anew.
 */
export class ProtobufWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(initialSize = 1024) {
    this.#buffer = Buffer.allocUnsafe(initialSize);
  }

  /** An `int64`, `int32`, `uint32`, `uint64` or enum field; `value` is an integer within ±(2^53 - 1). */
  int(field: number, value: number): this {
    if (value === 0) return this;
    this.#varint(field * 8);
    this.#varint(value);
    return this;
  }

  bool(field: number, value: boolean): this {
    return this.int(field, value ? 1 : 0);
  }

  string(field: number, value: string): this {
    if (value === "") return this;
    return this.repeatedString(field, value);
  }

  /** An entry of a repeated string field: written even when it is empty. */
  repeatedString(field: number, value: string): this {
    this.#varint(field * 8 + 2);
    const length = value.length;
    if (length <= ASCII_LOOP_LIMIT && this.#writeAscii(value)) return this;
    const bytes = Buffer.byteLength(value);
    this.#varint(bytes);
    this.#reserve(bytes);
    this.#length += this.#buffer.write(value, this.#length, bytes, "utf8");
    return this;
  }

  /** A nested message, written by `body`; present even when `body` writes nothing. */
  message(field: number, body: (writer: this) => void): this {
    this.#varint(field * 8 + 2);
    this.#reserve(1);
    const start = ++this.#length;
    body(this);
    const bytes = this.#length - start;
    if (bytes < 0x80) {
      this.#buffer[start - 1] = bytes;
      return this;
    }
    // The length needs more than the one byte that was kept free for it: move the body.
    const extra = varintSize(bytes) - 1;
    this.#reserve(extra);
    this.#buffer.copyWithin(start + extra, start, this.#length);
    this.#length = start - 1;
    this.#varint(bytes);
    this.#length += bytes;
    return this;
  }

  /**
   * A nested message of two strings, as most of a log is: what `message` and `string` write, in one go where both are short and
   * ASCII.
   */
  stringPair(field: number, first: readonly [number, string], second: readonly [number, string]): this {
    return this.#writeShortPair(field, first[0], first[1], second[0], second[1])
      ? this
      : this.message(field, (pair) => pair.string(...first).string(...second));
  }

  /** False, and nothing is written, where the pair is none of the simple ones. */
  #writeShortPair(field: number, first: number, key: string, second: number, value: string): boolean {
    const [keyLength, valueLength] = [key.length, value.length];
    if (keyLength === 0 || valueLength === 0 || keyLength + valueLength > SHORT_PAIR) return false;
    // Three tags and lengths, and what a varint keeps free: the buffer must not change below.
    this.#reserve(32 + keyLength + valueLength);
    const buffer = this.#buffer;
    const before = this.#length;
    this.#varint(field * 8 + 2);
    const start = ++this.#length;
    this.#varint(first * 8 + 2);
    let at = this.#length;
    buffer[at++] = keyLength;
    let all = 0;
    for (let index = 0; index < keyLength; index += 1) {
      const code = key.charCodeAt(index);
      all |= code;
      buffer[at++] = code;
    }
    this.#length = at;
    this.#varint(second * 8 + 2);
    at = this.#length;
    buffer[at++] = valueLength;
    for (let index = 0; index < valueLength; index += 1) {
      const code = value.charCodeAt(index);
      all |= code;
      buffer[at++] = code;
    }
    if (all >= 0x80) {
      this.#length = before;
      return false;
    }
    buffer[start - 1] = at - start;
    this.#length = at;
    return true;
  }

  /** The bytes written since the last `finish`, as a copy. */
  finish(): Uint8Array {
    const bytes = Uint8Array.prototype.slice.call(this.#buffer, 0, this.#length);
    this.#length = 0;
    return bytes;
  }

  /** Nearly every key and number is short ASCII; a loop beats the call into Buffer there. */
  #writeAscii(value: string): boolean {
    const length = value.length;
    this.#reserve(length + 1);
    const buffer = this.#buffer;
    const start = this.#length + 1;
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) return false;
      buffer[start + index] = code;
    }
    buffer[start - 1] = length;
    this.#length = start + length;
    return true;
  }

  #varint(value: number): void {
    this.#reserve(10);
    if (value < 0) {
      this.#negativeVarint(value);
      return;
    }
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) + 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  /** Negative integers are ten bytes long: two's complement in 64 bits. */
  #negativeVarint(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 0x80n) {
      this.#buffer[this.#length++] = Number(rest & 0x7fn) + 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#length++] = Number(rest);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}
