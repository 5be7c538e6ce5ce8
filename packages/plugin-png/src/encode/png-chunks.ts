import { crc32 } from "node:zlib";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** One chunk: length, type, data, CRC-32 of type and data. */
export function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** Header of an image with a palette, one byte a pixel. */
export function indexedHeader(width: number, height: number): Uint8Array {
  return header(width, height, 3);
}

/** Header of an image with red, green and blue, one byte each. */
export function trueColorHeader(width: number, height: number): Uint8Array {
  return header(width, height, 2);
}

function header(width: number, height: number, colorType: 2 | 3): Uint8Array {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data[8] = 8;
  data[9] = colorType;
  return pngChunk("IHDR", data);
}

/** `colors`: red, green, blue of each palette entry, three bytes each, at most 256 entries. */
export function paletteChunk(colors: Uint8Array): Uint8Array {
  return pngChunk("PLTE", colors);
}

/** A whole file from its chunks; signature and end are added. */
export function pngFile(chunks: readonly Uint8Array[]): Uint8Array {
  return joined([SIGNATURE, ...chunks, pngChunk("IEND", new Uint8Array(0))]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
