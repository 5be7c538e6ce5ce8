import { pickleRefused } from "./errors.js";
import { DTYPE, NDARRAY, OP, PROTOCOL } from "./opcodes.js";
import { GridArray, type PickleValue } from "./pickle-value.js";

/** Deepest nesting that is read; records allow 64, and the episode adds a few. */
const MAX_DEPTH = 100;
const REFUSED_KEYS = new Set(["__proto__", "constructor", "prototype"]);

const MARK: unique symbol = Symbol("mark");
const NDARRAY_CLASS: unique symbol = Symbol("numpy.ndarray");

class Tuple {
  readonly tuple: readonly StackItem[];

  constructor(tuple: readonly StackItem[]) {
    this.tuple = tuple;
  }
}
type StackItem = PickleValue | Uint8Array | Tuple | typeof MARK | typeof NDARRAY_CLASS;

/**
 * Reads what `PickleWriter` writes, and nothing else: every other opcode, and every name but `numpy.ndarray`, is refused, so that
 * a file from elsewhere can do nothing. Throws PICKLE_REFUSED with the offset.
 */
export function decodePickle(bytes: Uint8Array): PickleValue {
  return new PickleReader(bytes).read();
}

class PickleReader {
  readonly #bytes: Buffer;
  #at = 0;
  #opcodeAt = 0;
  readonly #stack: StackItem[] = [];
  #marks = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  read(): PickleValue {
    if (this.#u8() !== OP.proto || this.#u8() > PROTOCOL)
      throw this.#refused("this is no pickle of protocol 2 to 5");
    for (;;) {
      this.#opcodeAt = this.#at;
      const code = this.#u8();
      if (code === OP.stop) break;
      this.#step(code);
    }
    const value = this.#stack.pop();
    if (this.#stack.length > 0 || this.#at !== this.#bytes.length)
      throw this.#refused("it holds more than one value");
    return this.#plain(value);
  }

  #step(code: number): void {
    const constant = CONSTANTS.get(code);
    if (constant !== undefined) this.#push(constant());
    else this.#push(this.#scalar(code) ?? this.#container(code));
  }

  /** Null for an opcode that makes no scalar. */
  #scalar(code: number): StackItem {
    switch (code) {
      case OP.binInt1:
        return this.#u8();
      case OP.binInt2:
        return this.#take(2).readUInt16LE();
      case OP.binInt:
        return this.#take(4).readInt32LE();
      case OP.long1:
        return this.#long();
      case OP.binFloat:
        return this.#take(8).readDoubleBE();
      case OP.shortBinUnicode:
        return decodeText(this.#take(this.#u8()));
      case OP.binUnicode:
        return decodeText(this.#take(this.#take(4).readUInt32LE()));
      case OP.byteArray8:
        return new Uint8Array(this.#take(this.#length64()));
      case OP.global:
        return this.#global();
      default:
        return null;
    }
  }

  /** Takes what a container is made of from the stack, and gives the container. */
  #container(code: number): StackItem {
    switch (code) {
      case OP.appends: {
        const items = this.#toMark().map((item) => this.#plain(item));
        const list = this.#pop();
        if (!Array.isArray(list)) throw this.#refused("an item is appended to what is no list");
        for (const item of items) (list as PickleValue[]).push(item);
        return list as PickleValue[];
      }
      case OP.setItems: {
        const items = this.#toMark();
        return this.#withItems(this.#pop(), items);
      }
      case OP.tuple2:
      case OP.tuple3: {
        const size = code === OP.tuple2 ? 2 : 3;
        if (this.#stack.length < size) throw this.#refused("the stack is empty");
        return new Tuple(this.#stack.splice(-size));
      }
      case OP.reduce:
        return this.#array();
      default:
        throw this.#refused(`opcode 0x${code.toString(16)} is none of ours`);
    }
  }

  #global(): typeof NDARRAY_CLASS {
    const module = this.#line();
    const name = this.#line();
    if (module === NDARRAY.module && name === NDARRAY.name) return NDARRAY_CLASS;
    throw this.#refused(`it names ${module}.${name}, only ${NDARRAY.module}.${NDARRAY.name} is allowed`);
  }

  /** `numpy.ndarray((rows, columns), "|u1", bytearray)` and nothing else. */
  #array(): GridArray {
    const args = this.#pop();
    const callable = this.#pop();
    if (callable !== NDARRAY_CLASS || !(args instanceof Tuple)) throw this.#refused("it calls something");
    const [shape, dtype, data] = args.tuple;
    const sides = shape instanceof Tuple ? shape.tuple : [];
    const [rows, columns] = sides;
    const isArray =
      sides.length === 2 &&
      typeof rows === "number" &&
      typeof columns === "number" &&
      data instanceof Uint8Array;
    if (!isArray || dtype !== DTYPE || data.length !== rows * columns) {
      throw this.#refused("an array is not of two dimensions and uint8, or its bytes do not fit its shape");
    }
    return new GridArray([rows, columns], data);
  }

  #withItems(dict: StackItem, items: readonly StackItem[]): PickleValue {
    if (!isDict(dict)) throw this.#refused("an item is set on what is no dict");
    if (items.length % 2 !== 0) throw this.#refused("a key has no value");
    for (let at = 0; at < items.length; at += 2) {
      const key = items[at];
      if (typeof key !== "string" || REFUSED_KEYS.has(key)) {
        throw this.#refused("a key is no text, or one that is refused");
      }
      (dict as Record<string, PickleValue>)[key] = this.#plain(items[at + 1]);
    }
    return dict;
  }

  #toMark(): StackItem[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw this.#refused("there is no mark on the stack");
    this.#marks -= 1;
    const items = this.#stack.splice(at);
    items.shift();
    return items;
  }

  #plain(item: StackItem | undefined): PickleValue {
    if (
      item === undefined ||
      item === MARK ||
      item === NDARRAY_CLASS ||
      item instanceof Uint8Array ||
      item instanceof Tuple
    ) {
      throw this.#refused("a value stands where none of ours does");
    }
    return item;
  }

  #push(item: StackItem): void {
    if (item === MARK && ++this.#marks > MAX_DEPTH)
      throw this.#refused(`it is nested deeper than ${MAX_DEPTH} levels`);
    this.#stack.push(item);
  }

  #pop(): StackItem {
    const item = this.#stack.pop();
    if (item === undefined) throw this.#refused("the stack is empty");
    return item;
  }

  #long(): number {
    const bytes = this.#take(this.#u8());
    let value = 0n;
    for (let at = bytes.length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at]!);
    const number = Number(BigInt.asIntN(8 * bytes.length, value));
    if (!Number.isSafeInteger(number)) throw this.#refused("an integer is larger than 2^53");
    return number;
  }

  #length64(): number {
    const length = this.#take(8).readBigUInt64LE();
    if (length > BigInt(this.#bytes.length)) throw this.#refused("a length is larger than the file");
    return Number(length);
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0 || end - this.#at > 200) throw this.#refused("a name does not end");
    const text = this.#bytes.toString("latin1", this.#at, end);
    this.#at = end + 1;
    return text;
  }

  #u8(): number {
    return this.#take(1)[0]!;
  }

  #take(count: number): Buffer {
    if (this.#at + count > this.#bytes.length) throw this.#refused("it ends too early");
    const bytes = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return bytes;
  }

  #refused(problem: string): Error {
    return pickleRefused(this.#opcodeAt, problem);
  }
}

const CONSTANTS: ReadonlyMap<number, () => StackItem> = new Map<number, () => StackItem>([
  [OP.mark, () => MARK],
  [OP.none, () => null],
  [OP.newTrue, () => true],
  [OP.newFalse, () => false],
  [OP.emptyList, () => []],
  [OP.emptyDict, () => ({})],
]);

function isDict(item: StackItem): item is { readonly [key: string]: PickleValue } {
  return (
    typeof item === "object" &&
    item !== null &&
    !Array.isArray(item) &&
    !(item instanceof GridArray) &&
    !(item instanceof Uint8Array) &&
    !(item instanceof Tuple)
  );
}

/** As `encodeText` of the writer: UTF-8, lone surrogates as any other code point. */
function decodeText(bytes: Buffer): string {
  // 0xed is the first byte of every surrogate's encoding, and of little else.
  if (!bytes.includes(0xed)) return bytes.toString();
  let text = "";
  let start = 0;
  for (let at = 0; at + 2 < bytes.length; at++) {
    if (bytes[at] !== 0xed || bytes[at + 1]! < 0xa0) continue;
    text += bytes.toString("utf8", start, at);
    text += String.fromCharCode(0xd000 | ((bytes[at + 1]! & 63) << 6) | (bytes[at + 2]! & 63));
    at += 2;
    start = at + 1;
  }
  return text + bytes.toString("utf8", start);
}
