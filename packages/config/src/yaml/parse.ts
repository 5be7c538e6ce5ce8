import type { ConfigKey } from "../scalar/values.js";
import { rulesOf } from "../version/rules.js";
import type { VersionBase } from "../version/version-base.js";
import { composeYaml, DEFAULT_YAML_LIMITS, type YamlLimits, type YamlNode } from "./composer.js";
import { constructYaml, type YamlValue } from "./construct.js";
import { positionAt, type YamlContext, type YamlPosition } from "./errors.js";

export interface ParseYamlOptions {
  /** Name of the file in errors. */
  readonly file?: string;
  readonly limits?: Partial<YamlLimits>;
  /** Which generation of rules to follow: OmegaConf 2.4 comes with Hydra 1.4. Default: `1.3`. */
  readonly versionBase?: VersionBase;
}

function contextOf(text: string, options: ParseYamlOptions): YamlContext {
  return { text, file: options.file, libyaml: rulesOf(options.versionBase).libyaml };
}

function limitsOf(options: ParseYamlOptions): YamlLimits {
  return options.limits === undefined ? DEFAULT_YAML_LIMITS : { ...DEFAULT_YAML_LIMITS, ...options.limits };
}

/**
 * Reads a YAML text as OmegaConf's loader does: YAML 1.1 in PyYAML's dialect, with OmegaConf's floats, without
 * timestamps, duplicate keys refused. An empty text is null.
 * @throws YamlError
 */
export function parseYaml(text: string, options: ParseYamlOptions = {}): YamlValue {
  const context = contextOf(text, options);
  const node = composeYaml(context, limitsOf(options));
  return node === undefined ? null : constructYaml(node, context);
}

/** Finds the place of keys in a text, reading it again when first asked. */
export class YamlPositions {
  private readonly text: string;
  private readonly options: ParseYamlOptions;
  private root: YamlNode | null | undefined;

  constructor(text: string, options: ParseYamlOptions = {}) {
    this.text = text;
    this.options = options;
  }

  /**
   * Where the key at the end of `path` is written (for a list item, where the item begins); the closest parent that
   * is written where the key came by a merge key; undefined where the text holds no such thing.
   */
  of(path: readonly ConfigKey[]): YamlPosition | undefined {
    if (this.root === undefined) {
      this.root = composeYaml(contextOf(this.text, this.options), limitsOf(this.options)) ?? null;
    }
    if (this.root === null) return undefined;
    let node: YamlNode = this.root;
    let offset = node.start;
    for (const key of path) {
      const found: { node: YamlNode; start: number } | undefined = child(node, key);
      if (found === undefined) break;
      ({ node, start: offset } = found);
    }
    return positionAt(this.text, offset);
  }
}

function child(node: YamlNode, key: ConfigKey): { node: YamlNode; start: number } | undefined {
  if (node.kind === "sequence") {
    const item = node.items[Number(key)];
    return item === undefined ? undefined : { node: item, start: item.start };
  }
  if (node.kind !== "mapping") return undefined;
  const context = { text: "", file: undefined };
  const text = String(key);
  for (let k = 0; k < node.keys.length; k++) {
    const written = node.keys[k]!;
    if (written.kind !== "scalar") continue;
    if (written.text === text || String(constructYaml(written, context)) === text) {
      return { node: node.values[k]!, start: written.start };
    }
  }
  return undefined;
}
