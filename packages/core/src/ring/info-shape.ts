import type { PlainValue, StepInfo } from "@episcope/records";
import { REFUSED_KEYS } from "@episcope/records";
import { INFO_BYTES } from "./layout.js";

/** What a member of an `info` is; of `metrics`, the members follow. */
const MEMBER = { number: 0, boolean: 1, text: 2, metrics: 3, metric: 4 } as const;

/** Names and types of the members of an `info`, in their order. Plain data. */
export interface InfoShape {
  readonly keys: readonly string[];
  readonly members: readonly number[];
}

const LONE_SURROGATE = /\p{Surrogate}/u;
const MAX_SHAPES = 64;
const MAX_MEMBERS = 24;
/** Producers send the same names again and again: so many, of so many characters, are kept as they are written. */
const KEPT_TEXTS = 256;
const KEPT_LENGTH = 64;

/** The memory that an `info` is written to and read from. */
export interface InfoMemory {
  readonly doubles: Float64Array;
  readonly bytes: Buffer;
}

/**
 * Writes `info` objects into shared memory as numbers. Producers send the same few shapes again and again: each is
 * learned once, and then only the values are written.
 */
export class InfoWriter {
  readonly shapes: InfoShape[] = [];
  readonly #onLearned: (shape: InfoShape, id: number) => void;
  readonly #texts: Map<string, Uint8Array> = new Map();
  #last = -1;

  constructor(onLearned: (shape: InfoShape, id: number) => void) {
    this.#onLearned = onLearned;
  }

  /** Gives the shape's id; -1 where the `info` has members of another kind, or too many, or wrong ones. */
  write(info: StepInfo, memory: InfoMemory, offset: number): number {
    if (this.#last >= 0 && fill(this.shapes[this.#last]!, info, memory, offset, this.#texts))
      return this.#last;
    for (let id = 0; id < this.shapes.length; id++) {
      if (id === this.#last || !fill(this.shapes[id]!, info, memory, offset, this.#texts)) continue;
      this.#last = id;
      return id;
    }
    const shape = this.shapes.length < MAX_SHAPES ? shapeOf(info) : null;
    if (shape === null || !fill(shape, info, memory, offset, this.#texts)) return -1;
    const id = this.shapes.length;
    this.shapes.push(shape);
    this.#onLearned(shape, id);
    this.#last = id;
    return id;
  }
}

export function readInfo(
  { keys, members }: InfoShape,
  { doubles, bytes }: InfoMemory,
  offset: number,
): StepInfo {
  const info: { [key: string]: PlainValue } = {};
  const first = offset >> 3;
  let metrics: { [name: string]: number } = {};
  let text = offset + members.length * 8;
  for (let index = 0; index < members.length; index++) {
    const key = keys[index]!;
    const value = doubles[first + index]!;
    switch (members[index]) {
      case MEMBER.number:
        info[key] = value;
        break;
      case MEMBER.boolean:
        info[key] = value === 1;
        break;
      case MEMBER.text:
        info[key] = bytes.toString("utf8", text, text + value);
        text += value;
        break;
      case MEMBER.metrics:
        metrics = {};
        info[key] = metrics;
        break;
      default:
        metrics[key] = value;
    }
  }
  return info as StepInfo;
}

/** False where `info` is of another shape, or its texts have no room. */
function fill(
  { keys, members }: InfoShape,
  info: StepInfo,
  memory: InfoMemory,
  offset: number,
  texts: Map<string, Uint8Array>,
): boolean {
  if (!isPlain(info)) return false;
  const { doubles } = memory;
  const first = offset >> 3;
  let text = offset + members.length * 8;
  let index = 0;
  for (const key in info) {
    if (keys[index] !== key) return false;
    const value = info[key];
    switch (members[index]) {
      case MEMBER.number:
        if (typeof value !== "number") return false;
        doubles[first + index] = value;
        break;
      case MEMBER.boolean:
        if (typeof value !== "boolean") return false;
        doubles[first + index] = value ? 1 : 0;
        break;
      case MEMBER.text: {
        if (typeof value !== "string" || text + value.length * 3 > offset + INFO_BYTES) return false;
        const length = writeText(value, memory.bytes, text, texts);
        if (length < 0) return false;
        doubles[first + index] = length;
        text += length;
        break;
      }
      case MEMBER.metrics:
        if (!isPlain(value)) return false;
        for (const name in value) {
          index += 1;
          const metric = value[name];
          if (members[index] !== MEMBER.metric || keys[index] !== name || typeof metric !== "number")
            return false;
          doubles[first + index] = metric;
        }
        if (members[index + 1] === MEMBER.metric) return false;
        break;
      default:
        return false;
    }
    index += 1;
  }
  return index === members.length;
}

/** Its length in bytes; -1 for a text that UTF-8 cannot give back. */
function writeText(value: string, bytes: Buffer, offset: number, texts: Map<string, Uint8Array>): number {
  const known = texts.get(value);
  if (known !== undefined) {
    bytes.set(known, offset);
    return known.length;
  }
  if (LONE_SURROGATE.test(value)) return -1;
  const length = bytes.write(value, offset, "utf8");
  if (value.length <= KEPT_LENGTH && texts.size < KEPT_TEXTS)
    texts.set(value, Uint8Array.from(bytes.subarray(offset, offset + length)));
  return length;
}

/** Null for an `info` that is not flat, or wrong: then `parseRecord` decides. */
function shapeOf(info: StepInfo): InfoShape | null {
  if (!isPlain(info)) return null;
  const keys: string[] = [];
  const members: number[] = [];
  for (const key in info) {
    const value = info[key];
    const type = typeof value;
    if (REFUSED_KEYS.has(key) || (key === "similarity" && type !== "number")) return null;
    if (key === "success" && type !== "boolean") return null;
    keys.push(key);
    if (key === "metrics") {
      if (!isPlain(value)) return null;
      members.push(MEMBER.metrics);
      for (const name in value) {
        if (REFUSED_KEYS.has(name) || typeof value[name] !== "number") return null;
        keys.push(name);
        members.push(MEMBER.metric);
      }
    } else if (type === "number") members.push(MEMBER.number);
    else if (type === "boolean") members.push(MEMBER.boolean);
    else if (type === "string") members.push(MEMBER.text);
    else return null;
  }
  return members.length > MAX_MEMBERS ? null : { keys, members };
}

/** An object whose members are its own: of no class, and no array. */
function isPlain(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
