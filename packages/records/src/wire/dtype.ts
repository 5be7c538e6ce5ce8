/** Number formats of the arrays of a `steps` message. */
export const DTYPES = ["u8", "i8", "u16", "i16", "u32", "i32", "i64", "f16", "bf16", "f32", "f64"] as const;
export type Dtype = (typeof DTYPES)[number];

/** The typed arrays that hold what is decoded. */
export type TypedArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

interface Format {
  readonly bytes: number;
  readonly view: new (buffer: ArrayBufferLike, offset: number, length: number) => TypedArray;
  /** Makes 32-bit floats of formats that JavaScript has no arrays for. */
  readonly widen?: (raw: Uint16Array) => Float32Array;
}

const FORMATS: { readonly [Name in Dtype]: Format } = {
  u8: { bytes: 1, view: Uint8Array },
  i8: { bytes: 1, view: Int8Array },
  u16: { bytes: 2, view: Uint16Array },
  i16: { bytes: 2, view: Int16Array },
  u32: { bytes: 4, view: Uint32Array },
  i32: { bytes: 4, view: Int32Array },
  i64: { bytes: 8, view: BigInt64Array },
  f16: { bytes: 2, view: Uint16Array, widen: widenHalf },
  bf16: { bytes: 2, view: Uint16Array, widen: widenBrain },
  f32: { bytes: 4, view: Float32Array },
  f64: { bytes: 8, view: Float64Array },
};

/** Whether this machine has the wire's order of bytes. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export function isDtype(name: unknown): name is Dtype {
  return typeof name === "string" && Object.hasOwn(FORMATS, name);
}

export function bytesOf(dtype: Dtype): number {
  return FORMATS[dtype].bytes;
}

/** The format of a typed array. Throws a TypeError for an array that the wire has no format for. */
export function dtypeOf(array: TypedArray): Dtype {
  const found = DTYPES.find(
    (name) => FORMATS[name].widen === undefined && array instanceof FORMATS[name].view,
  );
  if (found === undefined)
    throw new TypeError(`the wire has no format for a ${(array as object).constructor.name}`);
  return found;
}

/** Elements of little-endian bytes: a view of them where they lie at a multiple of their size, else a copy. */
export function decodeArray(dtype: Dtype, bytes: Uint8Array): TypedArray {
  const { bytes: size, view: View, widen } = FORMATS[dtype];
  const isAligned = bytes.byteOffset % size === 0 && (IS_LITTLE_ENDIAN || size === 1);
  const aligned = isAligned ? bytes : inOrder(Uint8Array.from(bytes), size);
  const array = new View(aligned.buffer, aligned.byteOffset, aligned.length / size);
  return widen === undefined ? array : widen(array as Uint16Array);
}

/** The little-endian bytes of an array: a view of it where it lies so in memory, else a copy. */
export function encodeArray(array: TypedArray): Uint8Array {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return IS_LITTLE_ENDIAN ? bytes : inOrder(Uint8Array.from(bytes), array.BYTES_PER_ELEMENT);
}

function inOrder(bytes: Uint8Array, size: number): Uint8Array {
  if (!IS_LITTLE_ENDIAN)
    for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
  return bytes;
}

/** IEEE 754 binary16: 1 bit sign, 5 bits exponent, 10 bits fraction. */
function widenHalf(raw: Uint16Array): Float32Array {
  const floats = new Float32Array(raw.length);
  for (let at = 0; at < raw.length; at++) {
    const bits = raw[at]!;
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) floats[at] = sign * fraction * 2 ** -24;
    else if (exponent < 0x1f) floats[at] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    else floats[at] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  }
  return floats;
}

/** bfloat16: the upper half of a 32-bit float. */
function widenBrain(raw: Uint16Array): Float32Array {
  const words = new Uint32Array(raw.length);
  for (let at = 0; at < raw.length; at++) words[at] = raw[at]! << 16;
  return new Float32Array(words.buffer);
}
