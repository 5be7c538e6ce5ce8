import type { ConfigSource } from "../source/config-source.js";
import { memorySource } from "../source/memory-source.js";
import { HYDRA_FILES } from "./config-files.js";
import { PLUGIN_FILES } from "./plugin-files.js";

// A constant, made when first asked for.
let files: ConfigSource | undefined;

/** The source of Hydra's own config files. `compose` puts it first on the search path where it is not there yet. */
export function hydraSource(): ConfigSource {
  files ??= makeSource();
  return files;
}

function makeSource(): ConfigSource {
  const place = { scheme: "pkg", path: "hydra.conf", provider: "hydra" };
  const own = memorySource(HYDRA_FILES, place);
  const plugins = memorySource(PLUGIN_FILES, place);
  return Object.freeze({ ...own, read: (file: string) => own.read(file) ?? plugins.read(file) });
}
