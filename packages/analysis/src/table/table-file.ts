import { deflateSync, inflateSync } from "node:zlib";
import { decodeColumn, type EncodedColumn, encodeColumn } from "./column-encoding.js";
import type { EpisodeRow, OperationEntry, StepColumn, StepTable } from "./step-table.js";

/** Version of the file; another one is made again. */
export const TABLE_VERSION = 1;
const MAGIC = "EPIX";
const HEAD_START = 8;

interface TableHead {
  readonly version: number;
  /** Of what the table was made from. */
  readonly fingerprint: string;
  readonly rows: number;
  readonly episodes: readonly EpisodeRow[];
  readonly operations: readonly OperationEntry[];
  readonly columns: readonly EncodedColumn[];
}

const COLUMNS: readonly StepColumn[] = [
  "step",
  "operation",
  "reward",
  "similarity",
  "changed",
  "wrong",
  "selected",
  "state",
  "flags",
];

/** The table as a file: "EPIX", length of the head (u32), the head (JSON, deflated), the columns one after another. */
export function encodeTable(table: StepTable, fingerprint: string): Uint8Array {
  const parts = COLUMNS.map((name) => ({ name, ...encodeColumn(table[name]) }));
  const head: TableHead = {
    version: TABLE_VERSION,
    fingerprint,
    rows: table.rows,
    episodes: table.episodes,
    operations: table.operations,
    columns: parts.map(({ name, form, data }) => ({ name, form, bytes: data.length })),
  };
  const headBytes = deflateSync(JSON.stringify(head, numberToWord));
  const start = Buffer.alloc(HEAD_START);
  start.write(MAGIC, "latin1");
  start.writeUInt32LE(headBytes.length, 4);
  return Buffer.concat([start, headBytes, ...parts.map(({ data }) => data)]);
}

/**
 * Reads a table; a column is inflated when it is first asked for, and where its bytes are damaged taken from `rebuild`.
 * Null where the bytes are no table, are damaged in the head, or were made from something else.
 */
export function decodeTable(
  bytes: Uint8Array,
  fingerprint: string,
  rebuild: () => StepTable,
): StepTable | null {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (file.length < HEAD_START || file.toString("latin1", 0, 4) !== MAGIC) return null;
  const headEnd = HEAD_START + file.readUInt32LE(4);
  let head: TableHead;
  try {
    head = JSON.parse(inflateSync(file.subarray(HEAD_START, headEnd)).toString(), wordToNumber) as TableHead;
  } catch {
    return null;
  }
  if (head.version !== TABLE_VERSION || head.fingerprint !== fingerprint) return null;
  if (file.length !== headEnd + head.columns.reduce((sum, { bytes }) => sum + bytes, 0)) return null;
  return lazyTable(head, file, headEnd, rebuild);
}

function lazyTable(head: TableHead, file: Uint8Array, start: number, rebuild: () => StepTable): StepTable {
  const { episodes, operations, rows } = head;
  const table = { episodes, operations, rows };
  let offset = start;
  for (const { name, form, bytes } of head.columns) {
    const data = file.subarray(offset, offset + bytes);
    offset += bytes;
    let column: StepTable[StepColumn] | undefined;
    Object.defineProperty(table, name, {
      enumerable: true,
      get() {
        column ??= readColumn(form, data, emptyColumn(name, rows)) ?? rebuild()[name];
        return column;
      },
    });
  }
  return table as StepTable;
}

/** Null where the bytes are damaged. */
function readColumn(
  form: EncodedColumn["form"],
  data: Uint8Array,
  empty: StepTable[StepColumn],
): StepTable[StepColumn] | null {
  try {
    return decodeColumn(form, data, empty);
  } catch {
    return null;
  }
}

function emptyColumn(name: StepColumn, rows: number): StepTable[StepColumn] {
  switch (name) {
    case "step":
    case "state":
      return new Uint32Array(rows);
    case "reward":
    case "similarity":
      return new Float64Array(rows);
    case "flags":
      return new Uint8Array(rows);
    default:
      return new Uint16Array(rows);
  }
}

/** JSON has no notation for these; an object is no value that a head holds otherwise. */
function numberToWord(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? { $number: String(value) } : value;
}

function wordToNumber(_key: string, value: unknown): unknown {
  const word = (value as { $number?: string } | null)?.$number;
  return typeof word === "string" ? Number(word) : value;
}
