import { NO_CONFIG } from "../defaults/default-entry.js";
import { type HydraDefaults, resolveHydraDefaults } from "../defaults/defaults-list.js";
import { ConfigRepository } from "../defaults/repository.js";
import { ConfigStore, type StoreEntry } from "../store/config-store.js";
import { rulesOf } from "../version/rules.js";
import type { VersionBase } from "../version/version-base.js";
import { hydraSource } from "./hydra-source.js";
import { BASIC_LAUNCHER, BASIC_SWEEPER, HYDRA_CONFIG, HYDRA_CONFIG_14 } from "./node-schema.js";

// Hydra's own configs are constants; they are made when first asked for.
const ownStores = new Map<"1.3" | "1.4", ConfigStore>();
const ownDefaults = new Map<VersionBase, HydraDefaults>();

/** Hydra's part of a defaults list that neither configs nor overrides change. */
export function hydraDefaults(versionBase: VersionBase): HydraDefaults {
  let defaults = ownDefaults.get(versionBase);
  if (defaults === undefined) {
    defaults = resolveHydraDefaults(
      new ConfigRepository([hydraSource(versionBase)], { versionBase, store: hydraStore(versionBase) }),
    );
    ownDefaults.set(versionBase, defaults);
  }
  return defaults;
}

const entriesOf = (version: "1.3" | "1.4"): readonly StoreEntry[] => [
  { name: NO_CONFIG, node: {}, provider: "hydra" },
  {
    group: "hydra",
    name: "config",
    node: version === "1.4" ? HYDRA_CONFIG_14 : HYDRA_CONFIG,
    provider: "hydra",
  },
  { group: "hydra/launcher", name: "basic", node: BASIC_LAUNCHER, provider: "hydra" },
  { group: "hydra/sweeper", name: "basic", node: BASIC_SWEEPER, provider: "hydra" },
];

/** Hydra's own structured configs, and the program's. */
export function hydraStore(versionBase: VersionBase, own?: ConfigStore): ConfigStore {
  const rules = rulesOf(versionBase);
  let ownStore = ownStores.get(rules.hydra);
  if (ownStore === undefined) {
    ownStore = new ConfigStore();
    for (const entry of entriesOf(rules.hydra)) ownStore.store(entry);
    ownStores.set(rules.hydra, ownStore);
  }
  if (own === undefined) return ownStore;
  return new ConfigStore().include(ownStore).include(own, rules.emptyGroupIsRoot);
}
