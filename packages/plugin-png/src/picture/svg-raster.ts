import { FONT, type Scene } from "@episcope/drawing";
import { SvgWriter } from "@episcope/plugin-svg";
import { type RenderedImage, Resvg } from "@resvg/resvg-js";
import { pictureTooLarge } from "./errors.js";
import { FontLetters } from "./font-letters.js";

/** resvg does not bound its memory by itself: 2^26 pixels are 256 MB. */
export const MAX_PIXELS: number = 1 << 26;

/** resvg's numbers for SVG's `shape-rendering`. */
const CRISP_EDGES = 1;
const GEOMETRIC_PRECISION = 2;

/**
 * The general path: any scene, as the SVG that the svg renderer writes, rasterised by resvg with the bundled font. A letter
 * that the font lacks is a box.
 */
export class SvgRaster {
  private readonly writer = new SvgWriter();
  private readonly fontFiles: readonly string[];
  private readonly onBox: () => void;
  private letters: FontLetters | undefined;

  /** `onBox` is called for each picture that has boxes in place of letters. */
  constructor(fontFiles: readonly string[], onBox: () => void = () => {}) {
    this.fontFiles = fontFiles;
    this.onBox = onBox;
  }

  /** @throws EpiscopeError `PICTURE_TOO_LARGE` above `MAX_PIXELS`. */
  render(scene: Scene, scale: number): RenderedImage {
    checkPixels(scene.width * scale, scene.height * scale);
    // Everything but curves stands on whole pixels; at a scale of 1.5 that becomes true again without smoothing.
    const curved = scene.items.some(({ kind }) => kind === "polyline" || kind === "area" || kind === "dots");
    const shapeRendering = curved ? GEOMETRIC_PRECISION : CRISP_EDGES;
    return new Resvg(Buffer.from(this.writer.write(this.boxed(scene))), {
      shapeRendering,
      fitTo: { mode: "zoom", value: scale },
      font: {
        loadSystemFonts: false,
        fontFiles: [...this.fontFiles],
        defaultFontFamily: FONT.family,
        monospaceFamily: FONT.family,
      },
    }).render();
  }

  /** Without it resvg would leave a gap. */
  private boxed(scene: Scene): Scene {
    this.letters ??= new FontLetters(this.fontFiles[0]!);
    const { letters } = this;
    let hasBoxes = false;
    const items = scene.items.map((item) => {
      if (item.kind !== "text") return item;
      const text = letters.boxed(item.text);
      if (text === item.text) return item;
      hasBoxes = true;
      return { ...item, text };
    });
    if (!hasBoxes) return scene;
    this.onBox();
    return { ...scene, items };
  }
}

export function checkPixels(width: number, height: number): void {
  if (!(width * height <= MAX_PIXELS))
    throw pictureTooLarge(Math.round(width), Math.round(height), MAX_PIXELS);
}
