import { type ColumnKind, describeColumn, sizeOf } from "./column-shapes.js";
import { stepsInvalid } from "./errors.js";
import type { ColumnSizes } from "./step-columns.js";

/** A column of numbers as it is read. */
export interface NumberColumn {
  /** Of 64-bit integers: rounded where they are beyond 2^53. */
  readonly values: ArrayLike<number>;
  /** The 64-bit integers that `values` were made of. */
  readonly exact: BigInt64Array | null;
}

const WANTED: { readonly [Kind in ColumnKind]: string } = {
  bytes: "bytes (a Uint8Array, u8 on the wire)",
  integers: "integers",
  numbers: "numbers",
};

/** Looks at arrays: their kind, and their length by the shape that the sizes ask for. Throws STEPS_INVALID. */
export class ColumnArrays {
  readonly #sizes: ColumnSizes;

  constructor(sizes: ColumnSizes) {
    this.#sizes = sizes;
  }

  bytes(name: string, array: unknown): Uint8Array {
    this.#check(name, array);
    return array as Uint8Array;
  }

  numbers(name: string, array: unknown): NumberColumn {
    this.#check(name, array);
    if (array instanceof BigInt64Array) return { values: Float64Array.from(array, Number), exact: array };
    return { values: array as ArrayLike<number>, exact: null };
  }

  optional(name: string, array: unknown): NumberColumn | null {
    return array === undefined ? null : this.numbers(name, array);
  }

  #check(name: string, array: unknown): void {
    const { kind, shape } = describeColumn(name, this.#sizes)!;
    if (array === undefined) throw stepsInvalid(name, "it is missing");
    if (!isOfKind(array, kind)) throw stepsInvalid(name, `it is no array of ${WANTED[kind]}`);
    const length = sizeOf(shape);
    if (array.length !== length) {
      throw stepsInvalid(
        name,
        `it has ${array.length} entries, the shape [${shape.join(", ")}] needs ${length}`,
      );
    }
  }
}

/** A short list of integers, as plain numbers. Throws STEPS_INVALID. */
export function integersOf(path: string, values: unknown, count: number): readonly number[] {
  if (!isArrayLike(values)) throw stepsInvalid(path, "it is missing, or no list of integers");
  if (values.length !== count) throw stepsInvalid(path, `it has ${values.length} entries, not ${count}`);
  return Array.from(values, (value, index) => {
    const number = typeof value === "bigint" ? Number(value) : value;
    if (!Number.isSafeInteger(number))
      throw stepsInvalid(`${path}[${index}]`, `${String(value)} is not an integer`);
    return number;
  });
}

/** A plain list, or a typed array of a kind that columns may have. */
export function isArrayLike(value: unknown): value is ArrayLike<number | bigint> {
  if (Array.isArray(value)) return true;
  if (!ArrayBuffer.isView(value)) return false;
  return !(value instanceof DataView || value instanceof BigUint64Array);
}

function isOfKind(array: unknown, kind: ColumnKind): array is ArrayLike<unknown> {
  if (kind === "bytes") return array instanceof Uint8Array;
  if (!isArrayLike(array)) return false;
  if (Array.isArray(array)) return array.every((item) => typeof item === "number");
  return kind === "numbers" || !(array instanceof Float32Array || array instanceof Float64Array);
}
