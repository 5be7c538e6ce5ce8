import { recordInvalid, recordTypeUnknown } from "./errors.js";
import { checkGrid, type Grid } from "./grid.js";
import { gridFromText } from "./grid-text.js";
import {
  checkKey,
  isObject,
  numberOfWord,
  type PlainReading,
  parseFree,
  parseFreeObject,
  standIn,
} from "./plain.js";
import type {
  Accounting,
  Action,
  EpisodeTotals,
  Histogram,
  PlainObject,
  PlainValue,
  RecordType,
  Selection,
  StepInfo,
  StreamRecord,
} from "./record.js";
import type { OnRemark } from "./remark.js";

export interface ParseRecordOptions {
  /**
   * True for what came over the wire: numbers may be the words "NaN", "Infinity", "-Infinity" and "-0", also in
   * `info`, `state` and `meta`, where texts that look like such a word carry a backslash before it. Default false.
   */
  readonly wire?: boolean;
  /** Hears of each value of `info`, `state` or `meta` that could not be kept as it was sent. */
  readonly onRemark?: OnRemark;
}

export const OUTCOMES = ["success", "failure", "truncated", "aborted", "crashed"] as const;
export const RUN_OUTCOMES = ["finished", "interrupted", "crashed"] as const;
export const MODES = ["train", "test"] as const;

/** The fields of each record type; `?` marks those that may be left out. */
const FIELDS: { readonly [Type in RecordType]: readonly string[] } = {
  "run-start": ["run?", "time", "config_hash?", "meta?"],
  "episode-start": [
    "episode",
    "time",
    "task_id",
    "pair_index",
    "mode",
    "initial",
    "input?",
    "target",
    "meta?",
  ],
  step: [
    "episode",
    "step",
    "time",
    "before?",
    "action",
    "after",
    "reward",
    "terminated",
    "truncated",
    "info?",
    "state?",
  ],
  "episode-end": ["episode", "time", "outcome", "totals"],
  metrics: ["time", "step", "values", "histograms?"],
  batch: ["time", "step", "arrays"],
  "run-end": ["time", "outcome", "accounting?"],
};

export const RECORD_TYPES: readonly RecordType[] = Object.keys(FIELDS) as RecordType[];

/**
 * Checks untrusted data and copies it into a record; nothing of the input is kept, but for byte arrays of grids
 * and masks, which are copied too. Throws RECORD_INVALID, GRID_INVALID, RECORD_KEY_REFUSED or RECORD_TYPE_UNKNOWN
 * naming the path. Booleans are taken for numbers and 0 and 1 for booleans, as Python has them; a value of `info`, `state` or `meta` that
 * cannot be used costs that value only, see `onRemark`. A grid may be text, see `gridFromText`. Left out, `run` and `config_hash` become "", `meta`, `info` and `accounting` become {}.
 */
export function parseRecord(plain: unknown, options: ParseRecordOptions = {}): StreamRecord {
  if (!isObject(plain)) throw recordInvalid("", "it is no object");
  const type = plain["type"];
  if (typeof type !== "string") throw recordInvalid("type", "it is missing or no text");
  if (!Object.hasOwn(FIELDS, type)) throw recordTypeUnknown(type, RECORD_TYPES);
  checkFields(plain, type as RecordType);
  const { wire = false, onRemark } = options;
  const fields = new Fields(plain, onRemark === undefined ? { wire } : { wire, onRemark });
  return READERS[type as RecordType](fields, fields.count("seq"));
}

function checkFields(plain: Record<string, unknown>, type: RecordType): void {
  const known = FIELDS[type];
  for (const key of Object.keys(plain)) {
    checkKey(key, "");
    if (key === "type" || key === "seq" || known.includes(key) || known.includes(`${key}?`)) continue;
    const names = known.map((name) => name.replace("?", "")).join(", ");
    throw recordInvalid(key, `${aRecord(type)} has no such field; it has seq, ${names}`);
  }
  for (const name of known) {
    if (!name.endsWith("?") && plain[name] === undefined) {
      throw recordInvalid(name, `${aRecord(type)} needs this field`);
    }
  }
}

const READERS: { readonly [Type in RecordType]: (fields: Fields, seq: number) => StreamRecord } = {
  "run-start": (fields, seq) => ({
    type: "run-start",
    seq,
    run: fields.has("run") ? fields.text("run") : "",
    time: fields.number("time"),
    config_hash: fields.has("config_hash") ? fields.text("config_hash") : "",
    meta: fields.plainObject("meta"),
  }),
  "episode-start": (fields, seq) => ({
    type: "episode-start",
    seq,
    episode: fields.text("episode"),
    time: fields.number("time"),
    task_id: fields.text("task_id"),
    pair_index: fields.integer("pair_index"),
    mode: fields.oneOf("mode", MODES),
    initial: fields.grid("initial"),
    ...(fields.has("input") ? { input: fields.grid("input") } : {}),
    target: fields.isNull("target") ? null : fields.grid("target"),
    meta: fields.plainObject("meta"),
  }),
  step: (fields, seq) => ({
    type: "step",
    seq,
    episode: fields.text("episode"),
    step: fields.count("step"),
    time: fields.number("time"),
    ...(fields.has("before") ? { before: fields.grid("before") } : {}),
    action: readAction(fields.object("action")),
    after: fields.grid("after"),
    reward: fields.number("reward"),
    terminated: fields.boolean("terminated"),
    truncated: fields.boolean("truncated"),
    info: readInfo(fields),
    ...(fields.has("state") ? { state: fields.plain("state") } : {}),
  }),
  "episode-end": (fields, seq) => ({
    type: "episode-end",
    seq,
    episode: fields.text("episode"),
    time: fields.number("time"),
    outcome: fields.oneOf("outcome", OUTCOMES),
    totals: readTotals(fields.object("totals")),
  }),
  metrics: (fields, seq) => ({
    type: "metrics",
    seq,
    time: fields.number("time"),
    step: fields.number("step"),
    values: fields.map("values", (members, name) => members.number(name)),
    ...(fields.has("histograms")
      ? { histograms: fields.map("histograms", (members, name) => readHistogram(members.object(name))) }
      : {}),
  }),
  batch: (fields, seq) => ({
    type: "batch",
    seq,
    time: fields.number("time"),
    step: fields.number("step"),
    arrays: fields.map("arrays", (members, name) => members.numbers(name)),
  }),
  "run-end": (fields, seq) => ({
    type: "run-end",
    seq,
    time: fields.number("time"),
    outcome: fields.oneOf("outcome", RUN_OUTCOMES),
    accounting: fields.has("accounting")
      ? fields.map("accounting", (members, name) => readAccounting(members.object(name)))
      : {},
  }),
};

function readAction(fields: Fields): Action {
  fields.only(["operation", "name", "selection"]);
  return {
    operation: fields.integer("operation"),
    ...(fields.has("name") ? { name: fields.text("name") } : {}),
    ...(fields.has("selection") && !fields.isNull("selection")
      ? { selection: readSelection(fields.object("selection")) }
      : {}),
  };
}

function readSelection(fields: Fields): Selection {
  const kind = fields.oneOf("kind", ["mask", "point", "bbox"] as const);
  fields.only(["kind", kind]);
  if (kind === "mask") return { kind, mask: fields.bytes("mask") };
  if (kind === "point") return { kind, point: fields.integers("point", 2) as unknown as [number, number] };
  return { kind, bbox: fields.integers("bbox", 4) as unknown as [number, number, number, number] };
}

/**
 * The free members, then those that have a meaning. Where one of these is not of its type, a text stands for it under the
 * name that columns of steps use too: `metrics.NAME`, or `NAME.text`.
 */
function readInfo(fields: Fields): StepInfo {
  const info = fields.plainObject("info");
  const copy: { [key: string]: PlainValue } = { ...info };
  const known = new Fields(info, { ...fields.reading, wire: false }, "info.");
  takeKnown(copy, known, "similarity", (name) => known.number(name));
  takeKnown(copy, known, "success", (name) => known.boolean(name));
  if (known.has("metrics")) {
    const { metrics } = info;
    if (!isObject(metrics)) {
      delete copy["metrics"];
      known.keepAsText(copy, "metrics", "metrics.text", "an object");
    } else {
      const values = known.object("metrics");
      const numbers: { [name: string]: number } = {};
      for (const name of Object.keys(metrics)) {
        const number = values.numberOrNull(name);
        if (number === null) values.keepAsText(copy, name, `metrics.${name}`, "a number");
        else numbers[name] = number;
      }
      copy["metrics"] = numbers;
    }
  }
  return copy as StepInfo;
}

function takeKnown(
  copy: { [key: string]: PlainValue },
  fields: Fields,
  name: string,
  read: (name: string) => PlainValue,
): void {
  if (!fields.has(name)) return;
  try {
    copy[name] = read(name);
  } catch {
    delete copy[name];
    fields.keepAsText(copy, name, `${name}.text`, name === "success" ? "true or false" : "a number");
  }
}

function readTotals(fields: Fields): EpisodeTotals {
  fields.only(["steps", "reward", "final_similarity", "best_similarity"]);
  return {
    steps: fields.count("steps"),
    reward: fields.number("reward"),
    final_similarity: fields.isNull("final_similarity") ? null : fields.number("final_similarity"),
    best_similarity: fields.isNull("best_similarity") ? null : fields.number("best_similarity"),
  };
}

function readHistogram(fields: Fields): Histogram {
  fields.only(["values", "bins"]);
  const values = fields.numbers("values");
  const bins = fields.numbers("bins");
  if (bins.length !== values.length + 1) {
    throw recordInvalid(
      `${fields.prefix}bins`,
      `there are ${bins.length} edges for ${values.length} counts; there is one more edge than counts`,
    );
  }
  return { values, bins };
}

function readAccounting(fields: Fields): Accounting {
  fields.only(["accepted", "written", "dropped", "reasons", "remarks"]);
  return {
    accepted: fields.count("accepted"),
    written: fields.count("written"),
    dropped: fields.count("dropped"),
    reasons: fields.map("reasons", (members, name) => members.count(name)),
    ...(fields.has("remarks")
      ? { remarks: fields.map("remarks", (members, name) => members.count(name)) }
      : {}),
  };
}

/** Reads members of one object of a record; every error names the member's path. */
class Fields {
  readonly #members: Record<string, unknown>;
  readonly reading: PlainReading;
  readonly prefix: string;

  constructor(members: Record<string, unknown>, reading: PlainReading, prefix = "") {
    this.#members = members;
    this.reading = reading;
    this.prefix = prefix;
  }

  has(name: string): boolean {
    return this.#members[name] !== undefined;
  }

  isNull(name: string): boolean {
    return this.#members[name] === null;
  }

  only(names: readonly string[]): void {
    for (const key of Object.keys(this.#members)) {
      checkKey(key, this.prefix.slice(0, -1));
      if (!names.includes(key)) {
        throw recordInvalid(
          `${this.prefix}${key}`,
          `there is no such field here; there are ${names.join(", ")}`,
        );
      }
    }
  }

  text(name: string): string {
    const value = this.#members[name];
    return typeof value === "string" ? value : this.#refuse(name, "text");
  }

  boolean(name: string): boolean {
    const value = this.#members[name];
    if (typeof value === "boolean") return value;
    return value === 0 || value === 1 ? value === 1 : this.#refuse(name, "true or false");
  }

  number(name: string): number {
    return this.#number(this.#members[name], name);
  }

  integer(name: string): number {
    const value = this.#members[name];
    if (Number.isSafeInteger(value)) return value as number;
    const number = typeof value === "bigint" || typeof value === "boolean" ? Number(value) : Number.NaN;
    return Number.isSafeInteger(number) ? number : this.#refuse(name, "an integer within 2^53");
  }

  count(name: string): number {
    const value = this.#members[name];
    return Number.isSafeInteger(value) && (value as number) >= 0
      ? (value as number)
      : this.#refuse(name, "an integer from 0 and within 2^53");
  }

  numbers(name: string): number[] {
    const value = this.#members[name];
    const list: unknown = ArrayBuffer.isView(value) ? parseFree(value, name, { wire: false }) : value;
    if (!Array.isArray(list)) return this.#refuse(name, "a list of numbers");
    return Array.from(list, (item: unknown, index) => this.#number(item, `${name}[${index}]`));
  }

  integers(name: string, length: number): number[] {
    const value = this.#members[name];
    if (!Array.isArray(value) || value.length !== length || !value.every(Number.isSafeInteger)) {
      return this.#refuse(name, `a list of ${length} integers`);
    }
    return [...(value as number[])];
  }

  bytes(name: string): Uint8Array {
    const value = this.#members[name];
    if (value instanceof Uint8Array) return Uint8Array.from(value);
    if (!Array.isArray(value)) return this.#refuse(name, "a list of integers 0..255, or bytes");
    const bytes = new Uint8Array(value.length);
    for (let index = 0; index < value.length; index++) {
      const item: unknown = typeof value[index] === "boolean" ? Number(value[index]) : value[index];
      if (!Number.isInteger(item) || (item as number) < 0 || (item as number) > 255) {
        return this.#refuse(`${name}[${index}]`, "an integer of 0..255");
      }
      bytes[index] = item as number;
    }
    return bytes;
  }

  oneOf<Option extends string>(name: string, options: readonly Option[]): Option {
    const value = this.#members[name];
    if (options.includes(value as Option)) return value as Option;
    return this.#refuse(name, `one of ${options.join(", ")}`);
  }

  object(name: string): Fields {
    const value = this.#members[name];
    if (!isObject(value)) return this.#refuse(name, "an object");
    return new Fields(value, this.reading, `${this.prefix}${name}.`);
  }

  map<Value>(name: string, read: (members: Fields, key: string) => Value): { [key: string]: Value } {
    const members = this.object(name);
    const result: { [key: string]: Value } = {};
    for (const key of Object.keys(members.#members)) {
      checkKey(key, `${this.prefix}${name}`);
      result[key] = read(members, key);
    }
    return result;
  }

  plain(name: string): PlainValue {
    return parseFree(this.#members[name], `${this.prefix}${name}`, this.reading);
  }

  plainObject(name: string): PlainObject {
    return parseFreeObject(this.#members[name], `${this.prefix}${name}`, this.reading);
  }

  /** Puts a text for the member into `copy`, as `key`, and says so. */
  keepAsText(copy: { [key: string]: PlainValue }, name: string, key: string, expected: string): void {
    const value = this.#members[name];
    copy[key] = standIn(value, `${this.prefix}${name}`, `${shown(value)} is not ${expected}`, this.reading);
  }

  grid(name: string): Grid {
    const path = `${this.prefix}${name}`;
    const value = this.#members[name];
    if (Array.isArray(value)) return gridFromText(value, path);
    const fields = this.object(name);
    fields.only(["shape", "data", "mask"]);
    const [rows, columns] = fields.integers("shape", 2) as [number, number];
    const grid: Grid = {
      shape: [rows, columns],
      data: fields.bytes("data"),
      ...(fields.has("mask") && !fields.isNull("mask") ? { mask: fields.bytes("mask") } : {}),
    };
    checkGrid(grid, path);
    return grid;
  }

  numberOrNull(name: string): number | null {
    return this.#numberOf(this.#members[name]);
  }

  #number(value: unknown, name: string): number {
    return this.#numberOf(value) ?? this.#refuse(name, "a number");
  }

  #numberOf(value: unknown): number | null {
    switch (typeof value) {
      case "number":
        return value;
      case "boolean":
        return value ? 1 : 0;
      case "bigint":
        return Number.isSafeInteger(Number(value)) ? Number(value) : null;
      case "string":
        return this.reading.wire ? (numberOfWord(value) ?? null) : null;
      default:
        return null;
    }
  }

  #refuse(name: string, expected: string): never {
    throw recordInvalid(`${this.prefix}${name}`, `${shown(lookUp(this.#members, name))} is not ${expected}`);
  }
}

function lookUp(members: Record<string, unknown>, name: string): unknown {
  return members[name] ?? "the value";
}

function shown(value: unknown): string {
  if (value === "the value") return "the value";
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "the list" : "the object";
  return String(value);
}

function aRecord(type: string): string {
  return `${/^[aeiou]/.test(type) ? "an" : "a"} ${type} record`;
}
