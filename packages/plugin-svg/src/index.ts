import { definePlugin, type PluginDefinition } from "@episcope/core/plugin";
import { drawView, fitSize, PICTURE_KINDS } from "@episcope/drawing";
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

/** Options of the renderer node. */
export interface PictureOptions {
  /** Ground and text of the pictures. */
  readonly theme?: "light" | "dark";
  /** Scene pixels that pictures of steps are laid out for; null: as wide as their grids want. */
  readonly width?: number | null;
}

const svg: PluginDefinition<"renderer", PictureOptions> = definePlugin({
  kind: "renderer",
  name: "svg",
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
    const writer = new SvgWriter();
    const settings = { ...picture, theme, ...(width === null ? {} : { width }) };
    return {
      mediaType: "image/svg+xml",
      extension: "svg",
      kinds: PICTURE_KINDS,
      render: (view, size) =>
        viewToSvg(view, size === undefined ? settings : fitSize(settings, size, true).settings, writer),
    };
  },
});

export default svg;
