import { definePlugin, type PluginDefinition } from "@episcope/core";
import type { PictureSettings, View } from "@episcope/records";
import { drawView, PICTURE_KINDS } from "./draw-view.js";
import { noPictureOfView } from "./errors.js";
import { SvgWriter } from "./scene-to-svg.js";

export { drawView, PICTURE_KINDS } from "./draw-view.js";
export { SvgWriter, sceneToSvg } from "./scene-to-svg.js";

/** The SVG of a view, UTF-8. Throws PICTURE_KIND_UNKNOWN for a view that has no picture (an "episode"). */
export function viewToSvg(
  view: View,
  settings: PictureSettings,
  writer: SvgWriter = new SvgWriter(),
): Uint8Array {
  const scene = drawView(view, settings);
  if (scene === null) throw noPictureOfView(view.kind, PICTURE_KINDS);
  return writer.write(scene);
}

const svg: PluginDefinition<"renderer", Record<string, never>> = definePlugin({
  kind: "renderer",
  name: "svg",
  options: { type: "object", additionalProperties: false, properties: {} },
  create(_options, { picture }) {
    const writer = new SvgWriter();
    return {
      mediaType: "image/svg+xml",
      extension: "svg",
      kinds: PICTURE_KINDS,
      render: (view) => viewToSvg(view, picture, writer),
    };
  },
});

export default svg;
