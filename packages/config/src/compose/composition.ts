import type { ConfigRepository } from "../defaults/repository.js";
import { select } from "../tree/access.js";
import { ConfigError } from "../tree/errors.js";
import {
  type ContainerNode,
  cloneNode,
  type DictNode,
  isContainer,
  isList,
  type RawValue,
} from "../tree/node.js";
import { toPlain, toYaml } from "../tree/output.js";
import { resolveAll } from "../tree/resolve-all.js";
import { type DeepReadonly, deepFreeze } from "./deep-freeze.js";
import { configMissingValues } from "./errors.js";
import { type Explanation, explainKey, placeText } from "./explain.js";

interface CompositionYamlOptions {
  /** Whether interpolations are resolved. Default: false. */
  readonly resolve?: boolean;
  /** Print only what stands under this key. */
  readonly package?: string;
  /** Which part of the tree: the program's config (default), Hydra's node, or both. */
  readonly part?: "job" | "hydra" | "all";
}

/** @internal */
interface CompositionParts {
  /** Builds the whole tree; called once at most. */
  readonly build: () => DictNode;
  /** The config as data, where it was made without the tree. */
  readonly plain: Readonly<Record<string, unknown>> | undefined;
  readonly choices: ReadonlyMap<string, string | null>;
  readonly overrides: { readonly hydra: readonly string[]; readonly task: readonly string[] };
  readonly warnings: readonly string[];
  readonly from: readonly (string | undefined)[];
  readonly repository: ConfigRepository;
}

/** A composed config: as data, as text, and with the origin of every value. */
export class Composition<T = Record<string, unknown>> {
  /** The option chosen in each config group, by override key; null where nothing is chosen. */
  readonly choices: ReadonlyMap<string, string | null>;
  /** The overrides as given, those about Hydra's own config apart. */
  readonly overrides: { readonly hydra: readonly string[]; readonly task: readonly string[] };
  /** What Hydra would have warned of. */
  readonly warnings: readonly string[];
  readonly #repository: ConfigRepository;
  readonly #from: readonly (string | undefined)[];
  readonly #build: () => DictNode;
  #tree: DictNode | undefined;
  #job: DictNode | undefined;
  #config: DeepReadonly<T> | undefined;

  /** @internal */
  constructor(parts: CompositionParts) {
    this.#build = parts.build;
    this.#config = parts.plain as DeepReadonly<T> | undefined;
    this.choices = parts.choices;
    this.overrides = parts.overrides;
    this.warnings = parts.warnings;
    this.#from = parts.from;
    this.#repository = parts.repository;
  }

  /** The whole composed tree, unresolved, `hydra` included. */
  get tree(): DictNode {
    this.#tree ??= this.#build();
    return this.#tree;
  }

  /** The tree without Hydra's node. Interpolations are resolved in it, so none can reach `hydra`. */
  get job(): DictNode {
    if (this.#job === undefined) {
      const job = cloneNode(this.tree) as DictNode;
      job.remove("hydra");
      this.#job = job;
    }
    return this.#job;
  }

  /**
   * The resolved config: deeply frozen plain data with the keys as typed, without Hydra's node.
   * @throws CompositionError VALUES_MISSING with all keys whose value is `???`; InterpolationError.
   */
  get config(): DeepReadonly<T> {
    if (this.#config === undefined) {
      this.#refuseMissing();
      this.#config = deepFreeze(toPlain(this.job, { resolve: true }) as T);
    }
    return this.#config;
  }

  #refuseMissing(): void {
    const keys: string[] = [];
    const gather = (node: ContainerNode, path: string): void => {
      for (const child of node.children()) {
        const key = isList(node)
          ? `${path}[${child.key}]`
          : path === ""
            ? String(child.key)
            : `${path}.${child.key}`;
        if (child.isMissing) keys.push(key);
        else if (isContainer(child)) gather(child, key);
      }
    };
    gather(this.job, "");
    if (keys.length === 0) return;
    throw configMissingValues(
      keys,
      keys.map((key) => placeText(this.tree, key)),
    );
  }

  /** Hydra's own node, resolved, without its help texts. */
  hydra(): DeepReadonly<Record<string, unknown>> {
    const copy = cloneNode(this.tree) as DictNode;
    const node = copy.peek("hydra") as DictNode;
    node.remove("help");
    node.remove("hydra_help");
    return deepFreeze(toPlain(node, { resolve: true }) as Record<string, unknown>);
  }

  /** One resolved value by its dotted key, of Hydra's node too (`hydra.run.dir`); undefined where there is none. */
  value(key: string): unknown {
    const found = select(this.tree, key);
    return isContainer(found) ? toPlain(found, { resolve: true }) : plainScalar(found);
  }

  /** Where the value of a key came from, and what it took the place of; undefined where there is no such key. */
  explain(key: string): Explanation | undefined {
    return explainKey(this.tree, key, (index) => this.#from[index]);
  }

  /** Names of the options of a config group, from all sources, sorted. */
  groupOptions(group: string): readonly string[] {
    return this.#repository.options(group);
  }

  /** Names of the config groups directly below a group (`""`: at the top), sorted. */
  subgroups(group: string): readonly string[] {
    return this.#repository.subgroups(group);
  }

  /** Shown as `scheme://path`, in the order in which they are searched. */
  get searchPath(): readonly string[] {
    return this.#repository.searchPath;
  }

  /** The config as YAML, letter for letter as Hydra prints it. */
  toYaml(options: CompositionYamlOptions = {}): string {
    const { part = "job", resolve = false } = options;
    const shown = part === "job" ? this.job : this.tree;
    const root = resolve || part === "hydra" ? (cloneNode(shown) as DictNode) : shown;
    if (part === "hydra") keepHydra(root, resolve);
    const key = options.package ?? "";
    const node = key === "" ? root : select(root, key);
    if (isContainer(node)) {
      // What refers to a missing value is missing itself, and no error, as in Hydra.
      if (resolve) resolveAll(node);
      return toYaml(node, {});
    }
    throw new ConfigError("CONFIG_KIND", `'${key}' is not a mapping or a list that could be printed.`, {
      fields: { key },
    });
  }
}

/** Takes everything else out of a tree. */
function keepHydra(tree: DictNode, resolve: boolean): void {
  // Interpolations may lead into what is taken out; Hydra resolves afterwards, and fails on them.
  const hydra = tree.peek("hydra");
  if (resolve && hydra !== undefined) resolveAll(hydra);
  for (const key of tree.keys()) if (key !== "hydra") tree.remove(key);
}

function plainScalar(value: RawValue): unknown {
  return value === null || value === undefined
    ? undefined
    : typeof value === "object" && "valueOf" in value
      ? value.valueOf()
      : value;
}
