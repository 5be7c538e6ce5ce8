import { drawView, RASTER_SCALE, type Scene } from "@episcope/drawing";
import type { PictureSettings, View } from "@episcope/records";
import { GlyphAtlas } from "../raster/glyph-atlas.js";
import { TextShapes } from "../raster/text-shape.js";
import { FastPath } from "./fast-path.js";
import { fontFiles } from "./font-files.js";
import { checkPixels, SvgRaster } from "./svg-raster.js";

/** A pixel of a figure is 0.2 mm or so: 600 dots an inch and more. */
const PRINTED_SCALE = 5;

/**
 * Draws scenes as PNG files. The fast path takes what it can express, the general path everything else; which of
 * them it is depends on the scene alone. One instance keeps glyphs, texts and buffers from picture to picture.
 */
export class PictureRaster {
  readonly #shapes: TextShapes;
  readonly #fast: FastPath;
  readonly #general: SvgRaster;

  /**
   * `fonts`: TTF files of the bundled font, for programs that ship them elsewhere than in node_modules. `onBox` is called for
   * each picture in which boxes stand for letters that the font lacks.
   */
  constructor(fonts: readonly string[] = fontFiles(), onBox: () => void = () => {}) {
    this.#shapes = new TextShapes(new GlyphAtlas(fonts));
    this.#fast = new FastPath(this.#shapes);
    this.#general = new SvgRaster(fonts, onBox);
  }

  get shapes(): TextShapes {
    return this.#shapes;
  }

  get general(): SvgRaster {
    return this.#general;
  }

  /**
   * A scene as a PNG file, with `scale` pixels for each of its own.
   *
   * @throws EpiscopeError `PICTURE_TOO_LARGE` beyond `MAX_PIXELS`.
   */
  drawScene(scene: Scene, scale: number): Uint8Array {
    checkPixels(scene.width * scale, scene.height * scale);
    // The fast path paints on a ground; a figure has none.
    const fast = scene.millimetres === undefined ? this.#fast.draw(scene, scale) : null;
    return fast ?? new Uint8Array(this.#general.render(scene, scale).asPng());
  }

  /**
   * The picture of a view as a PNG file, at the scale of `image_quality`.
   *
   * @throws EpiscopeError `PICTURE_KIND_UNKNOWN` for a view that has no picture (an "episode"); `PICTURE_TOO_LARGE`.
   */
  drawView(view: View, settings: PictureSettings): Uint8Array {
    const scene = drawView(view, settings);
    const { millimetres } = scene;
    return this.drawScene(
      scene,
      millimetres === undefined ? RASTER_SCALE[settings.image_quality] : PRINTED_SCALE,
    );
  }
}
