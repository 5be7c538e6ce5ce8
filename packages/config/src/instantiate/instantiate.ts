import { dereference } from "../omegaconf/evaluate.js";
import { plainValue, toPlain } from "../omegaconf/output.js";
import { EnumValue } from "../scalar/values.js";
import { missingValue } from "../tree/child.js";
import { MAX_TREE_DEPTH, treeTooDeep } from "../tree/depth.js";
import { fullKey } from "../tree/keys.js";
import {
  type ConfigNode,
  ContainerNode,
  DictNode,
  isContainer,
  type ListNode,
  type RawValue,
  ValueNode,
} from "../tree/node.js";
import { invalidInstruction, targetFailed, targetNotAllowed } from "./errors.js";

/**
 * What a registered entry is called with: the positional arguments of `_args_` and the other keys of the node, an
 * object without prototype.
 */
export type Factory = (options: Readonly<Record<string, unknown>>, args: readonly unknown[]) => unknown;

/** The entries that configs may name in `_target_`. Names are looked up whole, never taken apart. */
export type Registry = ReadonlyMap<string, Factory>;

/** How containers are passed as arguments: as trees, as plain data, or "object", which is "all" here. */
type Conversion = "none" | "partial" | "object" | "all";

interface InstantiateOptions {
  readonly registry: Registry;
  /** Keys that replace the node's own, or add to them. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

const INSTRUCTIONS: ReadonlySet<string> = new Set([
  "_target_",
  "_args_",
  "_partial_",
  "_recursive_",
  "_convert_",
]);
const CONVERSIONS: ReadonlySet<string> = new Set(["none", "partial", "object", "all"]);

interface Inherited {
  readonly recursive: boolean;
  readonly convert: Conversion;
  /** Levels of nodes above. */
  readonly depth: number;
}

/**
 * Creates what a config node describes: the entry of the registry that `_target_` names is called with the node's
 * other keys. Nodes below are created first (unless `_recursive_: false`); `_partial_: true` returns a function that
 * takes further options instead. `_convert_` says whether dicts and lists are passed as trees (`none`, the default),
 * as plain data but for structured configs (`partial`), or as plain data throughout (`all`, `object`).
 *
 * For a node without `_target_` its content is returned, with the nodes below created. A name that is not registered is
 * refused with the list of those that are: nothing is ever imported or looked up by a path because a config says so.
 */
export function instantiate(node: ContainerNode, options: InstantiateOptions): unknown {
  const inherited: Inherited = { recursive: true, convert: "none", depth: 1 };
  if (node.isNull) return null;
  return new Instantiation(options.registry).create(node, inherited, options.overrides);
}

class Instantiation {
  private readonly registry: Registry;

  constructor(registry: Registry) {
    this.registry = registry;
  }

  create(node: ContainerNode, inherited: Inherited, overrides?: Readonly<Record<string, unknown>>): unknown {
    if (inherited.depth > MAX_TREE_DEPTH) throw treeTooDeep(node);
    if (!(node instanceof DictNode)) {
      const items = this.items(node as ListNode, { ...inherited, depth: inherited.depth + 1 });
      return this.handOver(node, items, inherited);
    }
    const recursive = instruction(node, "_recursive_", inherited.recursive, isBoolean, "true or false");
    const convert = instruction(
      node,
      "_convert_",
      inherited.convert,
      isConversion,
      "one of none, partial, object, all",
    );
    const partial = instruction(node, "_partial_", false, isBoolean, "true or false");
    const passed: Inherited = { recursive, convert, depth: inherited.depth + 1 };
    if (node.peek("_target_") === undefined && overrides?.["_target_"] === undefined) {
      if (partial) throw invalidInstruction(fullKey(node), "_partial_", "used together with '_target_'");
      const content = this.options(node, passed, overrides);
      return this.handOver(node, content, passed);
    }
    const target = this.target(node, overrides);
    const factory = this.registry.get(target);
    if (factory === undefined) throw targetNotAllowed(target, fullKey(node), [...this.registry.keys()]);
    const args = this.args(node, passed);
    const content = this.options(node, passed, overrides);
    const call = (more?: Readonly<Record<string, unknown>>, rest: readonly unknown[] = []) => {
      try {
        return factory(Object.assign(Object.create(null), content, more), [...args, ...rest]);
      } catch (error) {
        throw targetFailed(target, fullKey(node), error);
      }
    };
    return partial ? call : call();
  }

  private target(node: DictNode, overrides: Readonly<Record<string, unknown>> | undefined): string {
    const own = node.peek("_target_");
    const target = overrides?.["_target_"] ?? (own === undefined ? undefined : resolvedValue(own));
    if (typeof target !== "string" || target === "") {
      throw invalidInstruction(fullKey(node), "_target_", "the name of a registered entry");
    }
    return target;
  }

  private args(node: DictNode, passed: Inherited): unknown[] {
    const own = node.peek("_args_");
    if (own === undefined) return [];
    const list = dereference(own, true);
    if (!isContainer(list) || list instanceof DictNode || list.special !== undefined) {
      throw invalidInstruction(fullKey(node), "_args_", "a list");
    }
    return this.items(list as ListNode, passed);
  }

  private options(
    node: DictNode,
    passed: Inherited,
    overrides: Readonly<Record<string, unknown>> | undefined,
  ): Record<string, unknown> {
    const options: Record<string, unknown> = Object.create(null);
    for (const child of node.items.values()) {
      const key = String(child.key);
      if (INSTRUCTIONS.has(key) || (overrides !== undefined && Object.hasOwn(overrides, key))) continue;
      options[key] = this.value(child, passed);
    }
    for (const [key, value] of Object.entries(overrides ?? {})) {
      if (!INSTRUCTIONS.has(key)) options[key] = value;
    }
    return options;
  }

  private items(list: ListNode, passed: Inherited): unknown[] {
    return list.items.map((item) => this.value(item, passed));
  }

  private value(child: ConfigNode, passed: Inherited): unknown {
    const node = dereference(child, true);
    if (node.isMissing) throw missingValue(child.parent!, child.key);
    if (node instanceof ValueNode) return plainValue(node.value);
    const container = node as ContainerNode;
    if (container.isNull) return null;
    if (!passed.recursive)
      return passed.convert === "none" ? container : toPlain(container, { resolve: true });
    return this.create(container, passed);
  }

  /** A container without `_target_`: its content, or the tree itself where nothing below it was created. */
  private handOver(node: ContainerNode, content: unknown, { convert }: Inherited): unknown {
    if (convert === "all" || convert === "object") return content;
    if (convert === "partial") return node instanceof DictNode && node.schema !== undefined ? node : content;
    return holdsTarget(node) ? content : node;
  }
}

function holdsTarget(node: ContainerNode, depth = 1): boolean {
  if (depth > MAX_TREE_DEPTH) throw treeTooDeep(node);
  for (const child of node.children()) {
    const target = child.isInterpolation ? dereference(child, false) : child;
    if (!(target instanceof ContainerNode)) continue;
    if (target instanceof DictNode && target.peek("_target_") !== undefined) return true;
    if (holdsTarget(target, depth + 1)) return true;
  }
  return false;
}

function resolvedValue(node: ConfigNode): RawValue {
  const resolved = dereference(node, true);
  return resolved instanceof ValueNode ? resolved.value : resolved;
}

function instruction<V>(
  node: DictNode,
  name: string,
  inherited: V,
  accepts: (value: unknown) => value is V,
  expected: string,
): V {
  const own = node.peek(name);
  if (own === undefined) return inherited;
  const value = resolvedValue(own);
  const plain = value instanceof EnumValue ? value.name.toLowerCase() : value;
  if (!accepts(plain)) throw invalidInstruction(fullKey(node), name, expected);
  return plain;
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isConversion(value: unknown): value is Conversion {
  return typeof value === "string" && CONVERSIONS.has(value);
}
