import { definePlugin, type PluginDefinition } from "@episcope/core/plugin";
import { drawView, fitSize, PICTURE_KINDS } from "@episcope/drawing";
import type { PictureLayout } from "@episcope/records";
import { PictureRaster } from "./picture/picture-raster.js";

export { type AnimationFormat, type AnimationOptions, animateEpisode } from "./animate/animate-episode.js";
export { PictureRaster } from "./picture/picture-raster.js";
export { MAX_PIXELS } from "./picture/svg-raster.js";

/** Options of the renderer node. */
export interface PictureOptions {
  /** Ground and text of the pictures. */
  readonly theme?: "light" | "dark";
  /** `figure`: for a paper, without a title and on no ground; `compact`: for panels and phones. */
  readonly layout?: PictureLayout;
  /** Scene pixels that pictures are laid out for; null: what their layout wants. */
  readonly width?: number | null;
  /** Of a figure: its width in millimetres, and its smallest text in points. */
  readonly width_mm?: number;
  readonly text_pt?: number;
}

const BOXES =
  "Letters that the bundled font lacks are boxes in PNG pictures. SVG pictures have them: visualization.output_formats=[svg].";

const png: PluginDefinition<"renderer", PictureOptions> = definePlugin({
  kind: "renderer",
  name: "png",
  module: import.meta.url,
  options: {
    type: "object",
    additionalProperties: false,
    properties: {
      theme: { enum: ["light", "dark"], default: "light" },
      layout: { enum: ["page", "compact", "figure"], default: "page" },
      width: { type: ["integer", "null"], minimum: 360, maximum: 4096, default: null },
      width_mm: { type: "number", minimum: 40, maximum: 1000, default: 84 },
      text_pt: { type: "number", minimum: 4, maximum: 72, default: 7 },
    },
  },
  create({ theme = "light", width = null, ...figure }, { picture, logger }) {
    let isSaid = false;
    const raster = new PictureRaster(undefined, () => {
      if (!isSaid) logger.warn(BOXES);
      isSaid = true;
    });
    const settings = { ...picture, ...figure, theme, ...(width === null ? {} : { width }) };
    return {
      mediaType: "image/png",
      extension: "png",
      kinds: PICTURE_KINDS,
      render(view, size) {
        if (size === undefined) return raster.drawView(view, settings);
        const fitted = fitSize(settings, size, false);
        return raster.drawScene(drawView(view, fitted.settings), fitted.scale);
      },
    };
  },
});

export default png;
