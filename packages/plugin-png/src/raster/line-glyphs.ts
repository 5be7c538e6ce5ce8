import type { GlyphRow } from "./glyph-row.js";

/** The glyph rows that stand in one line of a picture, from left to right, none over another. */
export class LineGlyphs {
  count = 0;
  x: Int32Array = new Int32Array(64);
  readonly rows: GlyphRow[] = [];
  /** Entries of the palette by coverage, for each row. */
  readonly shades: Uint8Array[] = [];

  clear(): void {
    this.count = 0;
  }

  add(x: number, row: GlyphRow, shades: Uint8Array): void {
    if (this.count === this.x.length) {
      const larger = new Int32Array(2 * this.count);
      larger.set(this.x);
      this.x = larger;
    }
    this.x[this.count] = x;
    this.rows[this.count] = row;
    this.shades[this.count] = shades;
    this.count++;
  }

  /** Paints them into the line, for readers of pixels. */
  paint(line: Uint8Array): void {
    for (let i = 0; i < this.count; i++) {
      const x = this.x[i]!;
      const { steps } = this.rows[i]!;
      const shades = this.shades[i]!;
      for (let k = 0; k < steps.length; k++) line[x + k] = shades[steps[k]!]!;
    }
  }
}
