import type { ConfigKey } from "../scalar/values.js";
import type { TreeContext } from "../tree/context.js";
import { configError } from "../tree/errors.js";
import { ContainerNode, cloneNode, DictNode, ListNode, type RawValue } from "../tree/node.js";
import type { Origin } from "../tree/origin.js";
import { ANY, type StructType } from "../tree/types.js";
import type { YamlLimits } from "../yaml/composer.js";
import { Tuple } from "../yaml/construct.js";
import { type ParseYamlOptions, parseYaml, YamlPositions } from "../yaml/parse.js";
import { makeStruct, setContent } from "./assign.js";

export interface CreateOptions {
  /** The world that interpolations of the tree see; built-in resolvers have to be in it. */
  readonly context?: TreeContext;
  readonly origin?: Origin;
  readonly struct?: boolean;
  readonly readonly?: boolean;
  /** Makes the tree part of another one without being its child: interpolations count from there. */
  readonly parent?: ContainerNode;
}

/**
 * Makes a tree from plain data: a `Map` or an array, whose values are scalars, maps and arrays; null makes a tree
 * that is null; a text is read as YAML, as OmegaConf does. A tree is copied.
 */
export function createTree(value: RawValue, options: CreateOptions = {}): ContainerNode {
  let root: ContainerNode;
  if (value instanceof ContainerNode) {
    root = cloneNode(value) as ContainerNode;
    root.key = undefined;
    root.parent = options.parent;
  } else if (typeof value === "string") {
    return createFromText(parseYaml(value, parseOptions(options)), options);
  } else if (value === undefined || value === null || value instanceof Map) {
    root = new DictNode(undefined);
    root.parent = options.parent;
    root.context = options.context;
    setContent(root, value ?? null, true);
  } else if (Array.isArray(value) || value instanceof Tuple) {
    root = new ListNode(undefined);
    root.parent = options.parent;
    root.context = options.context;
    setContent(root, value, true);
  } else {
    throw configError("VALUE_INVALID", "a config is made of a mapping or a list", {
      hint: "Put the value under a key.",
    });
  }
  return finish(root, options);
}

function finish(root: ContainerNode, options: CreateOptions): ContainerNode {
  if (options.context !== undefined) root.context = options.context;
  if (options.origin !== undefined) root.origin = options.origin;
  if (options.struct !== undefined) root.struct = options.struct;
  if (options.readonly !== undefined) root.readonly = options.readonly;
  return root;
}

/** What a YAML text means as a config: nothing is an empty dict, a lone text is a key without value. */
function createFromText(value: RawValue, options: CreateOptions): ContainerNode {
  if (value === null || value === undefined) return createTree(new Map(), options);
  if (typeof value === "string") return createTree(new Map([[value, null]]), options);
  return createTree(value, options);
}

export interface CreateFromYamlOptions extends CreateOptions {
  /** Name of the file in errors and origins. */
  readonly file?: string;
  readonly limits?: Partial<YamlLimits>;
}

/** Makes a tree from YAML text, as `OmegaConf.create` does; values know their file. */
export function createFromYaml(text: string, options: CreateFromYamlOptions = {}): ContainerNode {
  return createFromText(parseYaml(text, parseOptions(options)), withOrigin(text, options));
}

/**
 * Makes a tree from the text of a config file, as `OmegaConf.load` does. It differs from `createFromYaml` where the
 * file holds nothing but one text: that text is read as YAML again.
 */
export function loadYaml(text: string, options: CreateFromYamlOptions = {}): ContainerNode {
  const value = parseYaml(text, parseOptions(options));
  const content = typeof value === "string" ? parseYaml(value, parseOptions(options)) : value;
  return createFromText(content, withOrigin(text, options));
}

function parseOptions({ file, limits, context }: CreateFromYamlOptions): ParseYamlOptions {
  const versionBase = context?.versionBase;
  return {
    ...(versionBase === undefined ? {} : { versionBase }),
    ...(file === undefined ? {} : { file }),
    ...(limits === undefined ? {} : { limits }),
  };
}

function withOrigin(text: string, options: CreateFromYamlOptions): CreateFromYamlOptions {
  const { file } = options;
  if (options.origin !== undefined || file === undefined) return options;
  let positions: YamlPositions | undefined;
  const position = (path: readonly ConfigKey[]) => {
    positions ??= new YamlPositions(text, parseOptions(options));
    return positions.of(path);
  };
  return { ...options, origin: { kind: "file", file, position } };
}

/** Makes a tree of a structured config with its defaults, as `OmegaConf.structured` does. */
export function createStruct(struct: StructType, options: CreateOptions = {}): DictNode {
  const root = makeStruct(struct, ANY, undefined, options.parent);
  return finish(root, options) as DictNode;
}
