import { digitBaseline, FONT, type GridItem, type Scene, type TextItem } from "@episcope/drawing";
import { type Glyph, GlyphAtlas, PHASES } from "./glyph-atlas.js";
import type { IndexPalette } from "./index-palette.js";
import type { Box, LinePlan } from "./line-plan.js";
import { TextRun } from "./text-run.js";

/** One glyph at its place; the glyph itself is looked up when the atlas has drawn all that were missing. */
interface Placed {
  readonly key: number;
  readonly x: number;
  readonly ink: number;
}

/** Text of one baseline, and its place in the order of painting. */
interface Announced {
  readonly place: number;
  readonly y: number;
  readonly placed: readonly Placed[];
}

const WIDEST_TEXT = 4096;

/**
 * Lays text out glyph by glyph. All text of a picture is announced first, so that the glyphs that the atlas lacks
 * are drawn at once.
 */
export class TextLayers {
  private readonly announced: Announced[] = [];
  private readonly atlas: GlyphAtlas;
  private readonly palette: IndexPalette;
  private readonly scale: number;
  /** Set when a picture needs more than 256 colours. */
  overflowed = false;

  constructor(atlas: GlyphAtlas, palette: IndexPalette, scale: number) {
    this.atlas = atlas;
    this.palette = palette;
    this.scale = scale;
  }

  /** Whether each character can be drawn here. */
  static expressible(text: string): boolean {
    if (text.length > WIDEST_TEXT) return false;
    for (const character of text) if (!GlyphAtlas.covers(character.codePointAt(0) as number)) return false;
    return true;
  }

  addText(plan: LinePlan, item: TextItem): void {
    const advance = FONT.advance * item.size;
    const width = item.text.length * advance;
    const start = item.x - (item.anchor === "start" ? 0 : item.anchor === "end" ? width : width / 2);
    const placed: Placed[] = [];
    const y = this.baseline(item.y);
    for (let i = 0; i < item.text.length; i++) {
      const codePoint = item.text.charCodeAt(i);
      if (codePoint === 0x20) continue;
      placed.push(this.place(codePoint, start + i * advance, item.size, item.weight, y.drop, item.fill));
    }
    this.announce(plan, y.line, placed);
  }

  addDigits(plan: LinePlan, item: GridItem, scene: Scene): void {
    const size = item.digits;
    if (size === null) return;
    const [rows, columns] = item.shape;
    const half = (FONT.advance * size) / 2;
    for (let r = 0; r < rows; r++) {
      const placed: Placed[] = [];
      const y = this.baseline(item.y + r * item.cell + digitBaseline(item.cell, size));
      for (let c = 0; c < columns; c++) {
        const at = r * columns + c;
        if (item.mask !== undefined && item.mask[at] === 0) continue;
        const value = item.data[at]!;
        const codePoint = value.toString(16).toUpperCase().charCodeAt(0);
        const x = item.x + c * item.cell + (item.cell + 1) / 2 - half;
        placed.push(this.place(codePoint, x, size, 400, y.drop, scene.ink[value]!));
      }
      this.announce(plan, y.line, placed);
    }
  }

  /** Draws what the atlas lacks and puts all text into the plan. */
  finish(plan: LinePlan): void {
    this.atlas.drawMissing();
    const texts = this.announced.map(({ place, y, placed }) => {
      const glyphs = placed.map(({ key }) => this.atlas.glyph(key));
      return { place, y, placed, glyphs, box: boxOf(y, placed, glyphs) };
    });
    for (const [at, { place, y, placed, glyphs, box }] of texts.entries()) {
      const ink = placed[0]!.ink;
      const alone =
        box.left >= 0 &&
        box.right <= plan.width &&
        placed.every((glyph, i) => glyph.ink === ink && (i === 0 || apart(placed, glyphs, i))) &&
        texts.every((other, i) => i === at || !meet(box, other.box));
      const ground = alone ? plan.groundOf(box, place) : -1;
      if (ground < 0) {
        const paint = (line: Uint8Array, lineY: number) => this.paint(line, lineY - y, placed, glyphs);
        plan.fill(place, { ...box, solid: -1, paint });
        continue;
      }
      const shades = this.palette.shades(ink, ground);
      if (shades === null) {
        this.overflowed = true;
        return;
      }
      const xs = placed.map(({ x }) => x);
      plan.addText(new TextRun(box, y, xs, glyphs, shades));
    }
  }

  private place(
    codePoint: number,
    x: number,
    size: number,
    weight: 400 | 700,
    drop: number,
    fill: number,
  ): Placed {
    const parts = Math.round(x * this.scale * PHASES);
    const phase = ((parts % PHASES) + PHASES) % PHASES;
    const key = this.atlas.request({ codePoint, size: size * this.scale, weight, phase, drop });
    return { key, x: (parts - phase) / PHASES, ink: this.palette.paints[fill]! };
  }

  private baseline(y: number): { readonly line: number; readonly drop: number } {
    const scaled = y * this.scale;
    const line = Math.floor(scaled);
    return { line, drop: scaled - line };
  }

  private announce(plan: LinePlan, y: number, placed: readonly Placed[]): void {
    if (placed.length > 0) this.announced.push({ place: plan.reserve(), y, placed });
  }

  /** Over anything: digits on cells, letters that touch. */
  private paint(line: Uint8Array, row: number, placed: readonly Placed[], glyphs: readonly Glyph[]): void {
    const { palette } = this;
    for (let i = 0; i < glyphs.length; i++) {
      const { top, rows, rowX } = glyphs[i]!;
      const steps = rows[row - top]?.steps;
      if (steps === undefined) continue;
      const { x, ink } = placed[i]!;
      const from = x + rowX[row - top]!;
      for (let k = 0; k < steps.length; k++) {
        const pixel = from + k;
        if (steps[k] === 0 || pixel < 0 || pixel >= line.length) continue;
        const entry = palette.mix(ink, line[pixel]!, steps[k]!);
        if (entry < 0) this.overflowed = true;
        else line[pixel] = entry;
      }
    }
  }
}

function boxOf(y: number, placed: readonly Placed[], glyphs: readonly Glyph[]): Box {
  let [left, right] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [top, bottom] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  glyphs.forEach((glyph, i) => {
    const { x } = placed[i]!;
    left = Math.min(left, x + glyph.left);
    right = Math.max(right, x + glyph.right);
    top = Math.min(top, y + glyph.top);
    bottom = Math.max(bottom, y + glyph.top + glyph.rows.length);
  });
  return { left, top, right, bottom };
}

/** Whether a glyph begins right of the end of the one before it. */
function apart(placed: readonly Placed[], glyphs: readonly Glyph[], i: number): boolean {
  return placed[i - 1]!.x + glyphs[i - 1]!.right <= placed[i]!.x + glyphs[i]!.left;
}

function meet(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
