import { encode } from "@msgpack/msgpack";
import { checkColumns } from "../columns/check-columns.js";
import { type ColumnKind, describeColumn } from "../columns/column-shapes.js";
import { stepsInvalid } from "../columns/errors.js";
import type { StepColumns } from "../columns/step-columns.js";
import { escapePlain } from "../record/plain.js";
import type { PlainValue } from "../record/record.js";
import { type Dtype, dtypeOf, encodeArray, type TypedArray } from "./dtype.js";
import { alignUp, PLAIN_COLUMNS, START_GRIDS } from "./steps-message.js";
import { MAX_MESSAGE_BYTES, PREFIX_BYTES } from "./wire.js";

/**
 * A `steps` message after its length, and how many records are made of it: the next message's `seq` is this one's plus
 * that many. Plain lists are sent as i64 or f64. Throws STEPS_INVALID or RECORD_KEY_REFUSED for columns that the
 * recorder would refuse as a whole, and STEPS_INVALID for more than 64 MiB.
 */
export function encodeSteps(
  columns: StepColumns,
  { seq }: { readonly seq: number },
): { readonly bytes: Uint8Array; readonly records: number } {
  const { sizes, ends } = checkColumns(columns);
  const records = sizes.rows * sizes.environments + sizes.starts + ends;
  const entries: { readonly bytes: Uint8Array; readonly offset: number }[] = [];
  const arrays: { [name: string]: readonly [Dtype, readonly number[], number] } = {};
  let raw = 0;
  for (const [name, given] of arraysOf(columns)) {
    const { kind, shape } = describeColumn(name, sizes)!;
    const array = Array.isArray(given) ? typed(name, kind, given) : (given as TypedArray);
    const bytes = encodeArray(array);
    arrays[name] = [dtypeOf(array), shape, raw];
    entries.push({ bytes, offset: raw });
    raw = alignUp(raw + bytes.length);
  }
  const head = encode(
    { type: "steps", seq, records, ...headOf(columns), raw, arrays },
    { ignoreUndefined: true },
  );
  const rawStart = alignUp(head.length);
  const length = rawStart + raw;
  if (length > MAX_MESSAGE_BYTES) {
    throw stepsInvalid(
      "",
      `the message has ${length} bytes, the limit is ${MAX_MESSAGE_BYTES}; send fewer rows`,
    );
  }
  const framed = new Uint8Array(PREFIX_BYTES + length);
  new DataView(framed.buffer).setUint32(0, length, true);
  framed.set(head, PREFIX_BYTES);
  for (const { bytes, offset } of entries) framed.set(bytes, PREFIX_BYTES + rawStart + offset);
  return { bytes: framed, records };
}

function typed(name: string, kind: ColumnKind, list: readonly number[]): TypedArray {
  if (kind === "numbers") return Float64Array.from(list);
  const wrong = list.find((value) => !Number.isSafeInteger(value));
  if (wrong !== undefined) throw stepsInvalid(name, `${wrong} is not an integer within 2^53`);
  return BigInt64Array.from(list, BigInt);
}

function* arraysOf(columns: StepColumns): Generator<readonly [name: string, array: unknown]> {
  if (typeof columns.time !== "number") yield ["time", columns.time];
  for (const name of PLAIN_COLUMNS) if (columns[name] !== undefined) yield [name, columns[name]];
  for (const group of ["metrics", "info"] as const)
    for (const [name, array] of Object.entries(columns[group] ?? {})) yield [`${group}.${name}`, array];
  const { starts } = columns;
  if (starts === undefined || starts.t.length === 0) return;
  for (const [name, wire] of Object.entries(START_GRIDS)) {
    const grids = starts[name as keyof typeof START_GRIDS];
    if (grids !== undefined) yield [wire, grids];
  }
}

function headOf({ shape, envs, time, starts, tasks, operationNames }: StepColumns): object {
  const list = (numbers: ArrayLike<number | bigint>): number[] => Array.from(numbers, Number);
  return {
    shape,
    envs: envs === undefined ? undefined : list(envs),
    time: typeof time === "number" ? time : undefined,
    starts:
      starts === undefined
        ? undefined
        : {
            t: list(starts.t),
            env: list(starts.env),
            task: list(starts.task),
            pair: list(starts.pair),
            mode: starts.mode,
            key: starts.key,
            meta: starts.meta?.map((meta) => escapePlain(meta as PlainValue)),
          },
    tasks,
    operation_names: operationNames,
  };
}
