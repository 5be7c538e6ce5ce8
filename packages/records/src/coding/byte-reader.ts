import { contentInvalid } from "./errors.js";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads what `ByteWriter` writes; throws JOURNAL_CONTENT_INVALID instead of reading past the end. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  offset: number;
  /** Where reading has to stop; a reader over many records is told the end of each. */
  end: number;

  constructor(bytes: Uint8Array, offset = 0, end: number = bytes.length) {
    // A Buffer's `slice` shares memory where an array's copies.
    this.bytes = Buffer.isBuffer(bytes)
      ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
      : bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.offset = offset;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  u8(): number {
    if (this.offset >= this.end) throw contentInvalid("it ends too early");
    return this.bytes[this.offset++]!;
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  f32(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  varint(): number {
    let byte = this.u8();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 128;
    do {
      byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 128;
    } while (byte >= 0x80 && scale < 2 ** 56);
    if (byte >= 0x80 || value > Number.MAX_SAFE_INTEGER) throw contentInvalid("a number is too large");
    return value;
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A count of things that take at least one byte each, which bounds what a caller allocates. */
  count(bytesEach = 1): number {
    const count = this.varint();
    if (count * bytesEach > this.remaining) throw contentInvalid("a list is longer than its record");
    return count;
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** A view; copy what is kept. */
  raw(count: number): Uint8Array {
    const start = this.#take(count);
    return this.bytes.subarray(start, start + count);
  }

  text(): string {
    const length = this.count();
    const start = this.#take(length);
    if (length < 32) {
      let text = "";
      for (let index = start; index < start + length; index++) {
        const code = this.bytes[index]!;
        if (code > 0x7f) return this.#decode(start, length);
        text += String.fromCharCode(code);
      }
      return text;
    }
    return this.#decode(start, length);
  }

  #decode(start: number, length: number): string {
    try {
      return decoder.decode(this.bytes.subarray(start, start + length));
    } catch (cause) {
      throw contentInvalid("a text is no UTF-8", cause);
    }
  }

  #take(count: number): number {
    const start = this.offset;
    if (count > this.end - start) throw contentInvalid("it ends too early");
    this.offset = start + count;
    return start;
  }
}
