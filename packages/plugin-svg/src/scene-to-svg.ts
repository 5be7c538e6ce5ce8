import {
  type AreaItem,
  type ArrowItem,
  cleanText,
  type DotsItem,
  FONT,
  type PolylineItem,
  type RectItem,
  runsRightToLeft,
  type Scene,
  type SceneItem,
  type SegmentsItem,
  type TextItem,
} from "@episcope/drawing";
import { ByteWriter } from "./byte-writer.js";
import { GridWriter } from "./grid-to-svg.js";
import { writeHatchPattern, writeMarks, writeSelection } from "./marks-to-svg.js";

/** What the pictures of a page have in common. */
export class SharedDefinitions {
  readonly #cells: Map<string, string> = new Map();
  readonly #patterns: Set<string> = new Set();

  /** The id of the cells of a grid, of which the page has one copy. */
  readonly cells = (cells: string): string => {
    let id = this.#cells.get(cells);
    if (id === undefined) {
      id = `cells-${this.#cells.size + 1}`;
      this.#cells.set(cells, id);
    }
    return id;
  };

  patterns(patterns: string): void {
    this.#patterns.add(patterns);
  }

  /** An SVG element without a size that stands before the pictures. A picture that is hidden could not lend them. */
  toSvg(): string {
    const groups = [...this.#cells].map(([cells, id]) => `<g id="${id}">${cells}</g>`);
    return `<svg xmlns="http://www.w3.org/2000/svg" class="shared" width="0" height="0" aria-hidden="true"><defs>${[...this.#patterns].join("")}${groups.join("")}</defs></svg>`;
  }
}

/**
 * Writes scenes as SVG 1.1 documents in UTF-8. Same scene, same bytes. One writer keeps its buffers from picture
 * to picture; what it returns is the caller's.
 */
export class SvgWriter {
  readonly #out = new ByteWriter();
  readonly #grid = new GridWriter();
  readonly #shared: SharedDefinitions | undefined;

  /** `shared`: for pictures that stand in one page and refer to what they have in common. */
  constructor(shared?: SharedDefinitions) {
    this.#shared = shared;
  }

  write(scene: Scene): Uint8Array {
    const out = this.#out;
    out.reset();
    const { width, height, millimetres } = scene;
    const length = (pixels: number): string =>
      millimetres === undefined ? String(pixels) : `${Math.round(pixels * millimetres * 100) / 100}mm`;
    out.ascii(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${length(width)}" height="${length(height)}" viewBox="0 0 ${width} ${height}" role="graphics-document document" font-family="${FONT.stack}">`,
    );
    out.ascii("<title>");
    out.escaped(cleanText(scene.title));
    out.ascii("</title><desc>");
    out.escaped(cleanText(scene.description));
    out.ascii("</desc>");
    this.#definitions(scene);
    for (const item of scene.items) this.#item(item, scene);
    out.ascii("</svg>");
    return out.take();
  }

  #definitions(scene: Scene): void {
    const periods = new Set<number>();
    for (const item of scene.items) {
      if (item.kind === "selection" && item.hatch !== null) periods.add(item.hatch);
    }
    if (periods.size === 0) return;
    const from = this.#out.length;
    for (const period of periods) writeHatchPattern(this.#out, period, scene.palette);
    const patterns = this.#out.cut(from);
    if (this.#shared === undefined) this.#out.ascii(`<defs>${patterns}</defs>`);
    else this.#shared.patterns(patterns);
  }

  #item(item: SceneItem, { palette, ink }: Scene): void {
    const out = this.#out;
    switch (item.kind) {
      case "rect":
        writeRect(out, item, palette);
        break;
      case "segments":
        writeSegments(out, item, palette);
        break;
      case "grid":
        this.#grid.write(out, item, palette, ink, this.#shared?.cells);
        break;
      case "selection":
        writeSelection(out, item, palette);
        break;
      case "marks":
        writeMarks(out, item, palette, ink);
        break;
      case "text":
        writeText(out, item, palette);
        break;
      case "arrow":
        writeArrow(out, item, palette);
        break;
      case "polyline":
        writePolyline(out, item, palette);
        break;
      case "area":
        writeArea(out, item, palette);
        break;
      case "dots":
        writeDots(out, item, palette);
        break;
    }
  }
}

/** Writes one scene; a renderer that writes many keeps an `SvgWriter`. */
export function sceneToSvg(scene: Scene): Uint8Array {
  return new SvgWriter().write(scene);
}

function writeRect(out: ByteWriter, item: RectItem, colors: readonly string[]): void {
  const { x, y, width, height, fill, frame } = item;
  out.ascii(`<path fill="${colors[fill]}" d="M${x} ${y}h${width}v${height}h-${width}z"/>`);
  if (frame === undefined) return;
  const [w, h] = [width - 1, height - 1];
  out.ascii(`<path fill="none" stroke="${colors[frame]}" d="M${x + 0.5} ${y + 0.5}h${w}v${h}h-${w}z"/>`);
}

function writeSegments(out: ByteWriter, item: SegmentsItem, colors: readonly string[]): void {
  const { lines, weight, stroke, dash } = item;
  let path = "";
  for (let at = 0; at + 3 < lines.length; at += 4) {
    const [x, y, length, vertical] = lines.slice(at, at + 4) as [number, number, number, number];
    const middle = weight / 2;
    path += vertical ? `M${x + middle} ${y}v${length}` : `M${x} ${y + middle}h${length}`;
  }
  out.ascii(
    `<path fill="none" stroke="${colors[stroke]}" stroke-width="${weight}"${dashes(dash)} d="${path}"/>`,
  );
}

function writeText(out: ByteWriter, item: TextItem, colors: readonly string[]): void {
  const { x, y, size, weight, anchor, fill, text } = item;
  out.ascii(`<text x="${x}" y="${y}" font-size="${size}" fill="${colors[fill]}"`);
  if (weight !== 400) out.ascii(` font-weight="${weight}"`);
  if (anchor !== "start") out.ascii(` text-anchor="${anchor}"`);
  if (runsRightToLeft(text)) out.ascii(` direction="ltr" unicode-bidi="isolate-override"`);
  out.byte(62);
  out.escaped(cleanText(text));
  out.ascii("</text>");
}

/** In rows, as the scene defines it, so that an outline of pixels and a rasteriser agree. */
function writeArrow(out: ByteWriter, { x, y, size, fill }: ArrowItem, colors: readonly string[]): void {
  let path = "";
  for (let row = 0; row < 2 * size - 1; row++) {
    path += `M${x} ${y + row + 0.5}h${Math.min(row + 1, 2 * size - 1 - row)}`;
  }
  out.ascii(`<path fill="none" stroke="${colors[fill]}" d="${path}"/>`);
}

function writePolyline(out: ByteWriter, item: PolylineItem, colors: readonly string[]): void {
  const { weight, stroke, dash } = item;
  out.ascii(`<path fill="none" stroke="${colors[stroke]}" stroke-width="${weight}" stroke-linejoin="round"`);
  out.ascii(`${dashes(dash)} d="`);
  writePoints(out, item.points);
  out.ascii(`"/>`);
}

function writeArea(out: ByteWriter, item: AreaItem, colors: readonly string[]): void {
  out.ascii(`<path fill="${colors[item.fill]}" d="`);
  writePoints(out, item.points);
  out.ascii(`z"/>`);
}

/** "Mx yLx y x y…", a new piece after each NaN. */
function writePoints(out: ByteWriter, points: readonly number[]): void {
  let place = 0;
  for (let at = 0; at + 1 < points.length; at += 2) {
    const [x, y] = [points[at] as number, points[at + 1] as number];
    if (Number.isNaN(x)) {
      place = 0;
      continue;
    }
    out.byte(place === 0 ? 77 : place === 1 ? 76 : 32);
    out.number(x);
    out.byte(32);
    out.number(y);
    place++;
  }
}

function writeDots(out: ByteWriter, item: DotsItem, colors: readonly string[]): void {
  const { points, radius, fill, ring } = item;
  const stroke = ring === undefined ? "" : ` stroke="${colors[ring]}"`;
  out.ascii(`<g fill="${colors[fill]}"${stroke}>`);
  for (let at = 0; at + 1 < points.length; at += 2) {
    out.ascii(`<circle cx="${points[at]}" cy="${points[at + 1]}" r="${radius}"/>`);
  }
  out.ascii("</g>");
}

function dashes(dash: readonly [number, number] | undefined): string {
  return dash === undefined ? "" : ` stroke-dasharray="${dash[0]} ${dash[1]}"`;
}
