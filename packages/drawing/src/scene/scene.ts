import { FONT } from "../text/text-metrics.js";

/**
 * A picture as plain data, before it becomes SVG, pixels or terminal cells.
 *
 * Coordinates are scene pixels with the origin at the top left, y downwards. Everything that a picture of a
 * step is made of (rects, segments, grids, selections, marks, text, arrows) has integer coordinates, and cells
 * have an integer size, so a rasteriser needs no anti-aliasing outside text: "covers pixels [a, b)" below is
 * meant to the pixel. Only `polyline`, `area` and `dots` (curves in charts) have fractional coordinates.
 * Grid origins and cell sizes are even, so they stay integers at a raster scale of 1.5 too.
 *
 * Nothing is translucent. Colours are indices into `Scene.palette` (`Paint`): 0..15 are the cell values, the
 * rest are the roles of `ROLE`. A picture therefore has a small, known set of colours.
 *
 * Items are painted in order, later ones over earlier ones.
 */
export interface Scene {
  /** Scene pixels, integers. */
  readonly width: number;
  readonly height: number;
  /** Of a scene pixel on paper, in a figure. */
  readonly millimetres?: number;
  /** One line for people who cannot see the picture; cleaned text (`cleanText`), not escaped. */
  readonly title: string;
  /** A few sentences: what is shown and the figures in it. */
  readonly description: string;
  /** "#rrggbb" for each `Paint`: 16 cell values, then the roles in the order of `ROLE`. */
  readonly palette: readonly string[];
  /** For each cell value the paint (`markDark` or `markLight`) that is readable on it: digits and marks. */
  readonly ink: readonly Paint[];
  readonly items: readonly SceneItem[];
}

/** Index into `Scene.palette`. */
export type Paint = number;

/** Paints by what they are for; the numbers are the places in `Scene.palette`. */
export const ROLE = {
  /** Ground of the whole picture. */
  page: 16,
  /** Ground of panels, charts and bars. */
  panel: 17,
  /** Frames of panels and charts. */
  border: 18,
  /** Titles and values. */
  text: 19,
  /** Labels, units, axes: still 4.5:1 against page and panel. */
  muted: 20,
  /** Lines between the cells of a grid. */
  gridLine: 21,
  /** Cells that are no cells: padding inside a grid. */
  padding: 22,
  /** The two halves of every mark, so that it shows on any cell colour. */
  markDark: 23,
  markLight: 24,
  /** Reward or change above zero, success. */
  positive: 25,
  /** Reward or change below zero, failure. */
  negative: 26,
  /** Curves and bars of rewards; its pale form for bands. */
  reward: 27,
  rewardPale: 28,
  /** Curves and bars of similarity; its pale form for bands. */
  similarity: 29,
  similarityPale: 30,
  /** A third curve: cumulative reward, best so far. */
  accent: 31,
  /** Lines of a chart's ticks. */
  tick: 32,
} as const;

export const PALETTE_SIZE = 33;

export type SceneItem =
  | RectItem
  | SegmentsItem
  | GridItem
  | SelectionItem
  | MarksItem
  | TextItem
  | ArrowItem
  | PolylineItem
  | AreaItem
  | DotsItem;

/** Covers pixels [x, x + width) by [y, y + height). Swatches and bars are rects too. */
export interface RectItem {
  readonly kind: "rect";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly fill: Paint;
  /** A frame of 1 pixel inside the rect, painted over the fill. */
  readonly frame?: Paint;
}

/**
 * Axis-aligned lines. `lines` holds [x, y, length, 0 | 1] four by four: 0 = horizontal, covering
 * [x, x + length) by [y, y + weight); 1 = vertical, covering [x, x + weight) by [y, y + length).
 */
export interface SegmentsItem {
  readonly kind: "segments";
  readonly lines: readonly number[];
  /** Thickness in pixels, an integer. */
  readonly weight: number;
  readonly stroke: Paint;
  /** Pixels on, pixels off; begins anew, with "on", at the start of each line. */
  readonly dash?: readonly [on: number, off: number];
}

/** Where a grid stands; shared by what is drawn over it. */
export interface GridFrame {
  /** Rows and columns that are drawn. */
  readonly shape: readonly [rows: number, columns: number];
  /** Top left. Cell (r, c) covers [x + c * cell, x + (c + 1) * cell) by [y + r * cell, y + (r + 1) * cell). */
  readonly x: number;
  readonly y: number;
  /** Side of a cell; even. */
  readonly cell: number;
}

/**
 * Cells, and the lines between them. With `lines`, each line covers one pixel: for c = 0..columns the pixels
 * [x + c * cell, x + c * cell + 1) by [y, y + rows * cell + 1), and likewise for the rows, so a grid with lines
 * covers `columns * cell + 1` pixels and shows `cell - 1` pixels of each cell. Without lines it has only the
 * four outer ones. Lines are `ROLE.gridLine`.
 */
export interface GridItem extends GridFrame {
  readonly kind: "grid";
  /** Row-major, values 0..15 = paints 0..15. */
  readonly data: Uint8Array;
  /** 0 = padding, painted `ROLE.padding`; left out where every cell is real. */
  readonly mask?: Uint8Array;
  readonly lines: boolean;
  /**
   * Text size of the digit in the middle of each real cell, in the ink of its value; null for none. Values from
   * 10 on are written A..F. The digit is centred: anchor "middle" at x + c * cell + (cell + 1) / 2, baseline at
   * `digitBaseline(cell, size)` below the top of the cell.
   */
  readonly digits: number | null;
  /** Name for people who cannot see it, for instance "before". */
  readonly label: string;
}

/**
 * A selected region, as an outline and a hatch of thin lines; no colour is tinted.
 *
 * Outline: along each border between a selected cell and one that is not (the grid's edge counts as "not"), on
 * the pixel line b that lies between the two cells (b = x + c * cell or y + r * cell, the line of `GridItem`).
 * First, for all borders, `markLight` over [b - h - 1, b + h + 2) where h = (weight - 1) / 2, then `markDark`
 * over [b - h, b + h + 1). Along its length a border from vertex line a to vertex line e covers
 * [a - h - 1, e + h + 2) in light and [a - h, e + h + 1) in dark, so corners are closed.
 *
 * Hatch (painted first, inside selected cells only): with s = px + py of a pixel's centre in scene coordinates,
 * taken modulo `hatch`: dark where s >= hatch - 0.75 or s < 0.25, light where 0.25 <= s < 1.25. At scale 1 this
 * is one dark and one light pixel for each `hatch` pixels of a row.
 */
export interface SelectionItem extends GridFrame {
  readonly kind: "selection";
  /** Row-major, 1 = selected. */
  readonly mask: Uint8Array;
  /** Odd: 1 or 3. */
  readonly weight: number;
  /** Distance of the hatch lines along a row; null for no hatch. */
  readonly hatch: number | null;
}

/**
 * A mark in each marked cell, in the ink of the cell's value, so that it shows and the colour stays.
 * `corner` is a square that covers `size` pixels from x + c * cell + inset, y + r * cell + inset with inset = 2
 * where the cell has 8 pixels or more, else 1. `centre` is a square that covers `size` pixels from
 * x + c * cell + floor((cell + 1 - size) / 2). `ring` is the border of such a square (`size` is odd then): outermost
 * one pixel of the other ink, inside of it `weight` pixels of the cell's own, so that it shows on the cell and on
 * its neighbours.
 */
export interface MarksItem extends GridFrame {
  readonly kind: "marks";
  readonly mark: "corner" | "centre" | "ring";
  readonly size: number;
  /** Of a ring: pixels of the cell's own ink. */
  readonly weight?: number;
  /** The values of the cells, row-major: they give the ink. */
  readonly data: Uint8Array;
  /** Row-major, 1 = marked. */
  readonly mask: Uint8Array;
  /** What the marks mean, for people who cannot see them, for instance "changed cells"; left out in legends. */
  readonly label?: string;
}

/** One line of text in the bundled font (`FONT`). */
export interface TextItem {
  readonly kind: "text";
  /** Where the anchor stands. */
  readonly x: number;
  /** Baseline. */
  readonly y: number;
  /** Font size in pixels. */
  readonly size: number;
  readonly weight: 400 | 700;
  readonly anchor: "start" | "middle" | "end";
  readonly fill: Paint;
  /** Cleaned (`cleanText`): no control characters, no line breaks, no lone surrogates. Not escaped. */
  readonly text: string;
}

/**
 * A solid arrow head that points right: row i (0 <= i < 2 * size - 1) of it covers
 * min(i + 1, 2 * size - 1 - i) pixels from x on; y is its top.
 */
export interface ArrowItem {
  readonly kind: "arrow";
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly fill: Paint;
}

/** A curve of a chart. */
export interface PolylineItem {
  readonly kind: "polyline";
  /** x, y, x, y, … at most one decimal. NaN for both begins a new piece. */
  readonly points: readonly number[];
  readonly weight: number;
  readonly stroke: Paint;
  readonly dash?: readonly [on: number, off: number];
}

/** A filled polygon of a chart: quantile bands. */
export interface AreaItem {
  readonly kind: "area";
  readonly points: readonly number[];
  readonly fill: Paint;
}

/** Round markers of a chart. */
export interface DotsItem {
  readonly kind: "dots";
  /** Centres: x, y, x, y, … */
  readonly points: readonly number[];
  readonly radius: number;
  readonly fill: Paint;
  /** A ring of 1 pixel around each. */
  readonly ring?: Paint;
}

/** Where a digit's baseline lies below the top of its cell, in pixels. */
export function digitBaseline(cell: number, size: number): number {
  return Math.round((cell + 1 + size * FONT.capHeight) / 2);
}
