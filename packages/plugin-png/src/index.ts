import { definePlugin, type PluginDefinition } from "@episcope/core/plugin";
import { drawView, fitSize, PICTURE_KINDS } from "@episcope/drawing";
import { PictureRaster } from "./picture/picture-raster.js";

export { type AnimationFormat, type AnimationOptions, animateEpisode } from "./animate/animate-episode.js";
export { PictureRaster } from "./picture/picture-raster.js";
export { MAX_PIXELS } from "./picture/svg-raster.js";

/** Options of the renderer node. */
export interface PictureOptions {
  /** Ground and text of the pictures. */
  readonly theme?: "light" | "dark";
  /** Scene pixels that pictures of steps are laid out for; null: as wide as their grids want. */
  readonly width?: number | null;
}

const png: PluginDefinition<"renderer", PictureOptions> = definePlugin({
  kind: "renderer",
  name: "png",
  module: import.meta.url,
  options: {
    type: "object",
    additionalProperties: false,
    properties: {
      theme: { enum: ["light", "dark"], default: "light" },
      width: { type: ["integer", "null"], minimum: 360, maximum: 4096, default: null },
    },
  },
  create({ theme = "light", width = null }, { picture }) {
    const raster = new PictureRaster();
    const settings = { ...picture, theme, ...(width === null ? {} : { width }) };
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
