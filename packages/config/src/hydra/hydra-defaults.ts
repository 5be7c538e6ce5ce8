import { NO_CONFIG } from "../defaults/default-entry.js";
import { type HydraDefaults, resolveHydraDefaults } from "../defaults/defaults-list.js";
import { ConfigRepository } from "../defaults/repository.js";
import { ConfigStore, type StoreEntry } from "../store/config-store.js";
import type { VersionBase } from "../version/version-base.js";
import { hydraSource } from "./hydra-source.js";
import { BASIC_LAUNCHER, BASIC_SWEEPER, HYDRA_CONFIG } from "./node-schema.js";

// Hydra's own configs are constants; they are made when first asked for.
let ownStore: ConfigStore | undefined;
const ownDefaults = new Map<VersionBase, HydraDefaults>();

/** Hydra's part of a defaults list that neither configs nor overrides change. */
export function hydraDefaults(versionBase: VersionBase): HydraDefaults {
  let defaults = ownDefaults.get(versionBase);
  if (defaults === undefined) {
    defaults = resolveHydraDefaults(
      new ConfigRepository([hydraSource()], { versionBase, store: hydraStore() }),
    );
    ownDefaults.set(versionBase, defaults);
  }
  return defaults;
}

const HYDRA_ENTRIES: readonly StoreEntry[] = [
  { name: NO_CONFIG, node: {}, provider: "hydra" },
  { group: "hydra", name: "config", node: HYDRA_CONFIG, provider: "hydra" },
  { group: "hydra/launcher", name: "basic", node: BASIC_LAUNCHER, provider: "hydra" },
  { group: "hydra/sweeper", name: "basic", node: BASIC_SWEEPER, provider: "hydra" },
];

/** Hydra's own structured configs, and the program's. */
export function hydraStore(own?: ConfigStore): ConfigStore {
  if (ownStore === undefined) {
    ownStore = new ConfigStore();
    for (const entry of HYDRA_ENTRIES) ownStore.store(entry);
  }
  return own === undefined ? ownStore : new ConfigStore().include(ownStore).include(own);
}
