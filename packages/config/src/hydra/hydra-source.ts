import type { ConfigSource } from "../source/config-source.js";
import { memorySource } from "../source/memory-source.js";
import { HYDRA_FILES } from "./config-files.js";

// A constant, made when first asked for.
let files: ConfigSource | undefined;

/** The source of Hydra's own config files. `compose` puts it first on the search path where it is not there yet. */
export function hydraSource(): ConfigSource {
  files ??= Object.freeze(
    memorySource(HYDRA_FILES, { scheme: "pkg", path: "hydra.conf", provider: "hydra" }),
  );
  return files;
}
