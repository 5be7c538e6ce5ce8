import { FONT } from "@episcope/drawing";
import { Resvg } from "@resvg/resvg-js";
import { COVERAGES } from "./index-palette.js";

/** Places between two pixels that a glyph is drawn for, along a line of text. */
export const PHASES = 8;

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
  /** True: weak coverage counts as none, so that letters have clean edges. False: to the nearest step. */
  readonly crisp: boolean;
}

/**
 * Glyphs of the bundled font as pixels. They are drawn by resvg, the rasteriser of the general path, so both
 * paths draw the same letters; all that a picture lacks are drawn in one go and kept. A size and
 * weight has about 200 glyphs.
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
   * then all that may come is drawn, so that no later picture waits for resvg.
   */
  private completeFaces(): void {
    const faces = new Map<string, GlyphRequest>();
    for (const request of this.missing.values()) {
      faces.set(`${request.size} ${request.weight} ${request.drop} ${request.crisp}`, request);
    }
    for (const [face, request] of faces) {
      if (!this.facesSeen.has(face)) {
        this.facesSeen.add(face);
        continue;
      }
      const phases = request.crisp ? [0, PHASES / 2] : Array.from({ length: PHASES }, (_, phase) => phase);
      for (const codePoint of request.crisp ? ASCII : DIGITS) {
        for (const phase of phases) this.request({ ...request, codePoint, phase });
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
    requests.forEach(([key, { crisp }], at) => {
      const left = (at % perRow) * cell;
      const top = Math.floor(at / perRow) * cell;
      const coverage = (x: number, y: number) => pixels[4 * ((top + y) * width + left + x)]!;
      this.glyphs.set(key, traced(coverage, cell, originX, originY, crisp ? CRISP : NEAREST));
    });
  }
}

/** Text has letters that are whole pixels wide, at a scale of 1.5 halves too; digits stand wherever cells want them. */
const ASCII: readonly number[] = Array.from({ length: 0x7f - 0x21 }, (_, i) => 0x21 + i);
const DIGITS: readonly number[] = [..."0123456789ABCDEF"].map((digit) => digit.charCodeAt(0));

/** Beyond ASCII: signs that labels of pictures use, and the letters of Latin-1. A test compares both paths for each. */
const OTHERS: readonly number[] = [
  ...[..."…·×±−–—Δ°²³≥≤•"].map((character) => character.codePointAt(0) as number),
  ...Array.from({ length: 0x100 - 0xc0 }, (_, i) => 0xc0 + i),
];

/** From which coverage on each step is taken but the first. */
const NEAREST: readonly number[] = COVERAGES.slice(1).map((step, i) => (COVERAGES[i]! + step) / 2);
/** Chosen for few bytes and a mean difference from resvg that the test of the fast path allows. */
const CRISP: readonly number[] = [0.29, 0.6, 0.8];

function keyOf({ codePoint, size, weight, phase, drop, crisp }: GlyphRequest): number {
  // 16 bits of code point, 3 of phase, 1 each of crispness, drop and weight, and the size in 64ths of a pixel above.
  const flags = (crisp ? 4 : 0) | (drop > 0 ? 2 : 0) | (weight === 700 ? 1 : 0);
  return Math.round(size * 64) * 2 ** 22 + ((codePoint << 6) | (phase << 3) | flags);
}

function traced(
  coverage: (x: number, y: number) => number,
  cell: number,
  originX: number,
  originY: number,
  limits: readonly number[],
): Glyph {
  const all = new Uint8Array(cell * cell);
  let [left, top, right, bottom] = [cell, cell, 0, 0];
  for (let y = 0; y < cell; y++) {
    for (let x = 0; x < cell; x++) {
      const share = coverage(x, y) / 255;
      let step = 0;
      while (step < limits.length && share >= limits[step]!) step++;
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
