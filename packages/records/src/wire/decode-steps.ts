import { EpiscopeError } from "@episcope/errors";
import { decodeMulti } from "@msgpack/msgpack";
import { checkSizes } from "../columns/check-columns.js";
import { COLUMN_NAMES, describeColumn, namedColumn, sizeOf } from "../columns/column-shapes.js";
import { stepsInvalid } from "../columns/errors.js";
import type { ColumnSizes, EpisodeStarts, NumberArray, StepColumns } from "../columns/step-columns.js";
import { checkKey, isObject, parseFreeObject } from "../record/plain.js";
import { bytesOf, DTYPES, type Dtype, decodeArray, isDtype, type TypedArray } from "./dtype.js";
import {
  ALIGNMENT,
  HEAD_FIELDS,
  PLAIN_COLUMNS,
  START_GRIDS,
  START_LISTS,
  type StepsMessage,
} from "./steps-message.js";

type Head = { readonly [field: string]: unknown };

/**
 * Reads a `steps` message whose head has been decoded. Arrays are views of `body`, but for those of a format that
 * JavaScript has no arrays for (f16, bf16: they become f32) and those that do not lie at a multiple of their element's
 * size. Throws STEPS_INVALID, or what a wrong `meta` of a start throws; `fields.seq` has the message's `seq`. `ColumnStream.open` checks what only
 * the contents can tell.
 */
export function decodeSteps(head: Head, body: Uint8Array): StepsMessage {
  const seq = head["seq"];
  try {
    return read(head, body);
  } catch (error) {
    if (!(error instanceof EpiscopeError) || !Number.isSafeInteger(seq)) throw error;
    const { code, message, hint, fields, cause } = error;
    throw new EpiscopeError(code, message, {
      ...(hint === undefined ? {} : { hint }),
      fields: { ...fields, seq },
      cause,
    });
  }
}

function read(head: Head, body: Uint8Array): StepsMessage {
  checkFields(head);
  const arrays = objectAt(head, "arrays");
  const raw = rawPart(head, body);
  const starts = head["starts"] === undefined ? {} : objectAt(head, "starts");
  const sizes = checkSizes(head["shape"], countStarts(starts, arrays));
  const decoded = new Map<string, TypedArray>();
  const spans: Span[] = [];
  for (const [name, entry] of Object.entries(arrays)) {
    const { dtype, start, end } = spanOf(name, entry, sizes, raw.length);
    spans.push({ name, start, end });
    decoded.set(name, decodeArray(dtype, raw.subarray(start, end)));
  }
  checkApart(spans);
  return {
    type: "steps",
    seq: countAt(head, "seq"),
    records: countAt(head, "records"),
    columns: columnsOf(head, starts, decoded, sizes),
  };
}

function checkFields(head: Head): void {
  const known = HEAD_FIELDS.map((name) => name.replace("?", ""));
  for (const field of Object.keys(head)) {
    if (!known.includes(field))
      throw stepsInvalid(field, `there is no such field; there are ${known.join(", ")}`);
  }
  for (const name of HEAD_FIELDS) {
    if (!name.endsWith("?") && head[name] === undefined) throw stepsInvalid(name, "it is missing");
  }
}

/** The bytes of the arrays: as many as the head says, after zeros up to a multiple of eight. */
function rawPart(head: Head, body: Uint8Array): Uint8Array {
  const length = countAt(head, "raw");
  const start = body.length - length;
  if (start <= 0) throw stepsInvalid("raw", `it says ${length} bytes, the whole message has ${body.length}`);
  if (start % ALIGNMENT !== 0)
    throw stepsInvalid(
      "raw",
      `the arrays begin at byte ${start} of the message, which is no multiple of ${ALIGNMENT}`,
    );
  let padding = -1;
  try {
    // A zero is a whole value in MessagePack, so padding can be counted after the head.
    for (const value of decodeMulti(body.subarray(0, start))) {
      if (padding >= 0 && value !== 0) throw new RangeError("more than zeros");
      padding += 1;
    }
  } catch {
    padding = ALIGNMENT;
  }
  if (padding >= ALIGNMENT) {
    throw stepsInvalid(
      "raw",
      `it says ${length} bytes, but between head and arrays there is more than padding to a multiple of ${ALIGNMENT}`,
    );
  }
  return body.subarray(start);
}

interface Span {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Where an array lies among the bytes of all. */
function spanOf(
  name: string,
  entry: unknown,
  sizes: ColumnSizes,
  bytes: number,
): Omit<Span, "name"> & { readonly dtype: Dtype } {
  const path = `arrays.${name}`;
  const column = describeColumn(name, sizes);
  if (column === undefined)
    throw stepsInvalid(path, `there is no such array; there are ${COLUMN_NAMES.join(", ")}`);
  if (!Array.isArray(entry) || entry.length !== 3)
    throw stepsInvalid(path, "it is not [dtype, shape, offset]");
  const [dtype, shape, offset] = entry as readonly unknown[];
  if (!isDtype(dtype))
    throw stepsInvalid(path, `the dtype '${String(dtype)}' is not one of ${DTYPES.join(", ")}`);
  const isShape = Array.isArray(shape) && shape.length === column.shape.length;
  if (!isShape || !column.shape.every((length, axis) => shape[axis] === length)) {
    const shown = Array.isArray(shape) ? `[${shape.join(", ")}]` : String(shape);
    throw stepsInvalid(path, `its shape is ${shown}, not [${column.shape.join(", ")}]`);
  }
  if (!Number.isSafeInteger(offset) || (offset as number) < 0 || (offset as number) % ALIGNMENT !== 0)
    throw stepsInvalid(path, `the offset ${String(offset)} is no multiple of ${ALIGNMENT}`);
  const start = offset as number;
  const end = start + sizeOf(column.shape) * bytesOf(dtype);
  if (end > bytes) throw stepsInvalid(path, `it ends at byte ${end}, but there are ${bytes} bytes of arrays`);
  return { dtype, start, end };
}

/** Arrays that overlap are a mistake in their offsets; and each byte being read once bounds the work. */
function checkApart(spans: readonly Span[]): void {
  const inOrder = spans.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start);
  for (let at = 1; at < inOrder.length; at++) {
    const [{ name: other, end }, { name, start }] = [inOrder[at - 1]!, inOrder[at]!];
    if (start < end) throw stepsInvalid(`arrays.${name}`, `it shares bytes with '${other}'`);
  }
}

function columnsOf(
  head: Head,
  starts: Head,
  arrays: ReadonlyMap<string, TypedArray>,
  sizes: ColumnSizes,
): StepColumns {
  const columns: { [field: string]: unknown } = {
    shape: head["shape"],
    time: either("time", head["time"], arrays.get("time")),
    ...optional("envs", head["envs"]),
    ...optional("tasks", head["tasks"]),
    ...optional("operationNames", head["operation_names"]),
  };
  for (const name of PLAIN_COLUMNS) if (arrays.has(name)) columns[name] = arrays.get(name);
  const named: { readonly [group: string]: { [name: string]: NumberArray } } = { metrics: {}, info: {} };
  for (const [name, array] of arrays) {
    const place = namedColumn(name);
    if (place === null) continue;
    checkKey(place.key, `arrays.${place.group}`);
    named[place.group]![place.key] = array as NumberArray;
  }
  // Complete only after the checks of `ColumnStream.open`.
  return {
    ...columns,
    ...named,
    ...optional("starts", startsOf(starts, arrays, sizes)),
  } as unknown as StepColumns;
}

const START_FIELDS: readonly string[] = [...Object.keys(START_LISTS), "mode", "key", "meta"];

function startsOf(
  starts: Head,
  arrays: ReadonlyMap<string, TypedArray>,
  sizes: ColumnSizes,
): EpisodeStarts | undefined {
  for (const field of Object.keys(starts)) {
    if (!START_FIELDS.includes(field))
      throw stepsInvalid(`starts.${field}`, `there is no such field; there are ${START_FIELDS.join(", ")}`);
  }
  if (sizes.starts === 0 && Object.keys(starts).length === 0) return undefined;
  const { mode, key, meta } = starts;
  const made: { [field: string]: unknown } = { ...optional("mode", mode), ...optional("key", key) };
  for (const [field, array] of Object.entries(START_LISTS)) {
    const list = either(`starts.${field}`, starts[field], arrays.get(array));
    if (list !== undefined) made[field] = list;
  }
  for (const [field, array] of Object.entries(START_GRIDS)) {
    if (arrays.has(array)) made[field] = arrays.get(array);
  }
  if (Array.isArray(meta)) {
    made["meta"] = meta.map((own, index) => parseFreeObject(own, `starts.meta[${index}]`, { wire: true }));
  } else if (meta !== undefined) throw stepsInvalid("starts.meta", "it is no list");
  return made as unknown as EpisodeStarts;
}

/** What may stand in the head or among the arrays. */
function either(path: string, inHead: unknown, array: unknown): unknown {
  if (inHead !== undefined && array !== undefined)
    throw stepsInvalid(path, "it is in the head and among the arrays");
  return inHead ?? array;
}

function optional(name: string, value: unknown): { [name: string]: unknown } {
  return value === undefined ? {} : { [name]: value };
}

/** S, by the list or by the array that replaces it. */
function countStarts({ t }: Head, { start_t: entry }: Head): number {
  if (Array.isArray(t)) return t.length;
  const shape: unknown = Array.isArray(entry) ? entry[1] : undefined;
  const length: unknown = Array.isArray(shape) ? shape[0] : undefined;
  return Number.isSafeInteger(length) && (length as number) >= 0 ? (length as number) : 0;
}

function objectAt(head: Head, field: string): Head {
  const value = head[field];
  if (!isObject(value)) throw stepsInvalid(field, "it is no object");
  return value;
}

function countAt(head: Head, field: string): number {
  const value = head[field];
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw stepsInvalid(field, "it is no integer from 0");
  return value as number;
}
