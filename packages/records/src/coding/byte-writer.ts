import { valueUnsupported } from "./errors.js";

const encoder = new TextEncoder();

/** Appends to a buffer that grows; `length` can be set back to undo. */
export class ByteWriter {
  bytes: Uint8Array;
  length = 0;
  #view: DataView;

  constructor(capacity = 4096) {
    this.bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.#view = new DataView(larger.buffer);
  }

  u8(value: number): void {
    if (this.length === this.bytes.length) this.reserve(1);
    this.bytes[this.length++] = value;
  }

  u32(value: number): void {
    this.reserve(4);
    this.#view.setUint32(this.length, value, true);
    this.length += 4;
  }

  u48(value: number): void {
    this.reserve(6);
    this.#view.setUint32(this.length, value, true);
    this.#view.setUint16(this.length + 4, Math.floor(value / 2 ** 32), true);
    this.length += 6;
  }

  setU32(offset: number, value: number): void {
    this.#view.setUint32(offset, value, true);
  }

  f32(value: number): void {
    this.reserve(4);
    this.#view.setFloat32(this.length, value, true);
    this.length += 4;
  }

  f64(value: number): void {
    this.reserve(8);
    this.#view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** An integer from 0 below 2^53, seven bits a byte, the lowest first. */
  varint(value: number): void {
    if (value < 0x80) {
      this.u8(value);
      return;
    }
    this.reserve(8);
    let rest = value;
    while (rest > 0x7fffffff) {
      this.bytes[this.length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  /** An integer of either sign below 2^52 in size: 0, -1, 1, -2, … as 0, 1, 2, 3, … */
  zigzag(value: number): void {
    if (!(Math.abs(value) < 2 ** 52)) throw valueUnsupported(`${value} is no integer below 2^52`);
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  raw(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** UTF-8 behind its length in bytes. */
  text(text: string): void {
    const units = text.length;
    if (units < 32) {
      this.reserve(units + 1);
      let index = 0;
      for (; index < units; index++) {
        const code = text.charCodeAt(index);
        if (code > 0x7f) break;
        this.bytes[this.length + 1 + index] = code;
      }
      if (index === units) {
        this.bytes[this.length] = units;
        this.length += units + 1;
        return;
      }
    }
    const bytes = encoder.encode(text);
    this.varint(bytes.length);
    this.raw(bytes);
  }

  /** A view of what was written; valid until the next write. */
  written(from = 0): Uint8Array {
    return this.bytes.subarray(from, this.length);
  }
}
