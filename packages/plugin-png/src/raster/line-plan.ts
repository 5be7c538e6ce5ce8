import type { ColoredText } from "./colored-text.js";
import { Sweep } from "./sweep.js";

/** Something painted over a box. `paint` writes palette indices into the line `y` of the picture. */
interface Layer {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** The entry that the whole box is painted with; -1 where it has more than one colour. */
  readonly solid: number;
  paint(line: Uint8Array, y: number): void;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A text at its place: its pixels cover the box exactly. */
export interface PlacedText extends Box {
  readonly text: ColoredText;
}

/** A line of text: a box around pieces that stand side by side. */
export interface TextLine extends Box {
  /** From left to right. */
  readonly pieces: readonly PlacedText[];
}

/** A line of the picture; overwritten by the next. */
export interface PaintedLine {
  readonly y: number;
  /** How many lines from `y` on look like it, >= 1. */
  readonly repeat: number;
  /** Palette indices, without the texts; at the start of a buffer that is a multiple of four bytes long. */
  readonly pixels: Uint8Array;
  /** Whether `pixels` may differ from those of the line before. */
  readonly repainted: boolean;
  /** Places in the plan's `texts` of those whose box lies here, from left to right; overwritten by the next line. */
  readonly texts: readonly number[];
}

const LAYERS = 1;
const TEXT = 2;
const NOTHING: Layer = { left: 0, top: 0, right: 0, bottom: 0, solid: -1, paint: () => {} };

/**
 * A picture as layers, with notes on where one line may differ from the line above. Lines without a note look
 * like the one above, so they are painted once and repeated. Text over one colour is kept apart.
 */
export class LinePlan {
  readonly width: number;
  readonly height: number;
  private readonly layers: Layer[] = [];
  private readonly textLines: TextLine[] = [];
  private sortedTexts: readonly TextLine[] | null = null;
  /** 1 = the layers look different from the line above, 2 = so does the text, 3 = both. */
  private readonly changes: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.changes = new Uint8Array(height + 1);
    this.changes[0] = LAYERS;
  }

  /** Adds a layer whose lines all look alike. */
  add(layer: Layer): void {
    this.layers.push(layer);
    this.note(layer.top, LAYERS);
    this.note(layer.bottom, LAYERS);
  }

  /** Adds a layer each of whose lines may look different. */
  addUneven(layer: Layer): void {
    this.layers.push(layer);
    this.noteEach(layer, LAYERS);
  }

  /** Keeps a place in the order of painting, for a layer that is known later. */
  reserve(): number {
    return this.layers.push(NOTHING) - 1;
  }

  /** Puts an uneven layer into its place. */
  fill(place: number, layer: Layer): void {
    this.layers[place] = layer;
    this.noteEach(layer, LAYERS);
  }

  /** Adds text that lies over one colour and under nothing. */
  addText(text: TextLine): void {
    this.textLines.push(text);
    this.noteEach(text, TEXT);
  }

  /** The entry that a box shows before `place` in the order of painting; -1 where it shows several, or is painted over. */
  groundOf(box: Box, place: number): number {
    let ground = 0;
    for (let i = 0; i < this.layers.length; i++) {
      const { left, top, right, bottom, solid } = this.layers[i]!;
      if (top >= box.bottom || bottom <= box.top || left >= box.right || right <= box.left) continue;
      if (i > place || solid < 0) return -1;
      if (top > box.top || bottom < box.bottom || left > box.left || right < box.right) return -1;
      ground = solid;
    }
    return ground;
  }

  /** Goes through the lines from top to bottom; lines that look like the one above are counted, not painted. */
  forEachLine(use: (line: PaintedLine) => void): void {
    const { width, height, layers, changes } = this;
    const texts = new Sweep(this.texts, height);
    const covering = new Sweep(layers, height);
    // A multiple of four bytes, for readers that go by words.
    const pixels = new Uint8Array((width + 3) & ~3).subarray(0, width);
    for (let y = 0; y < height; ) {
      let next = y + 1;
      while (next < height && changes[next] === 0) next++;
      const repainted = (changes[y]! & LAYERS) !== 0;
      if (repainted) {
        pixels.fill(0);
        for (const layer of covering.at(y)) layers[layer]!.paint(pixels, y);
      }
      use({ y, repeat: next - y, pixels, repainted, texts: texts.at(y) });
      y = next;
    }
  }

  /** All texts that `addText` was told of, from left to right; no more may follow. */
  get texts(): readonly TextLine[] {
    this.sortedTexts ??= this.textLines.toSorted((a, b) => a.left - b.left);
    return this.sortedTexts;
  }

  private noteEach({ top, bottom }: Box, what: number): void {
    const end = Math.min(bottom, this.height);
    for (let y = Math.max(0, top); y <= end; y++) this.note(y, what);
  }

  private note(y: number, what: number): void {
    if (y >= 0 && y < this.height) this.changes[y]! |= what;
  }
}

/** `TypedArray.fill` costs more than it saves for the width of a cell. */
export function fillLine(line: Uint8Array, value: number, from: number, to: number): void {
  const start = Math.max(0, from);
  const end = Math.min(line.length, to);
  if (end - start > 64) line.fill(value, start, end);
  else for (let x = start; x < end; x++) line[x] = value;
}
