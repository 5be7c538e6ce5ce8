import { definePlugin, type PluginDefinition } from "@episcope/core/plugin";
import { drawView, fitSize, PICTURE_KINDS } from "@episcope/drawing";
import type { PictureLayout, PictureSettings, View } from "@episcope/records";
import { SvgWriter } from "./scene-to-svg.js";

export { SharedDefinitions, SvgWriter, sceneToSvg } from "./scene-to-svg.js";

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
  /** `figure`: for a paper, without a title and on no ground; `compact`: for panels and phones. */
  readonly layout?: PictureLayout;
  /** Scene pixels that pictures are laid out for; null: what their layout wants. */
  readonly width?: number | null;
  /** Of a figure: its width in millimetres, and its smallest text in points. */
  readonly width_mm?: number;
  readonly text_pt?: number;
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
      layout: { enum: ["page", "compact", "figure"], default: "page" },
      width: { type: ["integer", "null"], minimum: 360, maximum: 4096, default: null },
      width_mm: { type: "number", minimum: 40, maximum: 1000, default: 84 },
      text_pt: { type: "number", minimum: 4, maximum: 72, default: 7 },
    },
  },
  create({ theme = "light", width = null, ...figure }, { picture }) {
    const writer = new SvgWriter();
    const settings = { ...picture, ...figure, theme, ...(width === null ? {} : { width }) };
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
