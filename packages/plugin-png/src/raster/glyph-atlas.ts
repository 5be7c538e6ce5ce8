import { FONT } from "@episcope/drawing";
import { Resvg } from "@resvg/resvg-js";
import { COVERAGE_STEPS } from "./index-palette.js";

/** Places between two pixels that a glyph is drawn for, along a line of text. */
export const PHASES = 4;

/** A glyph in the smallest box around its ink. */
export interface Glyph {
  /** First column, relative to the pixel in which the glyph's origin lies. */
  readonly left: number;
  /** First line, relative to the baseline's pixel line. */
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Coverage of each pixel, line by line, 0 .. `COVERAGE_STEPS - 1`. */
  readonly steps: Uint8Array;
}

/** What a glyph looks like depends on nothing else. */
export interface GlyphRequest {
  readonly codePoint: number;
  /** In pixels of the raster. */
  readonly size: number;
  readonly weight: 400 | 700;
  /** Fraction of a pixel to the right, in `PHASES` parts. */
  readonly phase: number;
  /** Fraction of a pixel downwards; 0, or 0.5 at a raster scale of 1.5. */
  readonly drop: number;
}

/**
 * Glyphs of the bundled font as pixels. They are drawn by resvg, the rasteriser of the general path, so both
 * paths draw the same letters; all that a picture lacks are drawn in one go and kept. A size and
 * weight has about 400 glyphs.
 */
export class GlyphAtlas {
  private readonly glyphs = new Map<number, Glyph>();
  private missing = new Map<number, GlyphRequest>();
  private readonly facesSeen = new Set<string>();
  private readonly fontFiles: readonly string[];

  constructor(fontFiles: readonly string[]) {
    this.fontFiles = fontFiles;
  }

  /** Whether the font draws this character by itself: no joining, no combining, no other font. */
  static covers(codePoint: number): boolean {
    return (codePoint >= 0x20 && codePoint < 0x7f) || OTHERS.includes(codePoint);
  }

  /** The glyph's key; asks for it to be drawn by the next `drawMissing` where it is new. */
  request(request: GlyphRequest): number {
    const key = keyOf(request);
    if (!this.glyphs.has(key)) this.missing.set(key, request);
    return key;
  }

  /** Of a key that was requested before the last `drawMissing`. */
  glyph(key: number): Glyph {
    return this.glyphs.get(key) as Glyph;
  }

  /**
   * One picture needs few glyphs. Where a second one lacks some of the same size and weight, more will follow:
   * then the whole of ASCII is drawn, so that no later picture waits for resvg.
   */
  private completeFaces(): void {
    const faces = new Map<string, GlyphRequest>();
    for (const request of this.missing.values()) {
      faces.set(`${request.size} ${request.weight} ${request.drop}`, request);
    }
    for (const [face, request] of faces) {
      if (!this.facesSeen.has(face)) {
        this.facesSeen.add(face);
        continue;
      }
      for (let codePoint = 0x21; codePoint < 0x7f; codePoint++) {
        for (let phase = 0; phase < PHASES; phase++) this.request({ ...request, codePoint, phase });
      }
    }
  }

  drawMissing(): void {
    if (this.missing.size === 0) return;
    this.completeFaces();
    const requests = [...this.missing];
    this.missing = new Map();
    // Cells of one size for all: simple, and few glyphs are missing once a run is under way.
    const largest = requests.reduce((size, [, request]) => Math.max(size, request.size), 0);
    const cell = Math.ceil(largest * 2);
    const originX = Math.ceil(largest / 2);
    const originY = Math.ceil(largest * 1.4);
    const perRow = Math.max(1, Math.floor(2000 / cell));
    const width = perRow * cell;
    const height = Math.ceil(requests.length / perRow) * cell;
    const texts = requests.map(([, { codePoint, size, weight, phase, drop }], at) => {
      const x = (at % perRow) * cell + originX + phase / PHASES;
      const y = Math.floor(at / perRow) * cell + originY + drop;
      return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}">&#${codePoint};</text>`;
    });
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="${FONT.family}" fill="#fff"><rect width="100%" height="100%" fill="#000"/>${texts.join("")}</svg>`;
    const font = { loadSystemFonts: false, fontFiles: [...this.fontFiles], defaultFontFamily: FONT.family };
    const pixels = new Resvg(svg, { font }).render().pixels;
    requests.forEach(([key], at) => {
      const left = (at % perRow) * cell;
      const top = Math.floor(at / perRow) * cell;
      const coverage = (x: number, y: number) => pixels[4 * ((top + y) * width + left + x)]!;
      this.glyphs.set(key, traced(coverage, cell, originX, originY));
    });
  }
}

/** Beyond ASCII: signs that labels of pictures use, and the letters of Latin-1. A test compares both paths for each. */
const OTHERS: readonly number[] = [
  ...[..."…·×±−–—→Δ°²³≥≤•"].map((character) => character.codePointAt(0) as number),
  ...Array.from({ length: 0x100 - 0xc0 }, (_, i) => 0xc0 + i),
];

function keyOf({ codePoint, size, weight, phase, drop }: GlyphRequest): number {
  // 16 bits of code point, 3 of phase, 1 each of drop and weight, and the size in 64ths of a pixel above.
  const low = (codePoint << 5) | (phase << 2) | (drop > 0 ? 2 : 0) | (weight === 700 ? 1 : 0);
  return Math.round(size * 64) * 2 ** 21 + low;
}

function traced(
  coverage: (x: number, y: number) => number,
  cell: number,
  originX: number,
  originY: number,
): Glyph {
  const all = new Uint8Array(cell * cell);
  let [left, top, right, bottom] = [cell, cell, 0, 0];
  for (let y = 0; y < cell; y++) {
    for (let x = 0; x < cell; x++) {
      const step = Math.round((coverage(x, y) / 255) * (COVERAGE_STEPS - 1));
      if (step === 0) continue;
      all[y * cell + x] = step;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = y + 1;
    }
  }
  if (right === 0) return { left: 0, top: 0, width: 0, height: 0, steps: new Uint8Array(0) };
  const width = right - left;
  const height = bottom - top;
  const steps = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (top + y) * cell + left;
    steps.set(all.subarray(from, from + width), y * width);
  }
  return { left: left - originX, top: top - originY, width, height, steps };
}
