/**
 * The opcodes that are written and read, of pickle protocol 5 (PEP 574). The one name that they
 * may bring in is NDARRAY.
 *
 * Source: Lib/pickle.py and Lib/pickletools.py of CPython.
 */
export const OP = {
  proto: 0x80,
  stop: 0x2e,
  mark: 0x28,
  none: 0x4e,
  newTrue: 0x88,
  newFalse: 0x89,
  /** u8, u16, i32, little-endian. */
  binInt1: 0x4b,
  binInt2: 0x4d,
  binInt: 0x4a,
  /** Length u8, then two's complement, little-endian. */
  long1: 0x8a,
  /** f64, big-endian. */
  binFloat: 0x47,
  /** Length u8 or u32, then UTF-8 in which lone surrogates are encoded as any other code point. */
  shortBinUnicode: 0x8c,
  binUnicode: 0x58,
  /** Length u64, then the bytes. */
  byteArray8: 0x96,
  emptyList: 0x5d,
  appends: 0x65,
  emptyDict: 0x7d,
  setItems: 0x75,
  tuple2: 0x86,
  tuple3: 0x87,
  /** Module and name, each ended by a line feed. */
  global: 0x63,
  reduce: 0x52,
} as const;

export const PROTOCOL = 5;

/** What an array is rebuilt with: `numpy.ndarray(shape, dtype, buffer)`, by its public name. */
export const NDARRAY = { module: "numpy", name: "ndarray" } as const;
/** Of uint8. */
export const DTYPE = "|u1";
