import { NUMBER_CHUNK_STEPS, TEXT_CHUNK_BYTES } from "./layout.js";
import type { Hdf5Group } from "./library.js";

/** gzip level 1..9; 0 = not compressed. */
export type CompressionLevel = number;

export type NumberArray = Uint8Array | Int8Array | Int32Array | Float64Array;

export interface NumberColumnOptions<A extends NumberArray> {
  readonly array: new (length: number) => A;
  /** Shape of one row; [] for a single number. */
  readonly rowShape?: readonly number[];
  /** What a row holds until it is set. */
  readonly fill?: number;
  readonly rowsPerChunk?: number;
}

/** A dataset whose first dimension is the step. Both kinds of columns are written a whole chunk at a time. */
export interface Column {
  /** Writes what is left over. */
  finish(): void;
}

/** A dataset of numbers: `next()` gives the row of the next step to be filled in. */
export class NumberColumn<A extends NumberArray> implements Column {
  readonly #rows: ChunkedDataset;
  readonly #buffer: A;
  readonly #rowSize: number;
  readonly #rowsPerChunk: number;
  readonly #fill: number;
  #filled = 0;

  constructor(group: Hdf5Group, name: string, level: CompressionLevel, options: NumberColumnOptions<A>) {
    const { rowShape = [], fill = 0, rowsPerChunk = NUMBER_CHUNK_STEPS } = options;
    this.#rowSize = rowShape.reduce((size, side) => size * side, 1);
    this.#rowsPerChunk = rowsPerChunk;
    this.#fill = fill;
    this.#buffer = new options.array(this.#rowSize * rowsPerChunk);
    this.#buffer.fill(fill);
    this.#rows = new ChunkedDataset(group, name, level, rowShape, rowsPerChunk, dtypeOf(this.#buffer));
  }

  /** Belongs to the column, and to the caller until the next call. */
  next(): A {
    if (this.#filled === this.#rowsPerChunk) this.#flush();
    const start = this.#filled * this.#rowSize;
    this.#filled += 1;
    return this.#buffer.subarray(start, start + this.#rowSize) as A;
  }

  push(value: number): void {
    this.next()[0] = value;
  }

  finish(): void {
    this.#rows.isWhole = true;
    this.#flush();
  }

  #flush(): void {
    this.#rows.append(this.#buffer.subarray(0, this.#filled * this.#rowSize), this.#filled);
    this.#buffer.fill(this.#fill);
    this.#filled = 0;
  }
}

/** A dataset of texts of up to `bytes` bytes of UTF-8. Fixed in width, since variable ones cannot be compressed. */
export class TextColumn implements Column {
  readonly #rows: ChunkedDataset;
  readonly #rowsPerChunk: number;
  #texts: string[] = [];

  constructor(group: Hdf5Group, name: string, level: CompressionLevel, bytes: number) {
    const width = Math.max(1, bytes);
    this.#rowsPerChunk = Math.max(1, Math.min(NUMBER_CHUNK_STEPS, Math.floor(TEXT_CHUNK_BYTES / width)));
    this.#rows = new ChunkedDataset(group, name, level, [], this.#rowsPerChunk, `S${width}`);
  }

  push(text: string): void {
    this.#texts.push(text);
    if (this.#texts.length === this.#rowsPerChunk) this.#flush();
  }

  finish(): void {
    this.#rows.isWhole = true;
    this.#flush();
  }

  #flush(): void {
    this.#rows.append(this.#texts, this.#texts.length);
    this.#texts = [];
  }
}

/**
 * Created with its first rows and then resized for the others. One whose first rows are all of them has one chunk of just that
 * size, which needs no index: an index alone takes 2 kB.
 */
class ChunkedDataset {
  /** What is appended next are the last rows. */
  isWhole = false;
  readonly #create: (data: NumberArray | string[], rows: number) => ReturnType<Hdf5Group["create_dataset"]>;
  readonly #rowShape: readonly number[];
  #dataset: ReturnType<Hdf5Group["create_dataset"]> | null = null;
  #rows = 0;

  constructor(
    group: Hdf5Group,
    name: string,
    level: CompressionLevel,
    rowShape: readonly number[],
    rowsPerChunk: number,
    dtype: string,
  ) {
    this.#rowShape = rowShape;
    this.#create = (data, rows) =>
      group.create_dataset({
        name,
        data,
        dtype,
        shape: [rows, ...rowShape],
        ...(this.isWhole ? {} : { maxshape: [null, ...rowShape] }),
        chunks: [this.isWhole ? Math.max(1, rows) : rowsPerChunk, ...rowShape],
        ...(level > 0 ? { compression: "gzip" as const, compression_opts: level } : {}),
      });
  }

  append(data: NumberArray | string[], rows: number): void {
    if (this.#dataset === null) {
      this.#dataset = this.#create(data, rows);
    } else if (rows > 0) {
      this.#dataset.resize([this.#rows + rows, ...this.#rowShape]);
      const whole = this.#rowShape.map((side): [number, number] => [0, side]);
      this.#dataset.write_slice([[this.#rows, this.#rows + rows], ...whole], data);
    }
    this.#rows += rows;
  }
}

function dtypeOf(array: NumberArray): string {
  if (array instanceof Uint8Array) return "<B";
  if (array instanceof Int8Array) return "<b";
  return array instanceof Int32Array ? "<i" : "<d";
}
