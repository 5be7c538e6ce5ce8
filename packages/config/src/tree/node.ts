import { type ConfigKey, type KeyId, keyId, type ScalarValue } from "../scalar/values.js";
import { rulesOf } from "../version/rules.js";
import type { Tuple, YamlValue } from "../yaml/construct.js";
import type { TreeContext } from "./context.js";
import type { Expression } from "./expression.js";
import { parseInterpolated } from "./interpolation.js";
import type { Origin } from "./origin.js";
import { ANY, ANY_KEY, type KeyType, type StructType, type TypeRef } from "./types.js";

/** Plain data that may hold nodes of a tree too: what resolvers return and what may be assigned. */
export type RawValue =
  | ScalarValue
  | undefined
  | readonly RawValue[]
  | ReadonlyMap<ConfigKey | null, RawValue>
  | ReadonlySet<ConfigKey | null>
  | Tuple
  | ConfigNode
  | YamlValue;

export const MISSING = "???";

/**
 * The value that a node had before, newest first.
 * @internal
 */
interface Replaced {
  readonly node: ConfigNode;
  readonly next: Replaced | undefined;
}

/**
 * A node of a config tree. The published types leave out its fields: a tree is changed by functions (`setItem`,
 * `update`, `mergeWith`, …), which keep it consistent.
 */
export abstract class ConfigNode {
  /** @internal */
  parent: ContainerNode | undefined = undefined;
  /** @internal */
  key: ConfigKey | undefined;
  /** @internal */
  type: TypeRef;
  /** @internal Set on this node; undefined asks the parent. */
  struct: boolean | undefined = undefined;
  /** @internal Set on this node; undefined asks the parent. */
  readonly: boolean | undefined = undefined;
  /** @internal Explicit origin; without one the origin is that of `from`, else the parent's. */
  origin: Origin | undefined = undefined;
  /** @internal The node that this one was copied from. */
  from: ConfigNode | undefined = undefined;
  /** @internal */
  replaced: Replaced | undefined = undefined;

  /** @internal */
  constructor(key: ConfigKey | undefined, type: TypeRef) {
    this.key = key;
    this.type = type;
  }

  abstract get kind(): "value" | "dict" | "list";

  /** Null, `???` or an interpolation; undefined for every other value. */
  abstract get special(): null | string | undefined;

  get isNull(): boolean {
    return this.special === null;
  }

  get isMissing(): boolean {
    return this.special === MISSING;
  }

  abstract get isInterpolation(): boolean;
}

/** A node that holds one value. `contentOf` reads it. */
export class ValueNode extends ConfigNode {
  /** @internal A scalar; only the result of a resolver may be a container of plain data. */
  value: RawValue;
  /** @internal Whether this is the result of a resolver: it is never interpolated again and cannot be written. */
  readonly isResult: boolean;
  private expression: Expression | undefined = undefined;

  /** @internal */
  constructor(value: RawValue, key: ConfigKey | undefined, type: TypeRef = ANY, isResult = false) {
    super(key, type);
    this.value = value;
    this.isResult = isResult;
  }

  get kind(): "value" {
    return "value";
  }

  get special(): null | string | undefined {
    const { value } = this;
    if (value === null) return null;
    return typeof value === "string" && isSpecialText(value) ? value : undefined;
  }

  get isInterpolation(): boolean {
    return !this.isResult && typeof this.value === "string" && this.value.includes("${");
  }

  /** @internal Sets a value that has been checked. */
  assign(value: RawValue, expression?: Expression): void {
    this.value = value;
    this.expression = expression;
  }

  /** @internal The parsed interpolation of this node's text. */
  parsed(): Expression {
    this.expression ??= parseInterpolated(this.value as string, rulesOf(rootOf(this).context?.versionBase));
    return this.expression;
  }
}

/** A mapping or a list. */
export abstract class ContainerNode extends ConfigNode {
  /** @internal Null, `???` or an interpolation in place of the content. */
  protected instead: null | string | undefined = undefined;
  private expression: Expression | undefined = undefined;
  /** @internal Resolvers, environment and clock of the tree whose root this is. */
  context: TreeContext | undefined = undefined;
  /** @internal Results of cached resolvers, by name and argument texts; of a root. */
  cache: Map<string, Map<string, RawValue>> | undefined = undefined;

  get special(): null | string | undefined {
    return this.instead;
  }

  get isInterpolation(): boolean {
    return typeof this.instead === "string" && this.instead.includes("${");
  }

  /** @internal */
  setSpecial(value: null | string): void {
    this.instead = value;
    this.expression = undefined;
    this.clear();
  }

  /** @internal Takes off null, `???` or interpolation: an empty container is left. */
  expand(): void {
    this.instead = undefined;
    this.expression = undefined;
    this.clear();
  }

  /** @internal */
  parsed(): Expression {
    this.expression ??= parseInterpolated(this.instead as string, rulesOf(rootOf(this).context?.versionBase));
    return this.expression;
  }

  /** @internal */
  protected abstract clear(): void;
  abstract override get kind(): "dict" | "list";
  /** Number of children; 0 for null, `???` and interpolations. */
  abstract get size(): number;
  /** The children as they are written: interpolations are not followed. */
  abstract children(): Iterable<ConfigNode>;
}

/** A mapping, in the order of its keys. As in Python, the keys `1`, `1.0` and `true` are the same. */
export class DictNode extends ContainerNode {
  /** @internal */
  readonly items: Map<KeyId, ConfigNode> = new Map();
  /** @internal The closed type whose keys this dict has. */
  schema: StructType | undefined = undefined;

  /** @internal */
  constructor(key: ConfigKey | undefined, type: TypeRef = ANY) {
    super(key, type);
  }

  get kind(): "dict" {
    return "dict";
  }

  /** @internal */
  protected clear(): void {
    this.items.clear();
    this.schema = undefined;
  }

  get size(): number {
    return this.items.size;
  }

  children(): Iterable<ConfigNode> {
    return this.items.values();
  }

  /** @internal */
  get keyType(): KeyType {
    return this.type.kind === "dict" ? this.type.keys : ANY_KEY;
  }

  /** The child under a key as it is written; undefined where there is none. */
  peek(key: ConfigKey): ConfigNode | undefined {
    return this.items.get(keyId(key));
  }

  /** @internal Puts a child in place; the position of a known key stays. */
  put(key: ConfigKey, node: ConfigNode): void {
    const id = keyId(key);
    node.parent = this;
    // As in Python, the key that was there first stays the key.
    node.key = typeof key === "string" ? key : (this.items.get(id)?.key ?? key);
    this.items.set(id, node);
  }

  /** @internal */
  remove(key: ConfigKey): boolean {
    return this.items.delete(keyId(key));
  }

  keys(): ConfigKey[] {
    const keys: ConfigKey[] = [];
    for (const node of this.items.values()) keys.push(node.key!);
    return keys;
  }
}

/** A list. */
export class ListNode extends ContainerNode {
  /** @internal */
  items: ConfigNode[] = [];
  /** @internal Whether it cannot be changed and is written as a tuple. */
  tuple: boolean = false;

  /** @internal */
  constructor(key: ConfigKey | undefined, type: TypeRef = ANY) {
    super(key, type);
  }

  get kind(): "list" {
    return "list";
  }

  /** @internal */
  protected clear(): void {
    this.items = [];
  }

  get size(): number {
    return this.items.length;
  }

  children(): Iterable<ConfigNode> {
    return this.items;
  }

  /** @internal */
  put(index: number, node: ConfigNode): void {
    node.parent = this;
    node.key = index;
    this.items[index] = node;
  }

  /** @internal */
  remove(index: number): void {
    this.items.splice(index, 1);
    for (let k = index; k < this.items.length; k++) this.items[k]!.key = k;
  }
}

export function isSpecialText(text: string): boolean {
  return text === MISSING || text.includes("${");
}

/** Whether something is a mapping or a list of a tree. */
export function isContainer(node: unknown): node is ContainerNode {
  return node instanceof DictNode || node instanceof ListNode;
}

export function isDict(node: unknown): node is DictNode {
  return node instanceof DictNode;
}

/** Whether something is a list that cannot be changed and is written as a tuple; only under `versionBase: "1.4"`. */
export function isTuple(node: unknown): boolean {
  return node instanceof ListNode && node.tuple;
}

export function isList(node: unknown): node is ListNode {
  return node instanceof ListNode;
}

/** The value of a value node, null, `???` or interpolation of a container, else the container itself. */
export function contentOf(node: ConfigNode): RawValue {
  if (node instanceof ValueNode) return node.value;
  const { special } = node;
  return special === undefined ? node : special;
}

/** A flag as inherited. */
export function flag(node: ConfigNode, name: "struct" | "readonly"): boolean | undefined {
  for (let n: ConfigNode | undefined = node; n !== undefined; n = n.parent) {
    const value = n[name];
    if (value !== undefined) return value;
  }
  return undefined;
}

export function rootOf(node: ConfigNode): ContainerNode {
  let n: ConfigNode = node;
  while (n.parent !== undefined) n = n.parent;
  return n as ContainerNode;
}

/** Inherited by what is below, unless that says otherwise; undefined asks the parent. */
export interface TreeFlags {
  /** Unknown keys are refused. */
  readonly struct?: boolean | undefined;
  /** Every change is refused. */
  readonly readonly?: boolean | undefined;
}

/** Sets flags of a node, as `OmegaConf.set_struct` and `OmegaConf.set_readonly` do. A flag left out stays as it is. */
export function setFlags(node: ConfigNode, flags: TreeFlags): void {
  if ("struct" in flags) node.struct = flags.struct;
  if ("readonly" in flags) node.readonly = flags.readonly;
}

/** Runs with flags of one node set temporarily. */
export function withFlags<R>(node: ConfigNode, flags: TreeFlags, run: () => R): R {
  const { struct, readonly } = node;
  setFlags(node, flags);
  try {
    return run();
  } finally {
    if ("struct" in flags) node.struct = struct;
    if ("readonly" in flags) node.readonly = readonly;
  }
}

/** A deep copy without parent that remembers what it was copied from. Bytes are copied too: they can be changed. */
export function cloneNode(node: ConfigNode): ConfigNode {
  let copy: ConfigNode;
  if (node instanceof ValueNode) {
    const value = node.value instanceof Uint8Array ? node.value.slice() : node.value;
    copy = new ValueNode(value, node.key, node.type, node.isResult);
  } else if (node instanceof DictNode) {
    const dict = new DictNode(node.key, node.type);
    if (node.special !== undefined) dict.setSpecial(node.special);
    dict.schema = node.schema;
    for (const [id, child] of node.items) {
      const c = cloneNode(child);
      c.parent = dict;
      dict.items.set(id, c);
    }
    copy = dict;
  } else {
    const source = node as ListNode;
    const list = new ListNode(source.key, source.type);
    list.tuple = source.tuple;
    if (source.special !== undefined) list.setSpecial(source.special);
    for (const child of source.items) {
      const c = cloneNode(child);
      c.parent = list;
      list.items.push(c);
    }
    copy = list;
  }
  if (copy instanceof ContainerNode) {
    const source = node as ContainerNode;
    copy.context = source.context;
    if (source.cache !== undefined) {
      copy.cache = new Map([...source.cache].map(([name, entries]) => [name, new Map(entries)]));
    }
  }
  copy.struct = node.struct;
  copy.readonly = node.readonly;
  copy.from = node;
  copy.replaced = node.replaced;
  return copy;
}
