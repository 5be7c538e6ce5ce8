import { dereference } from "../omegaconf/evaluate.js";
import { EnumValue, Float, formatScalar, PathValue, type ScalarValue } from "../scalar/values.js";
import { MAX_TREE_DEPTH, treeTooDeep } from "../tree/depth.js";
import { ConfigError } from "../tree/errors.js";
import {
  type ConfigNode,
  type ContainerNode,
  type DictNode,
  isContainer,
  ListNode,
  type RawValue,
  type ValueNode,
} from "../tree/node.js";
import { nodeSpot, problemAt, type Spot, type SpotProblem, withoutValue } from "./problem.js";

interface ConfigDataOptions {
  /** Whether `???` counts as a problem. */
  readonly missing: boolean;
  /** A key at the root that is left out. */
  readonly skipped: string | undefined;
}

/** A config as data for a validator, interpolations resolved. What has no value is left out of it, and noted. */
export class ConfigData {
  readonly value: unknown;
  /** The values of the config by JSON pointer, in order. */
  readonly spots: ReadonlyMap<string, Spot>;
  readonly problems: readonly SpotProblem[];

  constructor(config: ContainerNode, options: ConfigDataOptions) {
    const collector = new Collector(options);
    this.value = collector.collect(config, "", 1);
    this.spots = collector.spots;
    this.problems = collector.problems;
  }
}

class Collector {
  readonly spots = new Map<string, Spot>();
  readonly problems: SpotProblem[] = [];
  readonly #options: ConfigDataOptions;

  constructor(options: ConfigDataOptions) {
    this.#options = options;
  }

  collect(node: ConfigNode, pointer: string, depth: number): unknown {
    if (depth > MAX_TREE_DEPTH) throw treeTooDeep(node);
    const spot = nodeSpot(node);
    this.spots.set(pointer, spot);
    const value = this.#resolved(node, spot);
    if (value === undefined) return undefined;
    if (!isContainer(value)) return plain((value as ValueNode).value);
    if (value.special === null) return null;
    if (value instanceof ListNode) {
      return value.items.map((item, index) => this.collect(item, `${pointer}/${index}`, depth + 1) ?? null);
    }
    const object: Record<string, unknown> = Object.create(null);
    for (const child of (value as DictNode).items.values()) {
      const key = formatScalar(child.key as ScalarValue);
      if (depth === 1 && key === this.#options.skipped) continue;
      const item = this.collect(child, `${pointer}/${escapePointer(key)}`, depth + 1);
      if (item !== undefined) object[key] = item;
    }
    return object;
  }

  /** The node that holds the value; undefined where there is none, which is noted. */
  #resolved(node: ConfigNode, spot: Spot): ConfigNode | undefined {
    let value = node;
    if (node.isInterpolation) {
      try {
        value = dereference(node, true);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        this.problems.push(unresolved(spot, error));
        return undefined;
      }
    }
    if (!value.isMissing) return value;
    if (this.#options.missing) this.problems.push(withoutValue(spot));
    return undefined;
  }
}

/** A key as one step of a JSON pointer (RFC 6901). */
export function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function plain(value: RawValue): unknown {
  if (value instanceof Float) return value.value;
  if (value instanceof PathValue) return value.text;
  if (value instanceof EnumValue) return value.name;
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map((item) => plain(item as RawValue));
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]));
  return value;
}

function unresolved(spot: Spot, error: ConfigError): SpotProblem {
  return problemAt(spot, {
    code: "UNRESOLVED",
    message: `'${spot.key}' cannot be resolved: ${error.message}`,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
