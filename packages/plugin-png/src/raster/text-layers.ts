import { digitBaseline, FONT, type GridItem, type Scene, type TextItem } from "@episcope/drawing";
import { type Glyph, GlyphAtlas, PHASES } from "./glyph-atlas.js";
import type { IndexPalette } from "./index-palette.js";
import type { LinePlan } from "./line-plan.js";

/** One glyph at its place; the glyph itself is looked up when the atlas has drawn all that were missing. */
interface Placed {
  readonly key: number;
  readonly x: number;
  readonly ink: number;
}

/** Text of one baseline. */
interface Run {
  readonly placed: readonly Placed[];
  /** Puts it into its place in the order of painting. */
  readonly add: (glyphs: readonly Glyph[]) => void;
}

const WIDEST_TEXT = 4096;

/**
 * Lays text out glyph by glyph. All text of a picture is announced first, so that the glyphs that the atlas lacks
 * are drawn at once.
 */
export class TextLayers {
  private readonly runs: Run[] = [];
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

  /** Draws what the atlas lacks and puts the layers into the plan, each where it was announced. */
  finish(): void {
    this.atlas.drawMissing();
    for (const { placed, add } of this.runs) add(placed.map(({ key }) => this.atlas.glyph(key)));
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
    if (placed.length === 0) return;
    const place = plan.reserve();
    this.runs.push({
      placed,
      add: (glyphs) => {
        let top = Number.POSITIVE_INFINITY;
        let bottom = Number.NEGATIVE_INFINITY;
        for (const glyph of glyphs) {
          top = Math.min(top, y + glyph.top);
          bottom = Math.max(bottom, y + glyph.top + glyph.height);
        }
        const layer = {
          top,
          bottom,
          paint: (line: Uint8Array, at: number) => this.paint(line, at - y, placed, glyphs),
        };
        plan.fill(place, layer);
      },
    });
  }

  private paint(line: Uint8Array, row: number, placed: readonly Placed[], glyphs: readonly Glyph[]): void {
    const { palette } = this;
    for (let i = 0; i < glyphs.length; i++) {
      const { top, height, start, dx, step } = glyphs[i]!;
      const at = row - top;
      if (at < 0 || at >= height) continue;
      const { x, ink } = placed[i]!;
      for (let k = start[at]!, end = start[at + 1]!; k < end; k++) {
        const pixel = x + dx[k]!;
        if (pixel < 0 || pixel >= line.length) continue;
        const entry = palette.mix(ink, line[pixel]!, step[k]!);
        if (entry < 0) this.overflowed = true;
        else line[pixel] = entry;
      }
    }
  }
}
