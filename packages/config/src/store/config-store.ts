import { configFileName } from "../source/config-name.js";
import type { StructType } from "../tree/types.js";
import type { YamlValue } from "../yaml/construct.js";
import { isStructType, storedValue } from "./stored-value.js";

/** A config registered by the program instead of written in a file. */
export interface StoredConfig {
  readonly name: string;
  readonly group: string | undefined;
  /** Where it is put; like the header `# @package` of a file. */
  readonly package: string | undefined;
  readonly provider: string | undefined;
  /** The structured config; undefined for plain data. */
  readonly struct: StructType | undefined;
  /** Its content as values of the language; of a structured config the defaults list alone. */
  readonly value: YamlValue;
}

/** What `store` takes. */
export interface StoreEntry {
  readonly name: string;
  /** Plain data (objects, arrays, scalars), a `Map`, or a structured config. */
  readonly node: unknown;
  readonly group?: string | null;
  readonly package?: string | null;
  readonly provider?: string | null;
}

type Folder = Map<string, Folder | StoredConfig>;

/**
 * Configs registered in code. Given to `compose`, it is the last source of the search path; a config of the same
 * name from a file is checked against the stored one under `versionBase: "1.1"`.
 */
export class ConfigStore {
  readonly #root: Folder = new Map();

  /** Registers a config; a later one of the same group and name replaces the earlier. */
  store(entry: StoreEntry): this {
    const group = entry.group ?? undefined;
    let folder = this.#root;
    for (const segment of group === undefined ? [] : group.split("/")) {
      let next = folder.get(segment);
      if (!(next instanceof Map)) {
        next = new Map();
        folder.set(segment, next);
      }
      folder = next;
    }
    folder.set(configFileName(entry.name), {
      name: entry.name,
      group,
      package: entry.package ?? undefined,
      provider: entry.provider ?? undefined,
      struct: isStructType(entry.node) ? entry.node : undefined,
      value: storedValue(entry.node),
    });
    return this;
  }

  /** Takes over all configs of another store. `emptyGroupIsRoot`: those of the group `""` come to stand at the root. */
  include(other: ConfigStore, emptyGroupIsRoot = false): this {
    copyInto(this.#root, other.#root);
    const unnamed = this.#root.get("");
    if (emptyGroupIsRoot && unnamed instanceof Map) copyInto(this.#root, unnamed);
    return this;
  }

  /** The config of a file name (`db/mysql.yaml`). */
  get(file: string): StoredConfig | undefined {
    const found = this.#open(file);
    return found instanceof Map ? undefined : found;
  }

  isGroup(group: string): boolean {
    return this.#open(group) instanceof Map;
  }

  /** Names directly in a group, folders without and configs with `.yaml`. */
  list(group: string): readonly string[] {
    const found = this.#open(group);
    return found instanceof Map ? [...found.keys()] : [];
  }

  #open(path: string): Folder | StoredConfig | undefined {
    let current: Folder | StoredConfig | undefined = this.#root;
    for (const segment of path.split("/")) {
      if (segment === "") continue;
      if (!(current instanceof Map)) return undefined;
      current = current.get(segment);
    }
    return current;
  }
}

function copyInto(target: Folder, folder: Folder): void {
  for (const [name, entry] of folder) {
    const present = target.get(name);
    if (entry instanceof Map && present instanceof Map) copyInto(present, entry);
    else if (entry instanceof Map) {
      const copy: Folder = new Map();
      copyInto(copy, entry);
      target.set(name, copy);
    } else target.set(name, entry);
  }
}
