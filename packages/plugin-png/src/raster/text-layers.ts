import { digitBaseline, FONT, type GridItem, type Scene, type TextItem } from "@episcope/drawing";
import { type Glyph, GlyphAtlas, PHASES } from "./glyph-atlas.js";
import type { IndexPalette } from "./index-palette.js";
import type { Box, LinePlan } from "./line-plan.js";
import { type PlacedShape, START_PARTS, type TextShapes } from "./text-shape.js";

/** A line of text and its place in the order of painting; its extents are known when the atlas has drawn its glyphs. */
interface Announced {
  readonly place: number;
  readonly pieces: readonly PlacedShape[];
  /** Pixel that the places of the pieces count from, and line of the baseline. */
  readonly x: number;
  readonly y: number;
  readonly ink: number;
}

/** The digits in one row of cells. */
interface Digits {
  readonly place: number;
  readonly y: number;
  readonly keys: readonly number[];
  readonly xs: readonly number[];
  readonly inks: readonly number[];
}

const WIDEST_TEXT = 4096;

/**
 * Puts text into a plan. All text of a picture is announced first, so that the glyphs that the atlas lacks are drawn
 * at once.
 */
export class TextLayers {
  private readonly texts: Announced[] = [];
  private readonly digits: Digits[] = [];
  private readonly shapes: TextShapes;
  private readonly palette: IndexPalette;
  private readonly scale: number;
  /** Set when a picture needs more than 256 colours. */
  overflowed = false;

  constructor(shapes: TextShapes, palette: IndexPalette, scale: number) {
    shapes.trim();
    this.shapes = shapes;
    this.palette = palette;
    this.scale = scale;
  }

  /** Whether each character can be drawn here. */
  static expressible(text: string): boolean {
    if (text.length > WIDEST_TEXT) return false;
    for (const character of text) if (!GlyphAtlas.covers(character.codePointAt(0) as number)) return false;
    return true;
  }

  addText(plan: LinePlan, { text, x, y, size, weight, anchor, fill }: TextItem): void {
    const width = text.length * FONT.advance * size;
    const start = x - (anchor === "start" ? 0 : anchor === "end" ? width : width / 2);
    const { line, drop } = this.baseline(y);
    const parts = Math.round(start * this.scale * START_PARTS);
    const pixel = Math.floor(parts / START_PARTS);
    const pieces = this.shapes.line(text, parts - pixel * START_PARTS, size * this.scale, weight, drop);
    if (pieces.length === 0) return;
    const ink = this.palette.paints[fill]!;
    this.texts.push({ place: plan.reserve(), pieces, x: pixel, y: line, ink });
  }

  addDigits(plan: LinePlan, item: GridItem, scene: Scene): void {
    const size = item.digits;
    if (size === null) return;
    const [rows, columns] = item.shape;
    const half = (FONT.advance * size) / 2;
    for (let r = 0; r < rows; r++) {
      const { line, drop } = this.baseline(item.y + r * item.cell + digitBaseline(item.cell, size));
      const [keys, xs, inks]: [number[], number[], number[]] = [[], [], []];
      for (let c = 0; c < columns; c++) {
        const at = r * columns + c;
        if (item.mask !== undefined && item.mask[at] === 0) continue;
        const value = item.data[at]!;
        const codePoint = value.toString(16).toUpperCase().charCodeAt(0);
        const x = item.x + c * item.cell + (item.cell + 1) / 2 - half;
        const parts = Math.round(x * this.scale * PHASES);
        const phase = ((parts % PHASES) + PHASES) % PHASES;
        const glyph = { codePoint, size: size * this.scale, weight: 400, phase, drop, crisp: false } as const;
        keys.push(this.shapes.atlas.request(glyph));
        xs.push((parts - phase) / PHASES);
        inks.push(this.palette.paints[scene.ink[value]!]!);
      }
      if (keys.length > 0) this.digits.push({ place: plan.reserve(), y: line, keys, xs, inks });
    }
  }

  /** Draws what the atlas lacks and puts all text into the plan. */
  finish(plan: LinePlan): void {
    const { atlas } = this.shapes;
    atlas.drawMissing();
    for (const digits of this.digits) this.finishDigits(plan, digits);
    const boxes = this.texts.map(boxOf);
    this.texts.forEach((text, at) => {
      const { place, pieces, y, ink } = text;
      const box = boxes[at]!;
      const alone =
        box.left >= 0 &&
        box.right <= plan.width &&
        pieces.every(({ shape, x }, i) => shape.apart && (i === 0 || apart(pieces[i - 1]!, shape, x))) &&
        boxes.every((other, i) => i === at || !meet(box, other));
      const ground = alone ? plan.groundOf(box, place) : -1;
      if (ground < 0) {
        this.paintOver(plan, text, box);
        return;
      }
      const shades = this.palette.shades(ink, ground);
      if (shades === null) {
        this.overflowed = true;
        return;
      }
      const placed = pieces.map(({ shape, x }) => {
        const left = text.x + x + shape.left;
        const [top, right, bottom] = [y + shape.top, text.x + x + shape.right, y + shape.bottom];
        return { text: shape.inColors(shades), left, top, right, bottom };
      });
      const { left, top, right, bottom } = box;
      plan.addText({ left, top, right, bottom, pieces: placed });
    });
  }

  private finishDigits(plan: LinePlan, { place, y, keys, xs, inks }: Digits): void {
    const glyphs = keys.map((key) => this.shapes.atlas.glyph(key));
    plan.fill(place, {
      left: Math.min(...glyphs.map(({ left }, i) => xs[i]! + left)),
      right: Math.max(...glyphs.map(({ left, width }, i) => xs[i]! + left + width)),
      top: y + Math.min(...glyphs.map(({ top }) => top)),
      bottom: y + Math.max(...glyphs.map(({ top, height }) => top + height)),
      solid: -1,
      paint: (line, lineY) => {
        for (const [i, glyph] of glyphs.entries()) this.paint(line, lineY - y, glyph, xs[i]!, inks[i]!);
      },
    });
  }

  /** Over anything: letters that touch, that stand on an edge, or over several colours. */
  private paintOver(plan: LinePlan, { place, pieces, x: start, y, ink }: Announced, box: Box): void {
    plan.fill(place, {
      ...box,
      solid: -1,
      paint: (line, lineY) => {
        for (const { shape, x } of pieces) {
          for (const [i, glyph] of shape.glyphs.entries()) {
            this.paint(line, lineY - y, glyph, start + x + shape.xs[i]!, ink);
          }
        }
      },
    });
  }

  /** The row of a glyph whose origin is in pixel `x`; `row` counts from the baseline. */
  private paint(
    line: Uint8Array,
    row: number,
    { left, top, width, height, steps }: Glyph,
    x: number,
    ink: number,
  ): void {
    if (row < top || row >= top + height) return;
    const at = (row - top) * width;
    for (let k = 0; k < width; k++) {
      const pixel = x + left + k;
      const step = steps[at + k]!;
      if (step === 0 || pixel < 0 || pixel >= line.length) continue;
      const entry = this.palette.mix(ink, line[pixel]!, step);
      if (entry < 0) this.overflowed = true;
      else line[pixel] = entry;
    }
  }

  private baseline(y: number): { readonly line: number; readonly drop: number } {
    const scaled = y * this.scale;
    const line = Math.floor(scaled);
    return { line, drop: scaled - line };
  }
}

function boxOf({ pieces, x: start, y }: Announced): Box {
  let [left, right] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [top, bottom] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { shape, x } of pieces) {
    shape.resolve();
    left = Math.min(left, start + x + shape.left);
    right = Math.max(right, start + x + shape.right);
    top = Math.min(top, y + shape.top);
    bottom = Math.max(bottom, y + shape.bottom);
  }
  return { left, top, right, bottom };
}

/** Whether a shape at `x` begins right of the end of the one before. */
function apart(before: PlacedShape, { left }: { readonly left: number }, x: number): boolean {
  return before.x + before.shape.right <= x + left;
}

function meet(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
