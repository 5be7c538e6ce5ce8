import { inflateRawSync } from "node:zlib";

/** An array of numpy's: numbers or texts, flat, row-major. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number> & Iterable<number>;
  readonly texts: readonly string[];
}

const DIRECTORY_END = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DEFLATED = 8;

/** The arrays of an `.npz` file: a zip of `.npy` files. */
export function readNpz(bytes: Uint8Array): Map<string, NpyArray> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== DIRECTORY_END) end--;
  const count = view.getUint16(end + 10, true);
  const arrays = new Map<string, NpyArray>();
  for (let entry = 0, at = view.getUint32(end + 16, true); entry < count; entry++) {
    if (view.getUint32(at, true) !== DIRECTORY_ENTRY) throw new Error(`no entry at ${at}`);
    const [method, size, header] = [
      view.getUint16(at + 10, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ];
    const nameLength = view.getUint16(at + 28, true);
    const name = Buffer.from(bytes.subarray(at + 46, at + 46 + nameLength)).toString();
    const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    const packed = bytes.subarray(start, start + size);
    arrays.set(name.replace(/\.npy$/, ""), readNpy(method === DEFLATED ? inflateRawSync(packed) : packed));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return arrays;
}

function readNpy(bytes: Uint8Array): NpyArray {
  const length = bytes[8]! | (bytes[9]! << 8);
  const header = Buffer.from(bytes.subarray(10, 10 + length)).toString("latin1");
  const descr = /'descr': '([^']+)'/.exec(header)![1]!;
  const shape = [.../'shape': \(([^)]*)\)/.exec(header)![1]!.matchAll(/\d+/g)].map(Number);
  if (header.includes("'fortran_order': True")) throw new Error("columns first");
  const { buffer } = Uint8Array.from(bytes.subarray(10 + length));
  if (descr.startsWith("<U")) return { shape, data: [], texts: texts(buffer, Number(descr.slice(2))) };
  return { shape, data: numbers(descr, buffer), texts: [] };
}

function numbers(descr: string, buffer: ArrayBuffer): NpyArray["data"] {
  if (descr === "<i4") return new Int32Array(buffer);
  if (descr === "<f4") return new Float32Array(buffer);
  if (descr === "|i1") return new Int8Array(buffer);
  if (descr === "|b1") return new Uint8Array(buffer);
  throw new Error(`numbers of ${descr}`);
}

/** Of numpy's fixed length, four bytes a character. */
function texts(buffer: ArrayBuffer, length: number): string[] {
  const points = new Uint32Array(buffer);
  return Array.from({ length: points.length / length }, (_, at) =>
    String.fromCodePoint(...points.subarray(at * length, (at + 1) * length)).replace(/\0+$/, ""),
  );
}
