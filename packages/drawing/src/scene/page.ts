import type { PictureLayout, PictureSettings } from "@episcope/records";
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
}

/** In a figure a selection's outline and a ring still stand out over the outermost cells. */
const MARGINS: { readonly [layout in PictureLayout]: number } = { page: MARGIN, compact: 12, figure: 4 };
/** A panel of W&B, or a phone. */
const COMPACT_WIDTH = 400;
const FIGURE_WIDTH = 397;
const NARROW = 640;
/** Narrower ones would have no room for a line of text. */
const LEAST_WIDTH = 240;

export function pageOf(settings: Pick<PictureSettings, "layout" | "width" | "height">): Page {
  const { layout = "page", width, height = null } = settings;
  const wanted = width ?? { page: PAGE_WIDTH, compact: COMPACT_WIDTH, figure: FIGURE_WIDTH }[layout];
  return pageOfWidth(layout, wanted, height);
}

export function pageOfWidth(layout: PictureLayout, wanted: number, height: number | null = null): Page {
  const width = Math.max(LEAST_WIDTH, even(wanted - 1));
  const margin = MARGINS[layout];
  const inner = width - 2 * margin;
  return { layout, width, margin, inner, narrow: inner < NARROW, height };
}
