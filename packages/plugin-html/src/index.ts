import { definePlugin, type PluginDefinition } from "@episcope/core/plugin";
import { episodePage } from "./episode-page.js";
import { notAnEpisode } from "./errors.js";

export { type EpisodePageOptions, episodePage } from "./episode-page.js";

export { type PageLink, type RunPageOptions, runPage } from "./run-page.js";

/** Options of the renderer node. */
export interface HtmlRendererOptions {
  readonly pictures: "all" | "key";
}

const html: PluginDefinition<"renderer", HtmlRendererOptions> = definePlugin({
  kind: "renderer",
  name: "html",
  module: import.meta.url,
  options: {
    type: "object",
    additionalProperties: false,
    properties: { pictures: { enum: ["all", "key"], default: "all" } },
  },
  create({ pictures }, { picture }) {
    return {
      mediaType: "text/html; charset=utf-8",
      extension: "html",
      kinds: ["episode"],
      render(view) {
        if (view.kind !== "episode") throw notAnEpisode(view.kind);
        return episodePage(view, { settings: picture, pictures });
      },
    };
  },
});

export default html;
