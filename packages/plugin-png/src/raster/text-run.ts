import type { Glyph } from "./glyph-atlas.js";
import type { LineGlyphs } from "./line-glyphs.js";

/** Glyphs of one baseline over one colour, none touching another. */
export class TextRun {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  private readonly baseline: number;
  private readonly xs: readonly number[];
  private readonly glyphs: readonly Glyph[];
  private readonly shades: Uint8Array;

  constructor(
    box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number },
    baseline: number,
    xs: readonly number[],
    glyphs: readonly Glyph[],
    shades: Uint8Array,
  ) {
    this.left = box.left;
    this.top = box.top;
    this.right = box.right;
    this.bottom = box.bottom;
    this.baseline = baseline;
    this.xs = xs;
    this.glyphs = glyphs;
    this.shades = shades;
  }

  collect(y: number, line: LineGlyphs): void {
    const { xs, glyphs, shades, baseline } = this;
    for (let i = 0; i < glyphs.length; i++) {
      const { top, rows, rowX } = glyphs[i]!;
      const row = rows[y - baseline - top];
      if (row !== undefined && row !== null) line.add(xs[i]! + rowX[y - baseline - top]!, row, shades);
    }
  }
}
