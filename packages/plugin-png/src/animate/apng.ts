import { deflateSync } from "node:zlib";
import { indexedHeader, paletteChunk, pngChunk, pngFile, trueColorHeader } from "../encode/png-chunks.js";
import { changedBox, type Frame } from "./frames.js";

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Frames as an APNG that repeats for ever (https://www.w3.org/TR/png-3/#apngFrame-based-animation). Each frame
 * holds only the box that changed. Where all frames together have at most 256 colours it is an image with a
 * palette, else one in true colour; a reader that knows no APNG shows the first frame.
 */
export function writeApng(frames: Iterable<Frame>): Uint8Array {
  const parts: { readonly box: Box; readonly rgb: Int32Array; readonly delayMs: number }[] = [];
  const entries = new Map<number, number>();
  let before: Frame | null = null;
  for (const frame of frames) {
    const whole = { x: 0, y: 0, width: frame.width, height: frame.height };
    // A frame without a change still lasts its time: one pixel of it is enough.
    const box = before === null ? whole : (changedBox(before, frame) ?? { x: 0, y: 0, width: 1, height: 1 });
    parts.push({ box, rgb: cut(frame, box, entries), delayMs: frame.delayMs });
    before = frame;
  }
  const [first] = parts as [(typeof parts)[0]];
  const indexed = entries.size <= 256;
  const chunks = [
    (indexed ? indexedHeader : trueColorHeader)(first.box.width, first.box.height),
    pngChunk("acTL", words(parts.length, 0)),
  ];
  if (indexed) {
    const colors = new Uint8Array(3 * entries.size);
    for (const [color, entry] of entries) colors.set([color >> 16, color >> 8, color], 3 * entry);
    chunks.push(paletteChunk(colors));
  }
  let sequence = 0;
  for (const { box, rgb, delayMs } of parts) {
    const control = new Uint8Array(26);
    const view = new DataView(control.buffer);
    [sequence++, box.width, box.height, box.x, box.y].forEach((value, i) => {
      view.setUint32(4 * i, value);
    });
    view.setUint16(20, delayMs);
    view.setUint16(22, 1000);
    chunks.push(pngChunk("fcTL", control));
    const data = deflateSync(scanlines(box, rgb, indexed ? entries : null), { level: 6 });
    if (sequence === 1) chunks.push(pngChunk("IDAT", data));
    else chunks.push(pngChunk("fdAT", Buffer.concat([words(sequence++), data])));
  }
  return pngFile(chunks);
}

/** The box's pixels as colours; new colours get the next entry. */
function cut({ width, pixels, colors }: Frame, box: Box, entries: Map<number, number>): Int32Array {
  const rgb = new Int32Array(box.width * box.height);
  let at = 0;
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++) {
      const i = 3 * pixels[y * width + x]!;
      rgb[at++] = (colors[i]! << 16) | (colors[i + 1]! << 8) | colors[i + 2]!;
    }
  }
  for (const color of new Set(rgb)) if (!entries.has(color)) entries.set(color, entries.size);
  return rgb;
}

/** Filter None on each line; `entries` null = three bytes a pixel. */
function scanlines(box: Box, rgb: Int32Array, entries: ReadonlyMap<number, number> | null): Uint8Array {
  const bytes = new Uint8Array(box.height * (1 + box.width * (entries === null ? 3 : 1)));
  let to = 0;
  let from = 0;
  for (let y = 0; y < box.height; y++) {
    to++;
    for (let x = 0; x < box.width; x++) {
      const color = rgb[from++]!;
      if (entries !== null) bytes[to++] = entries.get(color)!;
      else {
        bytes[to++] = color >> 16;
        bytes[to++] = color >> 8;
        bytes[to++] = color;
      }
    }
  }
  return bytes;
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setUint32(4 * i, value);
  });
  return bytes;
}
