// Inside: the version of Hydra that each version base stands for is in no door.
import { HYDRA_VERSION } from "../../src/compose/hydra-node.js";
import { type ConfigSource, ConfigStore, hydraSource, memorySource } from "../../src/index.js";
import { Float } from "../../src/yaml.js";
import type { Case, Json, Trees } from "./cases.js";

/** The version that the cases were recorded with; its rules are those of HYDRA_VERSION. */
export const RECORDED_VERSION = "1.3.5";

const CWD = "/cwd.dir";
const BUILT_IN = "pkg://hydra.conf";

/** The folders that the vectors speak of, under paths of our own, and the way back to their names. */
export class World {
  readonly #trees: Trees;
  readonly #names: readonly string[];
  readonly #indices: ReadonlyMap<string, number>;

  constructor(trees: Trees) {
    this.#trees = trees;
    this.#names = Object.keys(trees);
    this.#indices = new Map(this.#names.map((name, index) => [name, index]));
  }

  get cwd(): string {
    return CWD;
  }

  /** Puts our paths in place of `<tree:NAME>` and `<cwd>`. */
  enter(text: string): string {
    return text
      .replace(/<tree:([^>]*)>/g, (_, name: string) => `/trees/${this.#indices.get(name) ?? 0}x`)
      .replaceAll("<cwd>", CWD);
  }

  /** The names again in place of our paths, everywhere in a result. */
  leave<T extends Json>(value: T): T {
    return JSON.parse(
      JSON.stringify(value)
        .replaceAll(HYDRA_VERSION, RECORDED_VERSION)
        .replace(/\/trees\/(\d+)x/g, (_, index: string) => `<tree:${this.#names[Number(index)]}>`)
        .replaceAll(CWD, "<cwd>"),
    ) as T;
  }

  /** A source for a path of ours; one that is not available where no tree lies there. */
  open(path: string, provider: string): ConfigSource {
    const url = /^([a-z]+):\/\/(.*)$/.exec(path);
    const scheme = url?.[1] ?? "file";
    const folder = url?.[2] ?? path;
    const module =
      scheme === "pkg"
        ? this.#indices.get(folder.replace(/^hydra\./, "hydra.hydra.").replaceAll(".", "/"))
        : undefined;
    const place = module !== undefined ? ["", String(module)] : /^\/trees\/(\d+)x(?:\/(.*))?$/.exec(folder);
    const files = place === null ? undefined : this.#folder(Number(place[1]), place[2] ?? "");
    const source = memorySource(files ?? {}, { scheme, path: folder, provider });
    return files === undefined ? { ...source, isAvailable: () => false, isGroup: () => false } : source;
  }

  #folder(index: number, below: string): Record<string, string> | undefined {
    const files = this.#trees[this.#names[index]!]!;
    const prefix = below === "" ? "" : `${below.replace(/\/+$/, "")}/`;
    const inside = Object.entries(files).filter(([name]) => name.startsWith(prefix));
    if (inside.length === 0 && prefix !== "") return undefined;
    return Object.fromEntries(
      inside
        .filter(([name]) => name !== prefix)
        .map(([name, text]) => [name.slice(prefix.length), this.enter(text)]),
    );
  }

  /** The search path of a case. */
  sources(input: Case["input"], versionBase?: VersionBase): ConfigSource[] {
    const entries = (input["search_path"] ?? []) as readonly { provider: string; path: string }[];
    return entries.map(({ provider, path }) =>
      path === BUILT_IN ? hydraSource(versionBase) : this.open(this.enter(path), provider),
    );
  }

  overrides(input: Case["input"]): string[] {
    return ((input["overrides"] ?? []) as readonly string[]).map((text) => this.enter(text));
  }

  environment(input: Case["input"]): Record<string, string> {
    const variables = Object.entries((input["env"] ?? {}) as Record<string, string>);
    return Object.fromEntries(variables.map(([name, value]) => [name, this.enter(value)]));
  }

  store(input: Case["input"]): ConfigStore {
    const store = new ConfigStore();
    for (const entry of (input["store"] ?? []) as readonly Record<string, Json>[]) {
      store.store({
        name: entry["name"] as string,
        group: (entry["group"] ?? null) as string | null,
        package: (entry["package"] ?? null) as string | null,
        provider: (entry["provider"] ?? null) as string | null,
        node: this.#decode(entry["node"] ?? null),
      });
    }
    return store;
  }

  #decode(value: Json): unknown {
    if (typeof value === "string") return this.enter(value);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#decode(item as Json));
    const object = value as Readonly<Record<string, Json>>;
    if (typeof object["$float"] === "string")
      return new Float(Number(object["$float"].replace("inf", "Infinity")));
    if (typeof object["$int"] === "string") return BigInt(object["$int"]);
    if (Array.isArray(object["$map"])) {
      return new Map(
        object["$map"].map(
          (pair) => (pair as Json[]).map((item) => this.#decode(item)) as [unknown, unknown],
        ),
      );
    }
    return new Map(Object.entries(object).map(([key, item]) => [key, this.#decode(item)]));
  }
}

export type VersionBase = "1.1" | "1.2" | "1.3" | "1.4";

export function versionBaseOf({ input, version }: Case): VersionBase {
  return (input["version_base"] ?? version ?? "1.3") as VersionBase;
}
