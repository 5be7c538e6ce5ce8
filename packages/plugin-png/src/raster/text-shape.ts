import { FONT } from "@episcope/drawing";
import { ColoredText } from "./colored-text.js";
import { type Glyph, type GlyphAtlas, PHASES } from "./glyph-atlas.js";

/** Text starts on these parts of a pixel. */
export const START_PARTS = 64;

/** So many pieces and lines are remembered from picture to picture; a run shows the same labels, and ever new figures. */
const MAX_MADE = 4000;

/** A piece of text of one size and weight: its glyphs, placed from the pixel in which it starts and from its baseline. */
class TextShape {
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

/** Letters of one size, weight and drop, and the lines that were made of them. */
interface Face {
  readonly size: number;
  readonly weight: 400 | 700;
  readonly drop: number;
  /** By `START_PARTS * code + fraction`. */
  readonly letters: Map<number, TextShape>;
  /** By fraction: words, and lines in pieces. */
  readonly words: readonly Map<string, TextShape>[];
  readonly lines: readonly Map<string, readonly PlacedShape[]>[];
}

/** Makes shapes, and finds those that it has made. What a picture looks like does not depend on which those are. */
export class TextShapes {
  readonly atlas: GlyphAtlas;
  private readonly faces = new Map<number, Face>();
  private made = 0;

  constructor(atlas: GlyphAtlas) {
    this.atlas = atlas;
  }

  /** Forgets everything when there is too much of it; between pictures only. */
  trim(): void {
    if (this.made <= MAX_MADE) return;
    this.faces.clear();
    this.made = 0;
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
    const face = this.face(size, weight, drop);
    const lines = face.lines[fraction]!;
    let pieces = lines.get(text);
    if (pieces === undefined) {
      pieces = this.piecesOf(text, fraction, face);
      lines.set(text, pieces);
      this.made++;
    }
    return pieces;
  }

  private face(size: number, weight: 400 | 700, drop: number): Face {
    // The size in 64ths, as in the keys of glyphs.
    const key = 4 * Math.round(64 * size) + (drop > 0 ? 2 : 0) + (weight === 700 ? 1 : 0);
    let face = this.faces.get(key);
    if (face === undefined) {
      const perFraction = <T>(): Map<string, T>[] => Array.from({ length: START_PARTS }, () => new Map());
      face = { size, weight, drop, letters: new Map(), words: perFraction(), lines: perFraction() };
      this.faces.set(key, face);
    }
    return face;
  }

  private piecesOf(text: string, fraction: number, face: Face): PlacedShape[] {
    const pieces: PlacedShape[] = [];
    const advance = FONT.advance * face.size * START_PARTS;
    const add = (piece: string, at: number): void => {
      const parts = Math.round(fraction + at * advance);
      const x = Math.floor(parts / START_PARTS);
      pieces.push({ shape: this.shape(piece, parts - x * START_PARTS, face), x });
    };
    for (let from = 0; from < text.length; ) {
      let to = from;
      let digits = false;
      for (; to < text.length && text.charCodeAt(to) !== SPACE; to++) {
        const code = text.charCodeAt(to);
        if (code >= ZERO && code <= NINE) digits = true;
      }
      if (digits) for (let at = from; at < to; at++) add(text[at]!, at);
      else if (to > from) add(text.slice(from, to), from);
      from = to + 1;
    }
    return pieces;
  }

  private shape(text: string, fraction: number, face: Face): TextShape {
    if (text.length > 1) {
      const words = face.words[fraction]!;
      let word = words.get(text);
      if (word === undefined) {
        word = this.make(text, fraction, face);
        words.set(text, word);
      }
      return word;
    }
    const key = START_PARTS * text.charCodeAt(0) + fraction;
    let letter = face.letters.get(key);
    if (letter === undefined) {
      letter = this.make(text, fraction, face);
      face.letters.set(key, letter);
    }
    return letter;
  }

  private make(text: string, fraction: number, { size, weight, drop }: Face): TextShape {
    const keys: number[] = [];
    const xs: number[] = [];
    for (let i = 0; i < text.length; i++) {
      const at = Math.round((fraction / START_PARTS + i * FONT.advance * size) * PHASES);
      const phase = at % PHASES;
      const codePoint = text.charCodeAt(i);
      keys.push(this.atlas.request({ codePoint, size, weight, phase, drop, crisp: true }));
      xs.push((at - phase) / PHASES);
    }
    this.made++;
    return new TextShape(this.atlas, keys, xs);
  }
}

const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
