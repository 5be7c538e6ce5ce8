import { createRequire } from "node:module";
import type { PluginEntry } from "@episcope/core";

/** What is always installed with the program. */
const INCLUDED: readonly PluginEntry[] = [
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
    name: "gif",
    module: "@episcope/plugin-png/gif",
    load: () => import("@episcope/plugin-png/gif"),
  },
  {
    kind: "renderer",
    name: "html",
    module: "@episcope/plugin-html",
    load: () => import("@episcope/plugin-html"),
  },
  {
    kind: "format",
    name: "pickle",
    module: "@episcope/plugin-pickle",
    load: () => import("@episcope/plugin-pickle"),
  },
  {
    kind: "sink",
    name: "wandb",
    module: "@episcope/plugin-wandb",
    load: () => import("@episcope/plugin-wandb"),
  },
  {
    kind: "sink",
    name: "tensorboard",
    module: "@episcope/plugin-tensorboard",
    load: () => import("@episcope/plugin-tensorboard"),
  },
  {
    kind: "sink",
    name: "trackio",
    module: "@episcope/plugin-trackio",
    load: () => import("@episcope/plugin-trackio"),
  },
];

/** What is installed only where it is wanted: the libraries for HDF5 and for PDF are each larger than the rest of the program. */
const OPTIONAL: readonly (PluginEntry & { readonly module: string })[] = [
  {
    kind: "format",
    name: "hdf5",
    module: "@episcope/plugin-hdf5",
    load: () => import("@episcope/plugin-hdf5"),
  },
  {
    kind: "renderer",
    name: "pdf",
    module: "@episcope/plugin-pdf",
    load: () => import("@episcope/plugin-pdf"),
  },
];

/**
 * The plugins that the program offers; a module is loaded only when a config names its plugin. One whose package is
 * missing is left out, so that a config which names it fails with PLUGIN_NOT_INSTALLED before anything is written.
 */
export function builtinPlugins(
  isInstalled: (packageName: string) => boolean = isResolvable,
): readonly PluginEntry[] {
  return [...INCLUDED, ...OPTIONAL.filter(({ module }) => isInstalled(module))];
}

function isResolvable(packageName: string): boolean {
  try {
    createRequire(import.meta.url).resolve(`${packageName}/package.json`);
    return true;
  } catch {
    return false;
  }
}
