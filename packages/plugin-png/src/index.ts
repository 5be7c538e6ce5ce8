import { definePlugin, type PluginDefinition } from "@episcope/core";
import { PICTURE_KINDS } from "@episcope/drawing";
import { PictureRaster } from "./picture/picture-raster.js";

export { type AnimationFormat, type AnimationOptions, animateEpisode } from "./animate/animate-episode.js";
export { PictureRaster } from "./picture/picture-raster.js";
export { MAX_PIXELS } from "./picture/svg-raster.js";

const png: PluginDefinition<"renderer", Record<string, never>> = definePlugin({
  kind: "renderer",
  name: "png",
  options: { type: "object", additionalProperties: false, properties: {} },
  create(_options, { picture }) {
    const raster = new PictureRaster();
    return {
      mediaType: "image/png",
      extension: "png",
      kinds: PICTURE_KINDS,
      render: (view) => raster.drawView(view, picture),
    };
  },
});

export default png;
