import { definePlugin } from "@episcope/core";

/** Keeps every solved episode from cleanups, those of `episcope clean` too. */
export default definePlugin({
  kind: "hooks",
  name: "protect_wins",
  module: import.meta.url,
  create(_options, { hooks }) {
    hooks.protect.tap("protect_wins", ({ success }) => (success ? true : undefined));
    return undefined;
  },
});
