import { FONT } from "./text-metrics.js";

/**
 * The text sizes of all pictures, in scene pixels. The letters of each are a whole number of pixels apart, so that
 * in a raster every letter stands on a pixel and looks the same wherever it occurs.
 */
export const TEXT_SIZE: {
  readonly [role in "caption" | "body" | "heading" | "value" | "title"]: number;
} = {
  /** Labels, captions, axes, tables: 7 pixels a letter. */
  caption: sizeOf(7),
  /** 8 pixels a letter. */
  body: sizeOf(8),
  /** Names of panels and sections: 9 pixels a letter. */
  heading: sizeOf(9),
  /** Figures on cards: 12 pixels a letter. */
  value: sizeOf(12),
  /** 13 pixels a letter. */
  title: sizeOf(13),
};

/** The font size with this advance, to a thousandth. */
function sizeOf(advance: number): number {
  return Math.round((advance / FONT.advance) * 1000) / 1000;
}
