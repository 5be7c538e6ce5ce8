import { definePlugin, type PluginDefinition } from "@episcope/core";
import { drawView, PICTURE_KINDS } from "@episcope/drawing";
import type { PictureSettings, View } from "@episcope/records";
import { SvgWriter } from "./scene-to-svg.js";

export { SvgWriter, sceneToSvg } from "./scene-to-svg.js";

/**
 * The SVG of a view, UTF-8.
 *
 * @throws EpiscopeError `PICTURE_KIND_UNKNOWN` for a view that has no picture (an "episode").
 */
export function viewToSvg(
  view: View,
  settings: PictureSettings,
  writer: SvgWriter = new SvgWriter(),
): Uint8Array {
  return writer.write(drawView(view, settings));
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
