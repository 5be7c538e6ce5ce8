/** Cells of the largest grid that goes through a slot, 30x30; a larger one takes the side channel. */
export const MAX_CELLS_IN_SLOT = 900;

/** 32-bit words from one word of the control to the next: 128 bytes, so that no two stand in one line of a cache. */
const LINE = 32;

/**
 * What lies where in the memory that producer and pipeline share. One side writes each word, and a word that the other
 * side reads for every step is not taken out of its cache by what is written beside it.
 *
 * Control: 32-bit words, changed by atomic operations only, and one 64-bit number.
 */
export const CONTROL: {
  readonly head: number;
  readonly tail: number;
  readonly wake: number;
  readonly asleep: number;
  readonly waiting: number;
  readonly detail: number;
  readonly request: number;
  readonly answer: number;
  readonly stop: number;
  readonly ended: number;
  readonly beat: number;
  readonly closed: number;
  readonly owed: number;
  readonly pathLength: number;
} = {
  /** Slots published so far. The producer's. */
  head: 0 * LINE,
  /** Slots that may be used again: what stood in them is in the journal, or given up and counted. The pipeline's. */
  tail: 1 * LINE,
  /** 1 = there is reason to look at once. */
  wake: 2 * LINE,
  /** 1 = the pipeline looks again only when a message comes. */
  asleep: 3 * LINE,
  /** 1 = the producer waits for `tail`. */
  waiting: 4 * LINE,
  /** The detail of drawing that the budget allows. The producer's. */
  detail: 5 * LINE,
  /** Number of the last request for everything to be handed to the system; the producer's. */
  request: 6 * LINE,
  /** Number of the last of these that was done. */
  answer: 7 * LINE,
  /** 1 = the pipeline is to touch no file any more. The producer's. */
  stop: 8 * LINE,
  /** 1 = the thread of the pipeline has ended. */
  ended: 9 * LINE,
  /** Changes as long as the pipeline lives. */
  beat: 10 * LINE,
  /** 1 = the pipeline has closed its files: nothing is left to wait for. */
  closed: 11 * LINE,
  /** Records whose slots were given back while the system refused them: they are in the memory of the pipeline only. */
  owed: 12 * LINE,
  /** Bytes of the path of the directory in which the pipeline goes on; 0 while it is the first one. */
  pathLength: 13 * LINE,
};

/** Bytes of the words above and of the number below. */
export const CONTROL_BYTES: number = 15 * LINE * 4;
/** Room for one path. */
export const PATH_BYTES: number = 64 << 10;
/** Of the last acknowledged seq, in 64-bit words. */
export const ACKNOWLEDGED_WORD: number = (14 * LINE * 4) / 8;

/** 64-bit floats of a slot, counted from its start. */
export const DOUBLE: {
  readonly time: number;
  readonly reward: number;
  readonly priority: number;
  readonly seq: number;
  readonly step: number;
  readonly operation: number;
} = { time: 0, reward: 1, priority: 2, seq: 3, step: 4, operation: 5 };

/** 32-bit words of a slot, counted from its start. */
export const WORD: {
  readonly kind: number;
  readonly episode: number;
  readonly flags: number;
  readonly shape: number;
  readonly selection: number;
} = {
  /** One of KIND. */
  kind: 12,
  episode: 13,
  /** Bits of FLAG. */
  flags: 14,
  /** Of `info`; -1 for an empty one. */
  shape: 15,
  /** Length of a mask; a point (2), or a box (4). */
  selection: 16,
};

/** Bytes of a slot: sides, and where each grid begins within its place. */
export const BYTE: {
  readonly rows: number;
  readonly columns: number;
  readonly beforeRows: number;
  readonly beforeColumns: number;
  readonly afterShift: number;
  readonly maskShift: number;
  readonly beforeShift: number;
} = {
  rows: 80,
  columns: 81,
  beforeRows: 82,
  beforeColumns: 83,
  afterShift: 84,
  maskShift: 85,
  beforeShift: 86,
};

export const KIND: { readonly step: number; readonly message: number } = {
  step: 1,
  /** The record stands in the side channel. */
  message: 2,
};

export const FLAG: {
  readonly terminated: number;
  readonly truncated: number;
  readonly before: number;
  readonly mask: number;
  readonly point: number;
  readonly bbox: number;
} = { terminated: 1, truncated: 2, before: 4, mask: 8, point: 16, bbox: 32 };

export const INFO_OFFSET = 96;
export const INFO_BYTES = 240;
/**
 * A place for the cells of one grid, and up to 7 bytes before them: bytes are copied eight at a time only where source
 * and target have the same address modulo 8.
 */
export const CELLS_BYTES: number = MAX_CELLS_IN_SLOT + 12;
export const MASK_OFFSET: number = INFO_OFFSET + INFO_BYTES;
export const AFTER_OFFSET: number = MASK_OFFSET + CELLS_BYTES;
export const BEFORE_OFFSET: number = AFTER_OFFSET + CELLS_BYTES;
export const SLOT_BYTES: number = BEFORE_OFFSET + CELLS_BYTES;
