import { PNG } from "pngjs";
import { notAPng } from "./errors.js";

export interface PngImage {
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
  const out = PNG.sync.write(scaled, { filterType: 0, deflateLevel: 6 });
  return { bytes: out, width: newWidth, height: newHeight, original: [width, height] };
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

/** RGBA in, RGBA out. First columns are merged, then rows, with the share that each covers. */
function scaleDown(image: PNG, newWidth: number, newHeight: number): Buffer {
  const { width, height, data } = image;
  const columns = coverage(width, newWidth);
  const rows = coverage(height, newHeight);

  // Colour is weighted by opacity (premultiplied), or transparent pixels would bleed their colour.
  const narrow = new Float32Array(newWidth * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < newWidth; x += 1) {
      const to = (y * newWidth + x) * 4;
      const { first, weights } = columns[x]!;
      for (let k = 0; k < weights.length; k += 1) {
        const from = (y * width + first + k) * 4;
        const alpha = (data[from + 3]! / 255) * weights[k]!;
        narrow[to] = narrow[to]! + LINEAR[data[from]!]! * alpha;
        narrow[to + 1] = narrow[to + 1]! + LINEAR[data[from + 1]!]! * alpha;
        narrow[to + 2] = narrow[to + 2]! + LINEAR[data[from + 2]!]! * alpha;
        narrow[to + 3] = narrow[to + 3]! + alpha;
      }
    }
  }

  const out = Buffer.alloc(newWidth * newHeight * 4);
  const sum = new Float64Array(4);
  for (let y = 0; y < newHeight; y += 1) {
    const { first, weights } = rows[y]!;
    for (let x = 0; x < newWidth; x += 1) {
      sum.fill(0);
      for (let k = 0; k < weights.length; k += 1) {
        const from = ((first + k) * newWidth + x) * 4;
        for (let channel = 0; channel < 4; channel += 1) {
          sum[channel] = sum[channel]! + narrow[from + channel]! * weights[k]!;
        }
      }
      const to = (y * newWidth + x) * 4;
      const alpha = sum[3]!;
      if (alpha <= 0) continue;
      for (let channel = 0; channel < 3; channel += 1) out[to + channel] = toSrgb(sum[channel]! / alpha);
      out[to + 3] = Math.min(255, Math.round(alpha * 255));
    }
  }
  return out;
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

/** sRGB's transfer function (IEC 61966-2-1), by byte. */
const LINEAR = Float32Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

function toSrgb(linear: number): number {
  const value = linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.max(0, Math.min(255, Math.round(value * 255)));
}
