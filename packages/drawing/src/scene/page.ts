import type { PictureLayout, PictureSettings } from "@episcope/records";
import { TEXT_SIZE } from "../text/text-size.js";
import { even, MARGIN, PAGE_WIDTH } from "./layout.js";

/** The page that a picture is laid out on, in scene pixels. */
export interface Page {
  readonly layout: PictureLayout;
  readonly width: number;
  /** Space between the page's edge and what is on it. */
  readonly margin: number;
  /** Width between the margins. */
  readonly inner: number;
  /** Too narrow for cards and for three grids side by side. */
  readonly narrow: boolean;
  /** The picture is fitted into it; null: as high as it gets. */
  readonly height: number | null;
  /** Millimetres of a scene pixel on paper; null where the picture is no figure. */
  readonly millimetres: number | null;
}

/** In a figure a selection's outline and a ring still stand out over the outermost cells. */
const MARGINS: { readonly [layout in PictureLayout]: number } = { page: MARGIN, compact: 12, figure: 4 };
/** A panel of W&B, or a phone. */
const COMPACT_WIDTH = 400;
/** Of a figure: millimetres, and points of its smallest text. */
const FIGURE = { width: 84, text: 7 } as const;
const POINTS_PER_MM = 72 / 25.4;
const NARROW = 640;
/** Narrower ones would have no room for a line of text. */
const LEAST_WIDTH = 240;

type PageSettings = Pick<PictureSettings, "layout" | "width" | "height" | "width_mm" | "text_pt">;

export function pageOf(settings: PageSettings): Page {
  const { layout = "page", width, height = null, width_mm = FIGURE.width, text_pt } = settings;
  const figure = Math.round(width_mm / millimetresOf(text_pt));
  const wanted = width ?? { page: PAGE_WIDTH, compact: COMPACT_WIDTH, figure }[layout];
  return pageOfWidth(layout, wanted, height, text_pt);
}

/** Of a scene pixel, with the smallest text that large. */
function millimetresOf(points: number = FIGURE.text): number {
  return points / TEXT_SIZE.caption / POINTS_PER_MM;
}

export function pageOfWidth(
  layout: PictureLayout,
  wanted: number,
  height: number | null = null,
  points?: number,
): Page {
  const width = Math.max(LEAST_WIDTH, even(wanted - 1));
  const margin = MARGINS[layout];
  const inner = width - 2 * margin;
  const millimetres = layout === "figure" ? millimetresOf(points) : null;
  return { layout, width, margin, inner, narrow: inner < NARROW, height, millimetres };
}
