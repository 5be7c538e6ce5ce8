import { MAX_DEPTH } from "../record/plain.js";
import type { ByteWriter } from "./byte-writer.js";
import { valueUnsupported } from "./errors.js";
import { FLAT_LIST_LENGTH, MAX_DECIMALS, TABLE_TEXT_LENGTH, TABLE_TEXTS, TAG } from "./layout.js";

const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6] as const;
/** With the `u` flag, pairs are one character and do not match. */
const LONE_SURROGATE = /\p{Surrogate}/u;
/** Largest numerator of a decimal: beyond it the plain double is as short. */
const MAX_NUMERATOR = 2 ** 34;
/** Of a decimal of 32 bits, which competes with four bytes. */
const MAX_NUMERATOR_32 = 2 ** 19;

interface ShapeNode {
  readonly next: Map<string, ShapeNode>;
  /** Number of the shape that ends here; -1 where none does. */
  number: number;
}

/**
 * Writes values with what was learned from those before: texts and shapes of objects become references. `reset`
 * forgets it all.
 */
export class ValueEncoder {
  readonly #out: ByteWriter;
  readonly #texts = new Map<string, number>();
  #shapes: ShapeNode = { next: new Map(), number: -1 };
  #shapeCount = 0;
  /** Number of target cells, the denominator that similarities have; 0 = unknown. */
  cells = 0;

  constructor(out: ByteWriter) {
    this.#out = out;
  }

  reset(): void {
    this.#texts.clear();
    this.#shapes = { next: new Map(), number: -1 };
    this.#shapeCount = 0;
  }

  value(value: unknown, depth = 0): void {
    switch (typeof value) {
      case "number":
        this.number(value);
        return;
      case "string":
        this.text(value);
        return;
      case "boolean":
        this.#out.u8(value ? TAG.true : TAG.false);
        return;
      case "object":
        if (value === null) this.#out.u8(TAG.null);
        else if (depth >= MAX_DEPTH + 8)
          throw valueUnsupported(`it is nested deeper than ${MAX_DEPTH} levels`);
        else if (Array.isArray(value)) this.#list(value, depth);
        else this.#object(value as Record<string, unknown>, depth);
        return;
      default:
        throw valueUnsupported(`it is a ${typeof value}`);
    }
  }

  /** In the fewest bytes that give back the very same double. */
  number(value: number): void {
    const out = this.#out;
    if (Number.isInteger(value)) {
      if (value >= 0 && value < 128 && !Object.is(value, -0)) out.u8(value);
      else if (Object.is(value, -0)) out.u8(TAG.minusZero);
      else if (Math.abs(value) < 2 ** 48) {
        out.u8(TAG.integer);
        out.zigzag(value);
      } else this.#f64(value);
      return;
    }
    if (!Number.isFinite(value)) {
      out.u8(Number.isNaN(value) ? TAG.nan : value > 0 ? TAG.infinity : TAG.minusInfinity);
      return;
    }
    const numerator = this.cells === 0 ? 0 : Math.round(value * this.cells);
    const isFraction = numerator > 0 && numerator < this.cells;
    if (isFraction && numerator / this.cells === value) {
      out.u8(TAG.fraction);
      out.varint(numerator);
      return;
    }
    for (let decimals = 1; decimals <= MAX_DECIMALS; decimals++) {
      const scaled = Math.round(value * POWERS[decimals]!);
      if (Math.abs(scaled) > MAX_NUMERATOR) break;
      if (scaled / POWERS[decimals]! === value) {
        out.u8(TAG.decimal + decimals);
        out.zigzag(scaled);
        return;
      }
    }
    if (Math.fround(value) !== value) {
      this.#f64(value);
      return;
    }
    if (isFraction && Math.fround(numerator / this.cells) === value) {
      out.u8(TAG.fraction32);
      out.varint(numerator);
      return;
    }
    for (let decimals = 1; decimals <= MAX_DECIMALS; decimals++) {
      const scaled = Math.round(value * POWERS[decimals]!);
      if (Math.abs(scaled) > MAX_NUMERATOR_32) break;
      if (scaled !== 0 && Math.fround(scaled / POWERS[decimals]!) === value) {
        out.u8(TAG.decimal32 + decimals);
        out.zigzag(scaled);
        return;
      }
    }
    out.u8(TAG.f32);
    out.f32(value);
  }

  text(text: string): void {
    const out = this.#out;
    const known = this.#texts.get(text);
    if (known !== undefined) {
      out.u8(TAG.textReference);
      out.varint(known);
      return;
    }
    if (LONE_SURROGATE.test(text)) {
      out.u8(TAG.text16);
      out.varint(text.length);
      for (let index = 0; index < text.length; index++) {
        const unit = text.charCodeAt(index);
        out.u8(unit & 0xff);
        out.u8(unit >>> 8);
      }
      return;
    }
    if (text.length > TABLE_TEXT_LENGTH || this.#texts.size >= TABLE_TEXTS) {
      out.u8(TAG.longText);
    } else {
      out.u8(TAG.text);
      this.#texts.set(text, this.#texts.size);
    }
    out.text(text);
  }

  #f64(value: number): void {
    this.#out.u8(TAG.f64);
    this.#out.f64(value);
  }

  #list(list: readonly unknown[], depth: number): void {
    const out = this.#out;
    const flat = list.length >= FLAT_LIST_LENGTH ? flatTag(list) : undefined;
    out.u8(flat ?? TAG.list);
    out.varint(list.length);
    if (flat === undefined) for (const item of list) this.value(item, depth + 1);
    else if (flat === TAG.byteList) for (const item of list) out.u8(item as number);
    else if (flat === TAG.f32List) for (const item of list) out.f32(item as number);
    else for (const item of list) out.f64(item as number);
  }

  #object(object: Record<string, unknown>, depth: number): void {
    const out = this.#out;
    let keys = Object.keys(object);
    for (const key of keys) {
      if (object[key] === undefined) {
        keys = keys.filter((name) => object[name] !== undefined);
        break;
      }
    }
    let node = this.#shapes;
    for (const key of keys) {
      let next = node.next.get(key);
      if (next === undefined) {
        next = { next: new Map(), number: -1 };
        node.next.set(key, next);
      }
      node = next;
    }
    if (node.number >= 0) {
      out.u8(TAG.object);
      out.varint(node.number);
    } else {
      node.number = this.#shapeCount++;
      out.u8(TAG.newShape);
      out.varint(keys.length);
      for (const key of keys) this.text(key);
    }
    for (const key of keys) this.value(object[key], depth + 1);
  }
}

/** The flat form that keeps every item of a list of numbers, or undefined. */
function flatTag(list: readonly unknown[]): number | undefined {
  let bytes = true;
  let singles = true;
  for (const item of list) {
    if (typeof item !== "number") return undefined;
    if (bytes && !(Number.isInteger(item) && item >= 0 && item <= 255 && !Object.is(item, -0))) bytes = false;
    if (singles && !Object.is(Math.fround(item), item)) singles = false;
  }
  return bytes ? TAG.byteList : singles ? TAG.f32List : TAG.f64List;
}
