/**
 * Moves the bytes of shared memory from `from` on to `to`, sixteen by sixteen until `end` is reached; true if one of them
 * is above 15.
 */
export type CellMove = (from: number, to: number, end: number) => boolean;

/** As far as it is used here: TypeScript declares it for browsers only. */
interface WebAssemblyNamespace {
  readonly Memory: new (limits: {
    initial: number;
    maximum: number;
    shared: true;
  }) => { readonly buffer: SharedArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { readonly move: (from: number, to: number, end: number) => number } };
}

const PAGE_BYTES = 65_536;
const SHARED_PAGES = [0x03, 0x01, 0x80, 0x80, 0x04];
const HIGH_BITS = new Array<number>(16).fill(0xf0);

/**
 * `move` in the binary form of WebAssembly (core specification 2.0, section 5): cells are looked at while they are moved,
 * sixteen at a time. Looking at them in JavaScript takes longer than copying them does, and looking at them where they
 * were just written has to wait until they are there.
 */
const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...section(0x01, [0x01, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x01, 0x7f]),
  ...section(0x02, [0x01, ...name("ring"), ...name("memory"), 0x02, ...SHARED_PAGES]),
  ...section(0x03, [0x01, 0x00]),
  ...section(0x07, [0x01, ...name("move"), 0x00, 0x00]),
  ...section(0x0a, [
    0x01,
    ...sized([
      ...[0x01, 0x02, 0x7b], // two locals: v128 $bits, v128 $cells
      ...[0x03, 0x40], // loop
      ...[0x20, 0x01, 0x20, 0x00, 0xfd, 0x00, 0x04, 0x00, 0x22, 0x04], // $cells = v128.load($from)
      ...[0xfd, 0x0b, 0x04, 0x00], // v128.store($to, $cells)
      ...[0x20, 0x03, 0x20, 0x04, 0xfd, 0x50, 0x21, 0x03], // $bits |= $cells
      ...[0x20, 0x01, 0x41, 0x10, 0x6a, 0x21, 0x01], // $to += 16
      ...[0x20, 0x00, 0x41, 0x10, 0x6a, 0x22, 0x00], // $from += 16
      ...[0x20, 0x02, 0x49, 0x0d, 0x00, 0x0b], // again if $from < $end
      ...[0x20, 0x03, 0xfd, 0x0c, ...HIGH_BITS, 0xfd, 0x4e, 0xfd, 0x53], // v128.any_true($bits & 0xf0f0…)
      0x0b,
    ]),
  ]),
]);

/** Memory of at least so many bytes that threads share, and what moves cells in it. */
export function allocateCells(bytes: number): {
  readonly buffer: SharedArrayBuffer;
  readonly move: CellMove;
} {
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyNamespace };
  const pages = Math.ceil(bytes / PAGE_BYTES);
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE), { ring: { memory } });
    const { move } = exports;
    return { buffer: memory.buffer, move: (from, to, end) => move(from, to, end) !== 0 };
  } catch {
    // Without a compiler for it (--jitless), or without address space for another such memory.
    const buffer = new SharedArrayBuffer(bytes);
    return { buffer, move: moveInJavaScript(buffer) };
  }
}

export function moveInJavaScript(buffer: SharedArrayBuffer): CellMove {
  const bytes = new Uint8Array(buffer);
  const words = new Int32Array(buffer);
  return (from, to, end) => {
    let bits = 0;
    const last = (end + 3) >> 2;
    for (let word = from >> 2; word < last; word++) bits |= words[word]!;
    bytes.copyWithin(to, from, end);
    return (bits & 0xf0f0f0f0) !== 0;
  };
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

function name(text: string): number[] {
  return sized([...Buffer.from(text)]);
}

/** Lengths here stay below 128, where one byte holds them. */
function sized(content: readonly number[]): number[] {
  return [content.length, ...content];
}
