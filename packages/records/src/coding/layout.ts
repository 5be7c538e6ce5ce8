/**
 * The constants of journal files; `docs/formats.md` is the specification. All integers are little-endian.
 */

/** As in PNG: a byte above 127, then the name, then both kinds of line end, to notice text-mode damage. */
export const MAGIC: Uint8Array = Uint8Array.from([0x89, 0x45, 0x50, 0x49, 0x0d, 0x0a, 0x1a, 0x0a]);
/** The newest version of files that this program reads. */
export const FORMAT_VERSION = 2;
export const HEADER_BYTES = 40;
export const WRITER_BYTES = 20;
export const WRITER_NAME = "episcope 0.1";

/** Before each frame's body: length of the body (u32) and CRC-32 of length and body (u32). */
export const FRAME_HEAD_BYTES = 8;
/** Largest body of a frame: a record of 64 MiB and what surrounds it. */
export const MAX_FRAME_BYTES: number = 80 * 2 ** 20;

/** At the end of a sealed file: offset of the index frame (u64), CRC-32 of these 8 bytes (u32), "EPIX". */
export const TRAILER_BYTES = 16;
/** Of version 2: offset of the index frame (u64), checksum before it (u32), CRC-32 of these 12 bytes (u32), "EPIX". */
export const TRAILER_BYTES_2 = 20;
export const TRAILER_MAGIC: Uint8Array = Uint8Array.from([0x45, 0x50, 0x49, 0x58]);

/** First byte of a frame's body. */
export const BODY = {
  runStart: 1,
  episodeStart: 2,
  step: 3,
  episodeEnd: 4,
  metrics: 5,
  batch: 6,
  runEnd: 7,
  block: 0x40,
  index: 0x41,
  indexDetails: 0x42,
  /** Of a log: a record with its place and what was decided, the head of a segment, a removal. */
  logRecord: 0x10,
  logSegment: 0x11,
  logRemoval: 0x12,
} as const;

/** What a file is, in its head. */
export const FILE_KIND = { open: 0, sealed: 1, growing: 2, log: 3 } as const;

/** Flags of what was decided about a record. */
export const DECISION = {
  key: 1,
  /** A double follows. */
  priority: 2,
  draw: 4,
  noDraw: 8,
  noGlobalStep: 16,
  /** Counts of records that were lost before it follow. */
  lost: 32,
} as const;
/** Added to a record's first byte: decoding starts afresh here, and what it needs of the past follows. */
export const SEGMENT_START = 0x80;
/** Steps (or metrics, or batches) of a segment. */
export const SEGMENT_RECORDS = 64;
/** A segment of larger records ends earlier, at this many bytes. */
export const SEGMENT_BYTES: number = 2 ** 20;
/** Records of all types in a segment: it bounds what reading a block can cost. */
export const MAX_SEGMENT_RECORDS = 4096;
/** Cells of a grid: what 64 rows and columns have. */
export const MAX_GRID_CELLS = 4096;

/** Of a segment in the index: offset of its frame (u48), number of its first step (u48), records (u32). */
export const SEGMENT_ROW_BYTES = 16;
/** Of version 2: the checksum of the frame before it (u32) as well. */
export const SEGMENT_ROW_BYTES_2 = 20;

/** How the payload of a block or of the index's details is stored. */
export const METHOD = { stored: 0, deflate: 1 } as const;

/** Tags of values; 0x00..0x7f are the integers 0..127. */
export const TAG = {
  null: 0x80,
  false: 0x81,
  true: 0x82,
  minusZero: 0x83,
  nan: 0x84,
  infinity: 0x85,
  minusInfinity: 0x86,
  /** Zigzag varint. */
  integer: 0x87,
  f32: 0x88,
  f64: 0x89,
  /** Varint k: k divided by the number of target cells. */
  fraction: 0x8a,
  /** As `fraction`, rounded to 32 bits. */
  fraction32: 0x8b,
  /** Varint of bytes, UTF-8; joins the table of texts. */
  text: 0x8c,
  /** Varint: number in the table of texts. */
  textReference: 0x8d,
  /** As `text`, but does not join the table. */
  longText: 0x8e,
  /** Varint of units, UTF-16: a text with lone surrogates. */
  text16: 0x8f,
  /** 0x90 + d: zigzag varint n, the number n / 10^d. */
  decimal: 0x90,
  /** 0xa0 + d: as `decimal`, rounded to 32 bits. */
  decimal32: 0xa0,
  /** Varint of items, then values. */
  list: 0xb0,
  /** Varint: number in the table of shapes, then one value per key. */
  object: 0xb1,
  /** Varint of keys, the keys as values, then one value per key; the keys join the table of shapes. */
  newShape: 0xb2,
  /** Lists of numbers: varint of items, then each as u8, f32, f64. */
  byteList: 0xb3,
  f32List: 0xb4,
  f64List: 0xb5,
} as const;

export const MAX_DECIMALS = 6;
/** Longest text, in UTF-16 units, that joins the table of texts; and most entries of the table. */
export const TABLE_TEXT_LENGTH = 256;
export const TABLE_TEXTS = 4096;
/** Lists of numbers from this length on are stored flat. */
export const FLAT_LIST_LENGTH = 8;

/** Bits of a step's flags. */
export const STEP = {
  episode: 1,
  before: 2,
  state: 4,
  name: 8,
  terminated: 16,
  truncated: 32,
  selectionShift: 6,
} as const;
export const SELECTION = { none: 0, mask: 1, point: 2, bbox: 3 } as const;

/** Lead byte of a grid: form, whether a shape follows, where the padding mask comes from. */
export const GRID = {
  formMask: 0x07,
  same: 0,
  runs: 1,
  packed: 2,
  raw: 3,
  shape: 0x08,
  maskShift: 4,
} as const;
export const GRID_MASK = { none: 0, same: 1, follows: 2 } as const;

/** Lead byte of a mask. */
export const MASK = { runs: 0, raw: 1, changes: 2, bits: 3 } as const;
