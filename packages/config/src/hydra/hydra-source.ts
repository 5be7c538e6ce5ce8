import type { ConfigSource } from "../source/config-source.js";
import { memorySource } from "../source/memory-source.js";
import { rulesOf } from "../version/rules.js";
import type { VersionBase } from "../version/version-base.js";
import { HYDRA_FILES, HYDRA_FILES_14 } from "./config-files.js";
import { PLUGIN_FILES } from "./plugin-files.js";

// Constants, made when first asked for.
const made = new Map<"1.3" | "1.4", ConfigSource>();

/** The source of Hydra's own config files. `compose` puts it first on the search path where it is not there yet. */
export function hydraSource(versionBase?: VersionBase): ConfigSource {
  const version = rulesOf(versionBase).hydra;
  let source = made.get(version);
  if (source === undefined) {
    source = makeSource(version === "1.4" ? { ...HYDRA_FILES, ...HYDRA_FILES_14 } : HYDRA_FILES);
    made.set(version, source);
  }
  return source;
}

function makeSource(files: Readonly<Record<string, string>>): ConfigSource {
  const place = { scheme: "pkg", path: "hydra.conf", provider: "hydra" };
  const own = memorySource(files, place);
  const plugins = memorySource(PLUGIN_FILES, place);
  return Object.freeze({ ...own, read: (file: string) => own.read(file) ?? plugins.read(file) });
}
