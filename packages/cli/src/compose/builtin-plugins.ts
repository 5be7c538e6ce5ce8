import type { PluginEntry } from "@episcope/core";

/** The plugins that come with the program; a module is loaded only when a config names its plugin. */
export const BUILTIN_PLUGINS: readonly PluginEntry[] = [
  {
    kind: "renderer",
    name: "svg",
    module: "@episcope/plugin-svg",
    load: () => import("@episcope/plugin-svg"),
  },
  {
    kind: "renderer",
    name: "png",
    module: "@episcope/plugin-png",
    load: () => import("@episcope/plugin-png"),
  },
  {
    kind: "renderer",
    name: "html",
    module: "@episcope/plugin-html",
    load: () => import("@episcope/plugin-html"),
  },
  {
    kind: "format",
    name: "hdf5",
    module: "@episcope/plugin-hdf5",
    load: () => import("@episcope/plugin-hdf5"),
  },
  {
    kind: "sink",
    name: "wandb",
    module: "@episcope/plugin-wandb",
    load: () => import("@episcope/plugin-wandb"),
  },
];
