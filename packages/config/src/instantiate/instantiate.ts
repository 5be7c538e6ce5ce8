import { missingKeys } from "../omegaconf/access.js";
import { createTree } from "../omegaconf/create.js";
import { dereference } from "../omegaconf/evaluate.js";
import { isPlainObject } from "../omegaconf/from-plain.js";
import { mergeWith } from "../omegaconf/merge.js";
import { plainValue, toPlain } from "../omegaconf/output.js";
import { resolveAll } from "../omegaconf/resolve-all.js";
import { EnumValue } from "../scalar/values.js";
import { missingValue } from "../tree/child.js";
import { MAX_TREE_DEPTH, treeTooDeep } from "../tree/depth.js";
import { configError } from "../tree/errors.js";
import { fullKey } from "../tree/keys.js";
import {
  type ConfigNode,
  ContainerNode,
  cloneNode,
  DictNode,
  isContainer,
  type ListNode,
  type RawValue,
  rootOf,
  setFlags,
  ValueNode,
} from "../tree/node.js";
import { treeRules } from "../tree/tree-rules.js";
import type { Rules } from "../version/rules.js";
import { Tuple } from "../yaml/construct.js";
import { callValue } from "./call-values.js";
import { invalidInstruction, targetFailed, targetNotAllowed } from "./errors.js";
import { Entries, type Instance, type KnownTarget, type Registry } from "./registry.js";

/** How containers are passed as arguments: as trees, as plain data, or "object", which is "all" here. */
type Conversion = "none" | "partial" | "object" | "all";

interface InstantiateOptions<R extends Registry = Registry> {
  readonly registry: R;
  /**
   * Keys that are merged into the node before anything is created, as keyword arguments of Hydra's call are: mappings key
   * by key, everything else replaced. `_target_`, `_partial_`, `_recursive_` and `_convert_` are taken too.
   */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** Positional arguments, in place of `_args_`. */
  readonly args?: readonly unknown[];
  /** Only by the rules of Hydra 1.4: whether targets get a config that they may change. Default: false. */
  readonly isolate?: boolean;
}

const RECURSIVE = "_recursive_";
const CONVERT = "_convert_";
const PARTIAL = "_partial_";
/** Of Hydra 1.4. */
const ISOLATE = "_isolate_";
/** Instructions of a node with `_target_`; of another one they are keys like any other, but at the top. */
const INSTRUCTIONS: ReadonlySet<string> = new Set(["_target_", "_args_", PARTIAL, RECURSIVE, CONVERT]);
const CONVERSIONS: ReadonlySet<string> = new Set(["none", "partial", "object", "all"]);

interface Inherited {
  readonly recursive: boolean;
  readonly convert: Conversion;
  readonly partial: boolean;
  /** Levels of nodes above. */
  readonly depth: number;
}

/**
 * Creates what a config describes: the entry of the registry that `_target_` names is called with the node's other
 * keys. Takes a node of a tree, or plain data such as `composition.config.model`, and changes neither. Nodes below are created first
 * (unless `_recursive_: false`); `_partial_: true` returns a function that takes further options and arguments instead.
 * `_convert_` says whether dicts and lists are passed as trees (`none`, the default), as plain data but for structured
 * configs (`partial`), or as plain data throughout (`all`, `object`).
 *
 * For a config without `_target_` its content is returned, with the nodes below created. A name that is not registered is
 * refused with the list of those that are: nothing is ever imported or looked up by a path because a config says so.
 */
export function instantiate<const R extends Registry, C extends object>(
  config: C & KnownTarget<R, C>,
  options: InstantiateOptions<R>,
): Instance<R, C>;
/** With the type that the program expects. */
export function instantiate<T = never>(
  config: [T] extends [never] ? never : object,
  options: InstantiateOptions,
): T;
export function instantiate(config: object, options: InstantiateOptions): unknown {
  const { overrides = {} } = options;
  const isCalled = Object.keys(overrides).length > 0;
  const node = privateCopy(config);
  const rules = treeRules(node);
  const isolates = options.isolate === true || (node instanceof DictNode && asksForIsolation(node));
  const handsOver = rules.resolvesWhenReached && !isCalled && !isolates;
  // Hydra 1.4 hands the config over as it is, and read-only.
  setFlags(
    handsOver ? rootOf(node) : node,
    handsOver ? { readonly: true } : { struct: false, readonly: false },
  );
  if (node.isNull && !isCalled) return null;
  const instructions = node instanceof DictNode ? node : (createTree(new Map()) as DictNode);
  // A list takes no keys but the instructions.
  if (rules.concreteCallValues) checkConcrete({ ...overrides, _args_: options.args ?? [] }, []);
  if (isCalled) {
    const values = rules.resolvesWhenReached ? withResolvedTrees(overrides) : overrides;
    const given = createTree(callValue(values)) as DictNode;
    if (rules.callMappingsReplace) removeReplaced(instructions, given);
    mergeWith(instructions, given);
  }
  // Hydra 1.4 resolves what it reaches, when it reaches it.
  if (!rules.resolvesWhenReached) resolveAll(node, { containers: true });
  const inherited = takeInstructions(instructions);
  return new Instantiation(options, treeRules(node)).create(node, inherited, options.args ?? []);
}

function asksForIsolation(node: DictNode): boolean {
  const own = node.peek(ISOLATE);
  return own instanceof ValueNode && own.value === true;
}

/** Trees among the overrides see themselves, and not the config that they are merged into. */
function withResolvedTrees(overrides: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const resolved = Object.entries(overrides).map(([key, value]) => {
    if (!(value instanceof ContainerNode)) return [key, value] as const;
    const [missing] = missingKeys(value);
    if (missing !== undefined)
      throw configError("KEY_NOT_FOUND", `'${missing}' of what is given for '${key}' has no value`);
    const copy = cloneNode(value) as ContainerNode;
    resolveAll(copy, { containers: true });
    return [key, copy] as const;
  });
  return Object.fromEntries(resolved);
}

/** Refuses texts that are interpolations or missing values among what the program gives. */
function checkConcrete(value: unknown, path: readonly (string | number)[]): void {
  if (typeof value === "string" && (value === "???" || value.includes("${"))) {
    const what = value === "???" ? "a missing value" : "an interpolation";
    throw invalidInstruction(path.join("."), "overrides", `values, and not ${what}`);
  }
  if (value instanceof Tuple) checkConcrete(value.items, path);
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) checkConcrete(item, [...path, index]);
  else if (value instanceof Map) for (const [key, item] of value) checkConcrete(item, [...path, String(key)]);
  else if (isPlainObject(value))
    for (const [key, item] of Object.entries(value)) checkConcrete(item, [...path, key]);
}

/** Takes out the mappings of a target's parameters that a given mapping replaces: those without `_target_`. */
function removeReplaced(node: DictNode, given: DictNode): void {
  if (node.peek("_target_") === undefined && given.peek("_target_") === undefined) return;
  for (const child of given.items.values()) {
    if (!(child instanceof DictNode) || INSTRUCTIONS.has(String(child.key))) continue;
    const own = node.peek(child.key!);
    const configured = own === undefined ? undefined : dereference(own, false);
    if (configured instanceof DictNode && configured.peek("_target_") === undefined)
      node.put(child.key!, new ValueNode(null, child.key));
  }
}

/** A copy of a node within a copy of its tree: resolving it changes nothing of the caller's. */
function privateCopy(config: object): ContainerNode {
  if (!(config instanceof ContainerNode)) return createTree(callValue(config));
  const path: ConfigNode["key"][] = [];
  for (let node: ContainerNode = config; node.parent !== undefined; node = node.parent)
    path.unshift(node.key);
  const root = cloneNode(rootOf(config)) as ContainerNode;
  let copy: ConfigNode | undefined = root;
  for (const key of path) {
    if (copy === undefined || !isContainer(copy)) break;
    copy = [...copy.children()].find((child) => child.key === key);
  }
  if (copy === undefined || !isContainer(copy) || copy.kind !== config.kind) {
    copy = cloneNode(config) as ContainerNode;
    copy.parent = config.parent;
  }
  return copy as ContainerNode;
}

/** The instructions at the top, which are no keys of what is created. */
function takeInstructions(node: DictNode): Inherited {
  const start: Inherited = { recursive: true, convert: "none", partial: false, depth: 1 };
  if (node.special !== undefined) return start;
  const taken = instructionsOf(node, start);
  const isTarget = node.peek("_target_") !== undefined;
  if (taken.partial && !isTarget)
    throw invalidInstruction(fullKey(node), PARTIAL, "used together with '_target_'");
  for (const name of [RECURSIVE, CONVERT, PARTIAL]) node.remove(name);
  return taken;
}

function instructionsOf(node: DictNode, inherited: Inherited): Inherited {
  return {
    ...inherited,
    recursive: instruction(node, RECURSIVE, inherited.recursive, isBoolean, "true or false"),
    convert: instruction(node, CONVERT, inherited.convert, isConversion, "one of none, partial, object, all"),
    partial: instruction(node, PARTIAL, inherited.partial, isBoolean, "true or false"),
  };
}

class Instantiation {
  readonly #entries: Entries;
  /** Whether `_recursive_: false` of a mapping without `_target_` is left to the nodes below it. */
  readonly #createsInPlain: boolean;
  /** Whether given arguments replace those of the config before anything is created. */
  readonly #argsReplaced: boolean;
  /** Whether an error of a target comes with the key of its node around it. */
  readonly #wrapsErrors: boolean;

  constructor({ registry }: InstantiateOptions, rules: Rules) {
    this.#entries = new Entries(registry);
    this.#createsInPlain = !rules.recursiveEverywhere;
    this.#argsReplaced = rules.resolvesWhenReached;
    this.#wrapsErrors = !rules.targetErrorsAsTheyAre;
  }

  create(node: ContainerNode, inherited: Inherited, args: readonly unknown[] = []): unknown {
    if (inherited.depth > MAX_TREE_DEPTH) throw treeTooDeep(node);
    if (node.isNull) return null;
    if (!(node instanceof DictNode)) {
      const items = (node as ListNode).items.map((item) => this.#value(item, below(inherited), true));
      return this.#handOver(node, items, inherited);
    }
    const own = instructionsOf(node, inherited);
    const target = node.peek("_target_");
    if (target !== undefined && !(target.isMissing && this.#argsReplaced)) return this.#call(node, own, args);
    if (node.peek("_target_")?.isMissing === true && inherited.depth === 1) node.remove("_target_");
    if (own.partial) throw invalidInstruction(fullKey(node), PARTIAL, "used together with '_target_'");
    const content: Record<string, unknown> = Object.create(null);
    for (const child of node.items.values())
      content[String(child.key)] = this.#value(child, below(own), this.#createsInPlain || own.recursive);
    return this.#handOver(node, content, own);
  }

  #call(node: DictNode, own: Inherited, given: readonly unknown[]): unknown {
    const target = resolvedValue(node.peek("_target_")!);
    if (typeof target !== "string" || target === "")
      throw invalidInstruction(fullKey(node), "_target_", "the name of a registered entry");
    const entry = this.#entries.find(target);
    if (entry === undefined) throw targetNotAllowed(target, fullKey(node), this.#entries.names);
    const options: Record<string, unknown> = Object.create(null);
    let args: readonly unknown[] = [];
    for (const child of node.items.values()) {
      const key = String(child.key);
      if (key === ISOLATE && this.#argsReplaced) continue;
      if (key === "_args_" && given.length > 0 && this.#argsReplaced) continue;
      if (key === "_args_") args = this.#args(node, child, below(own));
      else if (!INSTRUCTIONS.has(key) && !(own.partial && child.isMissing))
        options[key] = this.#value(child, below(own), own.recursive);
    }
    if (given.length > 0) args = given;
    const call = (more?: Readonly<Record<string, unknown>>, rest: readonly unknown[] = []): unknown => {
      try {
        return entry(Object.assign(Object.create(null), options, more), [...args, ...rest]);
      } catch (error) {
        throw this.#wrapsErrors ? targetFailed(target, fullKey(node), error) : error;
      }
    };
    return own.partial ? Object.defineProperty(call, "name", { value: target }) : call();
  }

  #args(node: DictNode, child: ConfigNode, passed: Inherited): unknown[] {
    const list = dereference(child, true);
    if (!isContainer(list) || list instanceof DictNode || list.special !== undefined)
      throw invalidInstruction(fullKey(node), "_args_", "a list");
    return this.#items(list as ListNode, passed);
  }

  #items(list: ListNode, passed: Inherited): unknown[] {
    return list.items.map((item) => this.#value(item, passed, passed.recursive));
  }

  /** `creates`: whether what stands there is created; without it, a container is handed over as it is. */
  #value(child: ConfigNode, passed: Inherited, creates: boolean): unknown {
    const node = dereference(child, true);
    if (node.isMissing) throw missingValue(child.parent!, child.key);
    if (node instanceof ValueNode) return plainValue(node.value);
    const container = node as ContainerNode;
    if (container.isNull) return null;
    if (!creates) return passed.convert === "none" ? container : toPlain(container, { resolve: true });
    return this.create(container, passed);
  }

  /** A container without `_target_`: its content, or the tree itself where nothing below it was created. */
  #handOver(node: ContainerNode, content: unknown, { convert }: Inherited): unknown {
    if (convert === "all" || convert === "object") return content;
    if (convert === "partial") return node instanceof DictNode && node.schema !== undefined ? node : content;
    return holdsTarget(node) ? content : node;
  }
}

/** What nodes below inherit: whether a node is partial is its own matter. */
function below(inherited: Inherited): Inherited {
  return { ...inherited, partial: false, depth: inherited.depth + 1 };
}

function holdsTarget(node: ContainerNode, depth = 1): boolean {
  if (depth > MAX_TREE_DEPTH) throw treeTooDeep(node);
  for (const child of node.children()) {
    const target = child.isInterpolation ? dereference(child, false) : child;
    // What no config holds cannot be handed on in a tree either.
    if (target instanceof ValueNode && target.isResult) return true;
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
