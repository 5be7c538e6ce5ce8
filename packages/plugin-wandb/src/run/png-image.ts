import { PNG } from "pngjs";
import { notAPng } from "../format/errors.js";

interface PngImage {
  readonly bytes: Uint8Array;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** What it was scaled down from; null where it is as it came. */
  readonly original: readonly [width: number, height: number] | null;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** IHDR is the first chunk: width and height stand at fixed offsets. */
const WIDTH_OFFSET = 16;
const HEIGHT_OFFSET = 20;
const RGB = 2;
const RGBA = 6;

/**
 * Gives the picture as it is where it fits into `limit` (width, height in pixels), else scaled down to fit, its
 * aspect kept: each new pixel is the mean of the area it covers, taken in linear light, so that thin lines and
 * text keep their weight. Throws WANDB_NOT_A_PNG.
 */
export function fitPng(bytes: Uint8Array, limit: readonly [number, number]): PngImage {
  const [width, height] = pngSize(bytes);
  const scale = Math.min(limit[0] / width, limit[1] / height);
  if (scale >= 1) return { bytes, width, height, original: null };

  const image = decode(bytes);
  const newWidth = Math.max(1, Math.floor(width * scale));
  const newHeight = Math.max(1, Math.floor(height * scale));
  const scaled = new PNG({ width: newWidth, height: newHeight });
  scaled.data = scaleDown(image, newWidth, newHeight);
  // Drawings have few colours: unfiltered rows, matched over any distance, take a sixth of pngjs's defaults.
  const colorType = isOpaque(scaled.data) ? RGB : RGBA;
  const out = PNG.sync.write(scaled, { colorType, filterType: 0, deflateLevel: 9, deflateStrategy: 0 });
  return { bytes: out, width: newWidth, height: newHeight, original: [width, height] };
}

function isOpaque(pixels: Uint8Array): boolean {
  for (let index = 3; index < pixels.length; index += 4) if (pixels[index] !== 255) return false;
  return true;
}

function pngSize(bytes: Uint8Array): [width: number, height: number] {
  if (bytes.length < HEIGHT_OFFSET + 4) throw notAPng(`it has ${bytes.length} bytes`);
  if (SIGNATURE.some((byte, index) => bytes[index] !== byte)) throw notAPng("the signature is missing");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = view.getUint32(WIDTH_OFFSET);
  const height = view.getUint32(HEIGHT_OFFSET);
  if (width === 0 || height === 0) throw notAPng(`it is ${width} by ${height} pixels`);
  return [width, height];
}

function decode(bytes: Uint8Array): PNG {
  try {
    return PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    throw notAPng("its pixels cannot be read", error);
  }
}

/**
 * RGBA in, RGBA out. First columns are merged, then rows, with the share that each covers. Drawings have few different
 * rows: each is merged once.
 */
function scaleDown(image: PNG, newWidth: number, newHeight: number): Buffer {
  const { width, height, data } = image;
  const rows = distinctRows(data, width * 4, height);
  const narrow = mergeColumns(data, width, rows.firsts, newWidth);
  const toSrgb = srgbTable();
  const out = Buffer.alloc(newWidth * newHeight * 4);
  /** By the id of a row: where it stands in the picture when nothing else is mixed in. */
  const pure = new Map<number, number>();
  for (const [y, { first, weights }] of coverage(height, newHeight).entries()) {
    const to = y * newWidth * 4;
    const ids = rows.ids.subarray(first, first + weights.length);
    const only = ids.every((id) => id === ids[0]) ? ids[0]! : null;
    const known = only === null ? undefined : pure.get(only);
    if (known !== undefined) out.copyWithin(to, known, known + newWidth * 4);
    else mergeRows(narrow, ids, weights, newWidth, toSrgb, out.subarray(to, to + newWidth * 4));
    if (only !== null && known === undefined) pure.set(only, to);
  }
  return out;
}

interface DistinctRows {
  /** By row: which of the different ones it is. */
  readonly ids: Int32Array;
  /** By id: a row that is like it. */
  readonly firsts: readonly number[];
}

/** A row counts as different if it differs from the one above it. */
function distinctRows(data: Buffer, stride: number, height: number): DistinctRows {
  const ids = new Int32Array(height);
  const firsts = [0];
  for (let y = 1; y < height; y += 1) {
    const at = y * stride;
    if (data.compare(data, at, at + stride, at - stride, at) !== 0) firsts.push(y);
    ids[y] = firsts.length - 1;
  }
  return { ids, firsts };
}

/** Gives `newWidth` pixels for each row: colour in linear light weighted by opacity, or transparent pixels would bleed. */
function mergeColumns(data: Buffer, width: number, rows: readonly number[], newWidth: number): Float32Array {
  const columns = coverage(width, newWidth);
  const toLinear = linearTable();
  const narrow = new Float32Array(newWidth * rows.length * 4);
  for (const [index, y] of rows.entries()) {
    for (let x = 0; x < newWidth; x += 1) {
      const to = (index * newWidth + x) * 4;
      const { first, weights } = columns[x]!;
      for (let k = 0; k < weights.length; k += 1) {
        const from = (y * width + first + k) * 4;
        const alpha = (data[from + 3]! / 255) * weights[k]!;
        narrow[to] = narrow[to]! + toLinear[data[from]!]! * alpha;
        narrow[to + 1] = narrow[to + 1]! + toLinear[data[from + 1]!]! * alpha;
        narrow[to + 2] = narrow[to + 2]! + toLinear[data[from + 2]!]! * alpha;
        narrow[to + 3] = narrow[to + 3]! + alpha;
      }
    }
  }
  return narrow;
}

function mergeRows(
  narrow: Float32Array,
  ids: Int32Array,
  weights: readonly number[],
  width: number,
  toSrgb: Uint8Array,
  out: Buffer,
): void {
  for (let x = 0; x < width; x += 1) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let alpha = 0;
    for (let k = 0; k < weights.length; k += 1) {
      const from = (ids[k]! * width + x) * 4;
      const weight = weights[k]!;
      red += narrow[from]! * weight;
      green += narrow[from + 1]! * weight;
      blue += narrow[from + 2]! * weight;
      alpha += narrow[from + 3]! * weight;
    }
    if (alpha <= 0) continue;
    const to = x * 4;
    const scale = TABLE_STEPS / alpha;
    out[to] = toSrgb[Math.min(TABLE_STEPS, Math.round(red * scale))]!;
    out[to + 1] = toSrgb[Math.min(TABLE_STEPS, Math.round(green * scale))]!;
    out[to + 2] = toSrgb[Math.min(TABLE_STEPS, Math.round(blue * scale))]!;
    out[to + 3] = Math.min(255, Math.round(alpha * 255));
  }
}

interface Cover {
  readonly first: number;
  /** Shares of the pixels from `first` on; their sum is 1. */
  readonly weights: readonly number[];
}

function coverage(from: number, to: number): Cover[] {
  const ratio = from / to;
  return Array.from({ length: to }, (_, index) => {
    const start = index * ratio;
    const end = Math.min(from, (index + 1) * ratio);
    const first = Math.floor(start);
    const last = Math.min(from, Math.ceil(end));
    const weights = Array.from({ length: last - first }, (_unused, k) => {
      const pixel = first + k;
      return (Math.min(end, pixel + 1) - Math.max(start, pixel)) / (end - start);
    });
    return { first, weights };
  });
}

/** sRGB's transfer function (IEC 61966-2-1), from a byte to linear light. */
function linearTable(): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
}

/** Fine enough for the steepest part of the curve, where a byte is five steps wide. */
const TABLE_STEPS = 16_384;

/** Its inverse: from `linear * TABLE_STEPS` to a byte. */
function srgbTable(): Uint8Array {
  return Uint8Array.from({ length: TABLE_STEPS + 1 }, (_, index) => {
    const linear = index / TABLE_STEPS;
    const value = linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055;
    return Math.round(value * 255);
  });
}
