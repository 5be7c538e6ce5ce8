import { DTYPE, NDARRAY, OP, PROTOCOL } from "./opcodes.js";
import { Float, GridArray, type PickleValue } from "./pickle-value.js";

const FIRST_BYTES = 64 * 1024;

/** Writes a pickle piece by piece; nothing is remembered, so pieces can be handed on and forgotten. */
export class PickleWriter {
  #bytes = Buffer.alloc(FIRST_BYTES);
  #length = 0;

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#length;
  }

  /** The bytes written since the last call. */
  take(): Uint8Array {
    const bytes = new Uint8Array(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return bytes;
  }

  start(): void {
    this.op(OP.proto);
    this.#u8(PROTOCOL);
  }

  op(code: number): void {
    this.#u8(code);
  }

  value(value: PickleValue): void {
    if (value === null) this.op(OP.none);
    else if (typeof value === "boolean") this.op(value ? OP.newTrue : OP.newFalse);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "string") this.text(value);
    else if (value instanceof Float) this.#float(value.value);
    else if (value instanceof GridArray) this.#array(value);
    else if (Array.isArray(value)) this.#list(value);
    else this.#dict(value as { readonly [key: string]: PickleValue });
  }

  text(text: string): void {
    const bytes = encodeText(text);
    if (bytes.length < 256) {
      this.op(OP.shortBinUnicode);
      this.#u8(bytes.length);
    } else {
      this.op(OP.binUnicode);
      this.#reserve(4);
      this.#length = this.#bytes.writeUInt32LE(bytes.length, this.#length);
    }
    this.#raw(bytes);
  }

  #number(value: number): void {
    this.#reserve(16);
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.#float(value);
    else if (value >= 0 && value < 256) {
      this.op(OP.binInt1);
      this.#u8(value);
    } else if (value >= 0 && value < 65536) {
      this.op(OP.binInt2);
      this.#length = this.#bytes.writeUInt16LE(value, this.#length);
    } else if (value >= -(2 ** 31) && value < 2 ** 31) {
      this.op(OP.binInt);
      this.#length = this.#bytes.writeInt32LE(value, this.#length);
    } else {
      this.op(OP.long1);
      this.#u8(8);
      this.#length = this.#bytes.writeBigInt64LE(BigInt(value), this.#length);
    }
  }

  #float(value: number): void {
    this.op(OP.binFloat);
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleBE(value, this.#length);
  }

  #array({ shape, data }: GridArray): void {
    this.op(OP.global);
    this.#raw(Buffer.from(`${NDARRAY.module}\n${NDARRAY.name}\n`));
    for (const side of shape) this.#number(side);
    this.op(OP.tuple2);
    this.text(DTYPE);
    this.op(OP.byteArray8);
    this.#reserve(8);
    this.#length = this.#bytes.writeBigUInt64LE(BigInt(data.length), this.#length);
    this.#raw(data);
    this.op(OP.tuple3);
    this.op(OP.reduce);
  }

  #list(items: readonly PickleValue[]): void {
    this.op(OP.emptyList);
    if (items.length === 0) return;
    this.op(OP.mark);
    for (const item of items) this.value(item);
    this.op(OP.appends);
  }

  #dict(dict: { readonly [key: string]: PickleValue }): void {
    this.op(OP.emptyDict);
    const entries = Object.entries(dict);
    if (entries.length === 0) return;
    this.op(OP.mark);
    for (const [key, value] of entries) {
      this.text(key);
      this.value(value);
    }
    this.op(OP.setItems);
  }

  #u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#length + count));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

/** UTF-8; a lone surrogate as Python's "surrogatepass" does it, for a text that has none is nothing else. */
function encodeText(text: string): Uint8Array {
  if (!/\p{Surrogate}/u.test(text)) return Buffer.from(text);
  const parts: Buffer[] = [];
  for (const letter of text) {
    const code = letter.codePointAt(0)!;
    const isLone = code >= 0xd800 && code <= 0xdfff;
    parts.push(
      isLone
        ? Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)])
        : Buffer.from(letter),
    );
  }
  return Buffer.concat(parts);
}
