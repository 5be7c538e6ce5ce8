import { FONT } from "@episcope/drawing";
import { ColoredText } from "./colored-text.js";
import { type Glyph, type GlyphAtlas, PHASES } from "./glyph-atlas.js";

/** Text starts on these parts of a pixel. */
export const START_PARTS = 64;

/** So many pieces and lines are remembered from picture to picture; a run shows the same labels, and ever new figures. */
const MAX_SHAPES = 2000;

/** A piece of text of one size and weight: its glyphs, placed from the pixel in which it starts and from its baseline. */
export class TextShape {
  /** The origin of each glyph. */
  readonly xs: readonly number[];
  private readonly keys: readonly number[];
  private readonly atlas: GlyphAtlas;
  private drawn: { readonly glyphs: readonly Glyph[]; readonly apart: boolean } | null = null;
  private readonly colored = new Map<number, ColoredText>();
  left = 0;
  top = 0;
  right = 0;
  bottom = 0;

  constructor(atlas: GlyphAtlas, keys: readonly number[], xs: readonly number[]) {
    this.atlas = atlas;
    this.keys = keys;
    this.xs = xs;
  }

  /** To be called once the atlas has drawn what it lacked: only then are the extents known. */
  resolve(): void {
    if (this.drawn !== null) return;
    const glyphs = this.keys.map((key) => this.atlas.glyph(key));
    let [left, right] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    let [top, bottom] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    let apart = true;
    glyphs.forEach((glyph, i) => {
      const x = this.xs[i]! + glyph.left;
      if (x < right) apart = false;
      left = Math.min(left, x);
      right = Math.max(right, x + glyph.width);
      top = Math.min(top, glyph.top);
      bottom = Math.max(bottom, glyph.top + glyph.height);
    });
    [this.left, this.top, this.right, this.bottom] = [left, top, right, bottom];
    this.drawn = { glyphs, apart };
  }

  get glyphs(): readonly Glyph[] {
    return this.drawn?.glyphs ?? [];
  }

  /** Whether no glyph reaches into the columns of the one before. */
  get apart(): boolean {
    return this.drawn?.apart ?? false;
  }

  /** `shades`: entries of the palette by coverage. The same object for the same shades. */
  inColors(shades: Uint8Array): ColoredText {
    let key = 0;
    for (const shade of shades) key = 256 * key + shade;
    let text = this.colored.get(key);
    if (text === undefined) {
      text = this.color(shades);
      this.colored.set(key, text);
    }
    return text;
  }

  private color(shades: Uint8Array): ColoredText {
    const width = this.right - this.left;
    const height = this.bottom - this.top;
    const pixels = new Uint8Array(width * height).fill(shades[0]!);
    this.glyphs.forEach((glyph, i) => {
      const at = (glyph.top - this.top) * width + this.xs[i]! + glyph.left - this.left;
      for (let y = 0, k = 0; y < glyph.height; y++) {
        for (let x = 0; x < glyph.width; x++, k++) pixels[at + y * width + x] = shades[glyph.steps[k]!]!;
      }
    });
    return new ColoredText(width, height, pixels, shades[0]!);
  }
}

/** A piece of a line of text, and the pixel in which it starts. */
export interface PlacedShape {
  readonly shape: TextShape;
  readonly x: number;
}

/** Makes shapes, and finds those that it has made. What a picture looks like does not depend on which those are. */
export class TextShapes {
  readonly atlas: GlyphAtlas;
  private readonly shapes = new Map<string, TextShape>();
  private readonly lines = new Map<string, readonly PlacedShape[]>();

  constructor(atlas: GlyphAtlas) {
    this.atlas = atlas;
  }

  /** Forgets everything when there is too much of it; between pictures only. */
  trim(): void {
    if (this.shapes.size > MAX_SHAPES) {
      this.shapes.clear();
      this.lines.clear();
    }
    if (this.lines.size > MAX_SHAPES) this.lines.clear();
  }

  /**
   * A line of text, in pieces that recur: words, and the single letters of words with digits, for figures seldom
   * recur. `fraction`: where in a pixel the line starts, in `START_PARTS`; the places of the pieces count from that
   * pixel. `size` in pixels; `drop` as in `GlyphRequest`.
   */
  line(
    text: string,
    fraction: number,
    size: number,
    weight: 400 | 700,
    drop: number,
  ): readonly PlacedShape[] {
    const key = `${size} ${weight} ${fraction} ${drop} ${text}`;
    let pieces = this.lines.get(key);
    if (pieces === undefined) {
      pieces = piecesOf(text).map(({ piece, at }) => {
        const parts = Math.round(fraction + at * FONT.advance * size * START_PARTS);
        const x = Math.floor(parts / START_PARTS);
        return { shape: this.shape(piece, parts - x * START_PARTS, size, weight, drop), x };
      });
      this.lines.set(key, pieces);
    }
    return pieces;
  }

  private shape(text: string, fraction: number, size: number, weight: 400 | 700, drop: number): TextShape {
    const key = `${size} ${weight} ${fraction} ${drop} ${text}`;
    let shape = this.shapes.get(key);
    if (shape === undefined) {
      const keys: number[] = [];
      const xs: number[] = [];
      for (let i = 0; i < text.length; i++) {
        const at = Math.round((fraction / START_PARTS + i * FONT.advance * size) * PHASES);
        const phase = at % PHASES;
        keys.push(
          this.atlas.request({ codePoint: text.charCodeAt(i), size, weight, phase, drop, crisp: true }),
        );
        xs.push((at - phase) / PHASES);
      }
      shape = new TextShape(this.atlas, keys, xs);
      this.shapes.set(key, shape);
    }
    return shape;
  }
}

function piecesOf(text: string): { readonly piece: string; readonly at: number }[] {
  return [...text.matchAll(/[^ ]+/g)].flatMap(({ 0: word, index }) =>
    /\d/.test(word)
      ? Array.from(word, (letter, i) => ({ piece: letter, at: index + i }))
      : [{ piece: word, at: index }],
  );
}
