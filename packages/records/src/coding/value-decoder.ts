import { MAX_DEPTH, REFUSED_KEYS } from "../record/plain.js";
import type { PlainValue } from "../record/record.js";
import type { ByteReader } from "./byte-reader.js";
import { contentInvalid } from "./errors.js";
import { MAX_DECIMALS, TABLE_TEXT_LENGTH, TABLE_TEXTS, TAG } from "./layout.js";

const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6] as const;

/** Reads what `ValueEncoder` writes; `reset` where the encoder was reset. */
export class ValueDecoder {
  #texts: string[] = [];
  #shapes: (readonly string[])[] = [];
  cells = 0;

  reset(): void {
    this.#texts = [];
    this.#shapes = [];
  }

  value(input: ByteReader, depth = 0): PlainValue {
    const tag = input.u8();
    if (tag < 0x80) return tag;
    if (depth > MAX_DEPTH + 8) throw contentInvalid("it is nested too deeply");
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.minusZero:
        return -0;
      case TAG.nan:
        return Number.NaN;
      case TAG.infinity:
        return Number.POSITIVE_INFINITY;
      case TAG.minusInfinity:
        return Number.NEGATIVE_INFINITY;
      case TAG.integer:
        return input.zigzag();
      case TAG.f32:
        return input.f32();
      case TAG.f64:
        return input.f64();
      case TAG.fraction:
        return input.varint() / this.cells;
      case TAG.fraction32:
        return Math.fround(input.varint() / this.cells);
      case TAG.text: {
        const text = input.text();
        this.#keep(text);
        return text;
      }
      case TAG.textReference:
        return this.#texts[input.varint()] ?? missing("text");
      case TAG.longText:
        return input.text();
      case TAG.text16: {
        const units = new Uint16Array(input.count(2));
        for (let index = 0; index < units.length; index++) units[index] = input.u8() | (input.u8() << 8);
        let text = "";
        for (let index = 0; index < units.length; index += 4096) {
          text += String.fromCharCode(...units.subarray(index, index + 4096));
        }
        return text;
      }
      case TAG.list:
        return this.#list(input, depth);
      case TAG.byteList:
        return Array.from(input.raw(input.count()));
      case TAG.f32List:
        return Array.from({ length: input.count(4) }, () => input.f32());
      case TAG.f64List:
        return Array.from({ length: input.count(8) }, () => input.f64());
      case TAG.object:
        return this.#object(input, this.#shapes[input.varint()] ?? missing("shape"), depth);
      case TAG.newShape: {
        const shape = Array.from({ length: input.count() }, () => this.#key(input));
        this.#shapes.push(shape);
        return this.#object(input, shape, depth);
      }
      default:
        return decimal(tag, input);
    }
  }

  /** Passes over a value; its texts and shapes join the tables. */
  skip(input: ByteReader, depth = 0): void {
    const tag = input.u8();
    if (tag <= TAG.minusInfinity) return;
    if (depth > MAX_DEPTH + 8) throw contentInvalid("it is nested too deeply");
    switch (tag) {
      case TAG.f32:
        input.skip(4);
        return;
      case TAG.f64:
        input.skip(8);
        return;
      case TAG.text:
        this.#keep(input.text());
        return;
      case TAG.longText:
      case TAG.byteList:
        input.skip(input.varint());
        return;
      case TAG.text16:
        input.skip(2 * input.varint());
        return;
      case TAG.f32List:
        input.skip(4 * input.varint());
        return;
      case TAG.f64List:
        input.skip(8 * input.varint());
        return;
      case TAG.list:
        for (let count = input.count(); count > 0; count--) this.skip(input, depth + 1);
        return;
      case TAG.object:
        for (let count = (this.#shapes[input.varint()] ?? missing("shape")).length; count > 0; count--) {
          this.skip(input, depth + 1);
        }
        return;
      case TAG.newShape: {
        const shape = Array.from({ length: input.count() }, () => this.#key(input));
        this.#shapes.push(shape);
        for (const _key of shape) this.skip(input, depth + 1);
        return;
      }
      default:
        // Every other number, and a reference to a text: one varint.
        input.varint();
    }
  }

  text(input: ByteReader): string {
    const value = this.value(input);
    return typeof value === "string" ? value : missing("text");
  }

  number(input: ByteReader): number {
    const value = this.value(input);
    return typeof value === "number" ? value : missing("number");
  }

  object(input: ByteReader): { readonly [key: string]: PlainValue } {
    const value = this.value(input);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return missing("object");
    return value as { readonly [key: string]: PlainValue };
  }

  #key(input: ByteReader): string {
    const key = this.text(input);
    if (REFUSED_KEYS.has(key)) throw contentInvalid(`the key '${key}' is not allowed`);
    return key;
  }

  /** What joins the table is short: a reference to it gives back no more than the encoder has saved. */
  #keep(text: string): void {
    if (text.length > TABLE_TEXT_LENGTH || this.#texts.length >= TABLE_TEXTS) {
      throw contentInvalid("a text does not belong into the table");
    }
    this.#texts.push(text);
  }

  #list(input: ByteReader, depth: number): PlainValue {
    const list: PlainValue[] = [];
    for (let count = input.count(); count > 0; count--) list.push(this.value(input, depth + 1));
    return list;
  }

  #object(input: ByteReader, keys: readonly string[], depth: number): PlainValue {
    const object: Record<string, PlainValue> = {};
    for (const key of keys) object[key] = this.value(input, depth + 1);
    return object;
  }
}

function decimal(tag: number, input: ByteReader): number {
  const decimals = tag & 0x0f;
  const kind = tag & 0xf0;
  if (decimals < 1 || decimals > MAX_DECIMALS || (kind !== TAG.decimal && kind !== TAG.decimal32)) {
    throw contentInvalid(`there is no tag ${tag}`);
  }
  const value = input.zigzag() / POWERS[decimals]!;
  return kind === TAG.decimal ? value : Math.fround(value);
}

function missing(what: string): never {
  throw contentInvalid(`there is no such ${what}`);
}
