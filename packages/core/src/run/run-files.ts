import type { PlainObject } from "@episcope/records";
import type { EpisodeManager } from "@episcope/records/store";
import type { RunIdentity } from "../contract/roles.js";
import { type LockCommand, lockText, makeLock } from "./lock-file.js";

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
  /** Where each value came from, by dotted key. Default: what a composed config knows of itself. */
  readonly origins?: { readonly [key: string]: string };
  readonly overrides?: readonly string[];
  /** What `${now:…}` was made of. Default: now. */
  readonly composedAt?: Date;
  /** How the program was called. */
  readonly command?: LockCommand;
}

/** Writes what is enough to run again: `.hydra/*.yaml` and `.episcope/config.lock.json`. */
export function saveRunFiles(manager: EpisodeManager, identity: RunIdentity, saved: SavedConfig = {}): void {
  const lock = makeLock(identity.config, saved, identity);
  manager.writeRunFile(".episcope/config.lock.json", lockText(lock), { isPrivate: true });
  const subdir = saved.outputSubdir ?? ".hydra";
  const files = { config: saved.configYaml, hydra: saved.hydraYaml, overrides: saved.overridesYaml };
  for (const [name, text] of Object.entries(files)) {
    if (text !== undefined) manager.writeRunFile(`${subdir}/${name}.yaml`, text, { isPrivate: true });
  }
}
