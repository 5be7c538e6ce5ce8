import { createRequire } from "node:module";

interface GifFrameOptions {
  readonly palette: readonly (readonly number[])[];
  /** Milliseconds; the format keeps hundredths of a second. */
  readonly delay: number;
  /** 0 = for ever. */
  readonly repeat?: number;
  readonly transparent?: boolean;
  readonly transparentIndex?: number;
  /** 1 = the next frame is painted over this one. */
  readonly dispose: number;
}

interface GifStream {
  writeFrame(index: Uint8Array, width: number, height: number, options: GifFrameOptions): void;
  finish(): void;
  bytes(): Uint8Array;
}

/** The part of gifenc 1.0.3 that is used; the package has no types. */
interface Gifenc {
  GIFEncoder(): GifStream;
  quantize(rgba: Uint8Array, colors: number): number[][];
  applyPalette(rgba: Uint8Array, palette: readonly (readonly number[])[]): Uint8Array;
}

/** The package is CommonJS with a `default` of its own, on which loaders disagree; `require` is plain. */
export function gifenc(): Gifenc {
  return createRequire(import.meta.url)("gifenc") as Gifenc;
}
