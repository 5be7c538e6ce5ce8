import { NO_CONFIG } from "../defaults/defaults-list.js";
import type { ConfigSource } from "../source/config-source.js";
import { memorySource } from "../source/memory-source.js";
import { ConfigStore, type StoreEntry } from "../store/config-store.js";
import { HYDRA_FILES } from "./config-files.js";
import { BASIC_LAUNCHER, BASIC_SWEEPER, HYDRA_CONFIG } from "./node-schema.js";

/** The source of Hydra's own config files, first on the search path of every application. */
export function hydraSource(): ConfigSource {
  return memorySource(HYDRA_FILES, { scheme: "pkg", path: "hydra.conf", provider: "hydra" });
}

const HYDRA_ENTRIES: readonly StoreEntry[] = [
  { name: NO_CONFIG, node: {}, provider: "hydra" },
  { group: "hydra", name: "config", node: HYDRA_CONFIG, provider: "hydra" },
  { group: "hydra/launcher", name: "basic", node: BASIC_LAUNCHER, provider: "hydra" },
  { group: "hydra/sweeper", name: "basic", node: BASIC_SWEEPER, provider: "hydra" },
];

/** Hydra's own structured configs, and the program's. */
export function hydraStore(own?: ConfigStore): ConfigStore {
  const store = new ConfigStore();
  for (const entry of HYDRA_ENTRIES) store.store(entry);
  return own === undefined ? store : store.include(own);
}
