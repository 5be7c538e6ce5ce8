import { definePlugin, type PluginDefinition } from "@episcope/core/plugin";
import type { ColorDepth, TerminalTheme } from "./color-depth.js";
import { renderTerminal } from "./render-terminal.js";

export {
  type ColorDepth,
  detectColors,
  detectTheme,
  type Environment,
  type TerminalTheme,
} from "./color-depth.js";
export {
  type DashboardOptions,
  type DashboardState,
  dashboard,
  type ProgressStats,
  progressLine,
  type SinkStats,
} from "./progress.js";
export { renderTerminal, type TerminalOptions } from "./render-terminal.js";

/** Options of the renderer node. */
export interface TerminalRendererOptions {
  readonly columns: number;
  readonly colors: ColorDepth;
  readonly theme: TerminalTheme;
}

/** Pictures as text files with colours, to be shown by `cat`. */
const terminal: PluginDefinition<"renderer", TerminalRendererOptions> = definePlugin({
  kind: "renderer",
  name: "terminal",
  module: import.meta.url,
  options: {
    type: "object",
    additionalProperties: false,
    properties: {
      columns: { type: "integer", minimum: 20, default: 80 },
      colors: { enum: ["none", "16", "256", "truecolor"], default: "truecolor" },
      theme: { enum: ["light", "dark"], default: "dark" },
    },
  },
  create({ columns, colors, theme }, { picture }) {
    const encoder = new TextEncoder();
    return {
      mediaType: "text/plain; charset=utf-8",
      extension: "ans",
      kinds: ["step", "summary", "task", "comparison", "run", "metrics"],
      render: (view) =>
        encoder.encode(renderTerminal(view, { columns, colors, theme, scheme: picture.color_scheme })),
    };
  },
});

export default terminal;
