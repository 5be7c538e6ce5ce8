import type { ConfigRepository } from "../defaults/repository.js";
import { select, selectNode } from "../omegaconf/access.js";
import { update } from "../omegaconf/change.js";
import { plainValue, toPlain, toYaml } from "../omegaconf/output.js";
import { resolveAll } from "../omegaconf/resolve-all.js";
import { rememberTree } from "../schema/composed-trees.js";
import { ConfigError } from "../tree/errors.js";
import {
  type ConfigNode,
  type ContainerNode,
  cloneNode,
  contentOf,
  DictNode,
  isContainer,
  isList,
  type RawValue,
  type ValueNode,
} from "../tree/node.js";
import { withHydraNode } from "./context.js";
import { type DeepReadonly, deepFreeze } from "./deep-freeze.js";
import { configMissingValues } from "./errors.js";
import { type Explanation, explainKey, placeText } from "./explain.js";
import { holdsSecrets, maskSecrets, secretNodes } from "./saved-data.js";

interface CompositionYamlOptions {
  /** Whether interpolations are resolved. Default: false. */
  readonly resolve?: boolean;
  /**
   * With `resolve`: whether a value that refers to a missing one is printed as `???`, as Hydra's flag `--resolve` does,
   * instead of being an error, as in `OmegaConf.to_yaml(cfg, resolve=True)`. Default: false.
   */
  readonly keepMissing?: boolean;
  /**
   * With `resolve`: whether values stand there that a secret is part of (`${secret:NAME}`, resolvers with `secret: true`),
   * instead of `***`. Default: false.
   */
  readonly secrets?: boolean;
  /** Whether the part `hydra` has its help texts, as in Hydra's file `.hydra/hydra.yaml`. Default: false. */
  readonly help?: boolean;
  /** Print only what is under this key. */
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

/**
 * A composed config: as data, as text, and with the origin of every value. Nothing that it hands out can change it,
 * so `config`, `value`, `toYaml` and `explain` always agree. Bytes cannot be frozen: each array of them is a copy.
 */
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
  readonly #isPlain: boolean;
  #whole: DictNode | undefined;
  #withoutHydra: DictNode | undefined;
  #tree: DictNode | undefined;
  #job: DictNode | undefined;
  #config: DeepReadonly<T> | undefined;

  /** @internal */
  constructor(parts: CompositionParts) {
    this.#build = parts.build;
    this.#isPlain = parts.plain !== undefined;
    this.#config = parts.plain as DeepReadonly<T> | undefined;
    this.choices = parts.choices;
    this.overrides = parts.overrides;
    this.warnings = parts.warnings;
    this.#from = parts.from;
    this.#repository = parts.repository;
  }

  /** The whole composed tree, unresolved, `hydra` included. It is the caller's: changing it changes nothing here. */
  get tree(): DictNode {
    this.#tree ??= cloneNode(this.#all()) as DictNode;
    return this.#tree;
  }

  /**
   * The tree without Hydra's node; interpolations that are resolved in it cannot reach `hydra`. It is the caller's:
   * changing it changes nothing here.
   */
  get job(): DictNode {
    this.#job ??= cloneNode(this.#own()) as DictNode;
    return this.#job;
  }

  #all(): DictNode {
    this.#whole ??= this.#build();
    return this.#whole;
  }

  #own(): DictNode {
    if (this.#withoutHydra === undefined) {
      const own = this.#copyOf(this.#all());
      own.remove("hydra");
      this.#withoutHydra = own;
    }
    return this.#withoutHydra;
  }

  #holdsSecrets(): boolean {
    return holdsSecrets(this.#all().context);
  }

  /** A copy for use in here: it shares the results of cached resolvers, which a copy for the caller must not. */
  #copyOf(tree: DictNode): DictNode {
    const copy = cloneNode(tree) as DictNode;
    tree.cache ??= new Map();
    copy.cache = tree.cache;
    return copy;
  }

  /**
   * The resolved config: deeply frozen plain data with the keys as typed, without Hydra's node.
   * @throws CompositionError VALUES_MISSING with all keys whose value is `???`; InterpolationError.
   */
  get config(): DeepReadonly<T> {
    if (this.#config === undefined) {
      this.#refuseMissing();
      this.#config = deepFreeze(toPlain(this.#own(), { resolve: true }) as T);
    }
    rememberTree(this.#config as object, () => this.#own());
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
    gather(this.#own(), "");
    if (keys.length === 0) return;
    throw configMissingValues(
      keys,
      keys.map((key) => placeText(this.#all(), key)),
    );
  }

  /**
   * Hydra's own node, resolved, without its help texts. What has no value yet, and what refers to it, is `"???"`:
   * outside of a sweep `job.num` and `sweep.subdir`.
   */
  hydra(): DeepReadonly<Record<string, unknown>> {
    const node = this.#copyOf(this.#all()).peek("hydra") as DictNode;
    node.remove("help");
    node.remove("hydra_help");
    resolveAll(node, { keepMissing: true });
    return deepFreeze(toPlain(node) as Record<string, unknown>);
  }

  /** One resolved value by its dotted key, of Hydra's node too (`hydra.run.dir`); undefined where there is none. */
  value(key: string): unknown {
    const node = selectNode(this.#all(), key);
    return node === undefined || node.isMissing ? undefined : plainValue(contentOf(node));
  }

  /** @internal The text of a value as it is written, its interpolation unresolved; undefined where it is no text. */
  textOf(key: string): string | undefined {
    let node: ConfigNode | undefined = this.#all();
    for (const step of key.split(".")) node = node instanceof DictNode ? node.peek(step) : undefined;
    const content = node === undefined ? undefined : contentOf(node);
    return typeof content === "string" ? content : undefined;
  }

  /** @internal The keys of a mapping as texts; none where there is no mapping, or what leads there cannot be resolved. */
  keysAt(key: string): readonly string[] {
    let node: ConfigNode | undefined = this.#own();
    for (const step of key === "" ? [] : key.split(".")) {
      node = node instanceof DictNode && node.special === undefined ? node.peek(step) : undefined;
    }
    return node instanceof DictNode && node.special === undefined ? node.keys().map(String) : [];
  }

  /** @internal What `--package` finds in a part: a mapping or a list, or the value; undefined where there is nothing. */
  partOf(part: "job" | "hydra" | "all", key: string): "container" | { readonly value: RawValue } | undefined {
    if (part === "hydra" && key !== "hydra" && !key.startsWith("hydra.")) return undefined;
    const shown = part === "job" ? this.#own() : this.#all();
    const root = this.#holdsSecrets() ? this.#copyOf(shown) : shown;
    if (root !== shown) maskSecrets(root);
    const found = select(root, key);
    if (found === undefined || found === null) return undefined;
    return isContainer(found) ? "container" : { value: found };
  }

  /**
   * @internal The same config as it is inside of a job, with `hydra.runtime.output_dir`; what `hydra.job.env_set` sets is in its
   * environment. By the rules of 1.4 those variables stand there resolved, and the mode is that of the job.
   */
  inDirectory(outputDir: string): Composition<T> {
    const root = this.#copyOf(this.#all());
    if (root.context?.resolvers.has("hydra") === true) root.context = withHydraNode(root.context, () => root);
    update(root, "hydra.runtime.output_dir", outputDir, { merge: false });
    const variables = selectNode(root, "hydra.job.env_set");
    if (variables instanceof DictNode && variables.special === undefined) {
      const data = Object.entries(toPlain(variables, { resolve: true }) as Record<string, unknown>);
      if (this.#repository.rules.modeBeforeComposing) {
        // They are written down so: a secret is not resolved.
        const secrets = secretNodes(root);
        for (const [name, value] of data) {
          if (secrets.has(variables.peek(name) as ValueNode)) continue;
          update(root, `hydra.job.env_set.${name}`, value as RawValue, { merge: false });
        }
      }
      if (root.context !== undefined && data.length > 0) {
        const environment = new Map(root.context.environment);
        for (const [name, value] of data) environment.set(name, String(value));
        root.context = { ...root.context, environment };
      }
    }
    if (this.#repository.rules.modeBeforeComposing && this.value("hydra.mode") === null)
      update(root, "hydra.mode", "RUN", { merge: false });
    return new Composition<T>({
      build: () => root,
      // What refers to the directory is not among plain data.
      plain: this.#isPlain ? (this.#config as Readonly<Record<string, unknown>>) : undefined,
      choices: this.choices,
      overrides: this.overrides,
      warnings: this.warnings,
      from: this.#from,
      repository: this.#repository,
    });
  }

  /** Where the value of a key came from, and what it replaced; undefined where there is no such key. */
  explain(key: string): Explanation | undefined {
    return explainKey(this.#all(), key, (index) => this.#from[index]);
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

  /**
   * The config as YAML, letter for letter as OmegaConf writes it; the part `hydra` is without its help texts, as
   * `--cfg hydra` prints it.
   * @throws InterpolationError INTERPOLATION_MISSING with `resolve` and without `keepMissing`.
   */
  toYaml(options: CompositionYamlOptions = {}): string {
    const { part = "job", resolve = false, keepMissing = false } = options;
    const shown = part === "job" ? this.#own() : this.#all();
    const isMasked = resolve && options.secrets !== true && this.#holdsSecrets();
    const root = (resolve && keepMissing) || part === "hydra" || isMasked ? this.#copyOf(shown) : shown;
    if (isMasked) maskSecrets(root);
    if (part === "hydra") keepHydra(root, resolve, options.help ?? false);
    const key = options.package ?? "";
    const node = key === "" ? root : select(root, key);
    if (isContainer(node)) {
      if (resolve && keepMissing) resolveAll(node, { containers: true, keepMissing: true });
      return toYaml(node, { resolve });
    }
    throw new ConfigError("CONFIG_KIND", `'${key}' is not a mapping or a list that could be printed.`, {
      fields: { key },
    });
  }
}

/** Takes everything else out of a tree. */
function keepHydra(tree: DictNode, resolve: boolean, withHelp: boolean): void {
  // Interpolations may lead into what is taken out; Hydra resolves afterwards, and fails on them.
  const hydra = tree.peek("hydra") as DictNode | undefined;
  if (!withHelp) for (const key of ["help", "hydra_help"]) hydra?.remove(key);
  if (resolve && hydra !== undefined) resolveAll(hydra, { containers: true, keepMissing: true });
  for (const key of tree.keys()) if (key !== "hydra") tree.remove(key);
}
