import type { PlainObject, PlainValue } from "@episcope/records";
import type { EpisodeManager } from "@episcope/records/store";
import type { RunIdentity } from "../contract/roles.js";

/** What a program that composed the config gives, so that the run can be made again. */
export interface SavedConfig {
  /** The composed config with `${secret:…}` unresolved; it is hashed and stored. Default: the config as opened. */
  readonly config?: PlainObject;
  /** For `.hydra/config.yaml`, `.hydra/hydra.yaml` and `.hydra/overrides.yaml`, as Hydra writes them. */
  readonly configYaml?: string;
  readonly hydraYaml?: string;
  readonly overridesYaml?: string;
  /** Where they lie in the run's directory, as `hydra.output_subdir` says. Default: `.hydra`. */
  readonly outputSubdir?: string;
  /** Where each key came from, by dotted key. */
  readonly origins?: PlainValue;
  readonly overrides?: readonly string[];
}

/** Version of `.episcope/config.lock.json`. */
export const LOCK_VERSION = 1;

/** Writes what is enough to run again: `.hydra/*.yaml` and `.episcope/config.lock.json`. */
export function saveRunFiles(manager: EpisodeManager, identity: RunIdentity, saved: SavedConfig = {}): void {
  const { hydra: _hydra, ...config } = identity.config;
  const lock = {
    version: LOCK_VERSION,
    run: identity.name,
    config_hash: identity.configHash,
    overrides: saved.overrides ?? [],
    config,
    ...(saved.origins === undefined ? {} : { origins: saved.origins }),
  };
  manager.writeRunFile(".episcope/config.lock.json", `${JSON.stringify(lock, null, 2)}\n`);
  const subdir = saved.outputSubdir ?? ".hydra";
  const files = { config: saved.configYaml, hydra: saved.hydraYaml, overrides: saved.overridesYaml };
  for (const [name, text] of Object.entries(files)) {
    if (text !== undefined) manager.writeRunFile(`${subdir}/${name}.yaml`, text);
  }
}
