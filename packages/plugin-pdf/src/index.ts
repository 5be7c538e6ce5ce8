import { definePlugin, type PluginDefinition } from "@episcope/core/plugin";
import { drawView, fitSize, PICTURE_KINDS } from "@episcope/drawing";
import type { PictureLayout, PictureSettings, View } from "@episcope/records";
import { sceneToPdf } from "./scene-to-pdf.js";

export { sceneToPdf } from "./scene-to-pdf.js";

/**
 * The PDF of a view: one page as large as the picture, with the letters that it needs.
 *
 * @throws EpiscopeError `PICTURE_KIND_UNKNOWN` for a view that has no picture (an "episode").
 */
export function viewToPdf(view: View, settings: PictureSettings): Uint8Array {
  return sceneToPdf(drawView(view, settings));
}

/** Options of the renderer node. */
export interface PdfOptions {
  /** Ground and text of the pictures. */
  readonly theme?: "light" | "dark";
  /** `figure`: for a paper, without a title and on no ground. Default: "figure". */
  readonly layout?: PictureLayout;
  /** Scene pixels that pictures are laid out for; null: what their layout wants. */
  readonly width?: number | null;
  /** Of a figure: its width in millimetres, and its smallest text in points. */
  readonly width_mm?: number;
  readonly text_pt?: number;
}

const pdf: PluginDefinition<"renderer", PdfOptions> = definePlugin({
  kind: "renderer",
  name: "pdf",
  module: import.meta.url,
  options: {
    type: "object",
    additionalProperties: false,
    properties: {
      theme: { enum: ["light", "dark"], default: "light" },
      layout: { enum: ["page", "compact", "figure"], default: "figure" },
      width: { type: ["integer", "null"], minimum: 360, maximum: 4096, default: null },
      width_mm: { type: "number", minimum: 40, maximum: 1000, default: 84 },
      text_pt: { type: "number", minimum: 4, maximum: 72, default: 7 },
    },
  },
  create({ theme = "light", layout = "figure", width = null, ...figure }, { picture }) {
    const settings = { ...picture, ...figure, layout, theme, ...(width === null ? {} : { width }) };
    return {
      mediaType: "application/pdf",
      extension: "pdf",
      kinds: PICTURE_KINDS,
      render: (view, size) =>
        viewToPdf(view, size === undefined ? settings : fitSize(settings, size, true).settings),
    };
  },
});

export default pdf;
