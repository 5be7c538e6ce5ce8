import { definePlugin } from "@episcope/core";

interface Options {
  readonly below: number;
}

/** Draws each step that is punished, whatever `debug_level` says, and leaves the others to it. */
export default definePlugin<"hooks", Options>({
  kind: "hooks",
  name: "draw_regrets",
  module: import.meta.url,
  options: {
    type: "object",
    additionalProperties: false,
    properties: { below: { type: "number", default: 0 } },
  },
  create({ below }, { hooks }) {
    hooks.draw.tap("draw_regrets", ({ reward }) => (reward < below ? true : undefined));
    return undefined;
  },
});
