import {
  aliasesRefused,
  invalidReference,
  invalidStructure,
  recursiveAlias,
  unacceptableCharacter,
  type YamlContext,
  yamlLimit,
} from "./errors.js";
import { Scanner } from "./scanner.js";
import { T, TOKEN_NAMES, type Token } from "./tokens.js";

/** What the reader refuses to go beyond; the defaults are `DEFAULT_YAML_LIMITS`. */
export interface YamlLimits {
  /** UTF-16 units of the text. */
  readonly size: number;
  /** Levels of nesting. */
  readonly depth: number;
  /** Scalars, sequences and mappings. */
  readonly nodes: number;
  /** Nodes that aliases may add by being expanded. */
  readonly aliases: number;
}

export const DEFAULT_YAML_LIMITS: YamlLimits = {
  size: 10_000_000,
  depth: 200,
  nodes: 200_000,
  aliases: 100_000,
};

interface YamlNodeBase {
  /** The tag that was written, expanded; null where there was none (or only `!`). */
  readonly tag: string | null;
  /** Offset of the first character. */
  readonly start: number;
}

export interface YamlScalar extends YamlNodeBase {
  readonly kind: "scalar";
  readonly text: string;
  /** Whether the text decides on the type: plain, or tagged `!`. */
  readonly plain: boolean;
}

interface YamlSequence extends YamlNodeBase {
  readonly kind: "sequence";
  readonly items: YamlNode[];
}

export interface YamlMapping extends YamlNodeBase {
  readonly kind: "mapping";
  readonly keys: YamlNode[];
  readonly values: YamlNode[];
}

export type YamlNode = YamlScalar | YamlSequence | YamlMapping;

/** Of OmegaConf 2.4: values of a document, its aliases written out; and how many times what is written they may be. */
const EXPANDED_NODES = 10_000;
const EXPANSION_FROM = 1_000;
const EXPANSION_RATIO = 100;

const UNPRINTABLE_ASCII = /[^\t\n\r -~]/;
const UNPRINTABLE = /[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
const DEFAULT_HANDLES: ReadonlyMap<string, string> = new Map([
  ["!", "!"],
  ["!!", "tag:yaml.org,2002:"],
]);

interface Anchor {
  readonly name: string;
  node: YamlNode | undefined;
  /** Nodes below, aliases expanded. */
  size: number;
}

/** What comes before the content of a node. */
interface Properties {
  readonly anchor: Anchor | undefined;
  readonly tag: string | null;
  /** Whether the tag is a lone `!`. */
  readonly nonSpecific: boolean;
}

const NO_PROPERTIES: Properties = { anchor: undefined, tag: null, nonSpecific: false };

/** Reads the one document of a text; undefined where there is none. An alias is the node itself again. */
export function composeYaml(context: YamlContext, limits: YamlLimits): YamlNode | undefined {
  const { text } = context;
  if (text.length > limits.size) {
    throw yamlLimit(
      { text: "", file: context.file },
      0,
      "size",
      limits.size,
      `the text has ${text.length} characters; ${limits.size} are allowed`,
    );
  }
  if (UNPRINTABLE_ASCII.test(text)) {
    const bad = text.search(UNPRINTABLE);
    if (bad >= 0) throw unacceptableCharacter(context, bad);
  }
  return new Composer(context, limits).document();
}

class Composer {
  private readonly context: YamlContext;
  private readonly limits: YamlLimits;
  private readonly scanner: Scanner;
  private readonly anchors = new Map<string, Anchor>();
  private handles: ReadonlyMap<string, string> = DEFAULT_HANDLES;
  private nodes = 0;
  private expanded = 0;

  constructor(context: YamlContext, limits: YamlLimits) {
    this.context = context;
    this.limits = limits;
    this.scanner = new Scanner(context, limits.depth);
  }

  document(): YamlNode | undefined {
    const { scanner } = this;
    let type = scanner.peek().type;
    let root: YamlNode;
    if (type === T.Directive || type === T.DocumentStart || type === T.StreamEnd) {
      while (scanner.peek().type === T.DocumentEnd) scanner.take();
      if (scanner.peek().type === T.StreamEnd) return undefined;
      this.explicitStart();
      type = scanner.peek().type;
      root =
        type === T.Directive || type === T.DocumentStart || type === T.DocumentEnd || type === T.StreamEnd
          ? this.empty(scanner.peek().start)
          : this.node(true, false);
    } else {
      root = this.node(true, false);
    }
    if (scanner.peek().type === T.DocumentEnd) scanner.take();
    while (scanner.peek().type === T.DocumentEnd) scanner.take();
    if (scanner.peek().type !== T.StreamEnd) {
      const { start } = scanner.peek();
      this.explicitStart();
      throw invalidReference(this.context, start, "expected a single document, but found another one");
    }
    if (this.context.libyaml === true) this.checkExpansion(root.start);
    return root;
  }

  /** OmegaConf 2.4 limits what a document is when its aliases are written out. */
  private checkExpansion(start: number): void {
    const { nodes, expanded } = this;
    const total = nodes + expanded;
    if (total > EXPANDED_NODES) {
      throw aliasesRefused(
        this.context,
        start,
        `the document has ${total} values with its aliases; ${EXPANDED_NODES} are allowed`,
      );
    }
    if (total > EXPANSION_FROM && total > nodes * EXPANSION_RATIO) {
      throw aliasesRefused(this.context, start, `aliases make ${total} values out of ${nodes}`);
    }
  }

  private explicitStart(): void {
    const { scanner } = this;
    let version = false;
    const handles = new Map<string, string>();
    while (scanner.peek().type === T.Directive) {
      const { text, handle, start } = scanner.take();
      if (text.startsWith("YAML ")) {
        if (version) throw invalidStructure(this.context, start, "found duplicate YAML directive");
        if (Number.parseInt(text.slice(5), 10) !== 1) {
          throw invalidStructure(this.context, start, "this is not YAML 1, which is required");
        }
        version = true;
      } else if (handle !== null) {
        if (handles.has(handle)) {
          throw invalidStructure(this.context, start, `duplicate tag handle '${handle}'`);
        }
        handles.set(handle, text.slice(4));
      }
    }
    const token = scanner.peek();
    if (token.type !== T.DocumentStart) {
      throw invalidStructure(
        this.context,
        token.start,
        `expected '<document start>', but found '${TOKEN_NAMES[token.type]}'`,
      );
    }
    scanner.take();
    for (const [handle, prefix] of DEFAULT_HANDLES) if (!handles.has(handle)) handles.set(handle, prefix);
    this.handles = handles;
  }

  private empty(start: number): YamlScalar {
    this.nodes += 1;
    return { kind: "scalar", tag: null, start, text: "", plain: true };
  }

  /** `indentless` allows a sequence at the indentation of its key. */
  private node(block: boolean, indentless: boolean): YamlNode {
    const token = this.scanner.peek();
    if (token.type === T.Alias) return this.alias();
    const properties =
      token.type === T.Anchor || token.type === T.Tag ? this.properties(token) : NO_PROPERTIES;
    this.nodes += 1;
    if (this.nodes > this.limits.nodes) {
      const { nodes } = this.limits;
      throw yamlLimit(this.context, token.start, "nodes", nodes, `more than ${nodes} values`);
    }
    const node = this.content(token.start, properties, block, indentless);
    const { anchor } = properties;
    if (anchor !== undefined) {
      anchor.node = node;
      anchor.size = this.nodes + this.expanded - anchor.size;
      this.anchors.set(anchor.name, anchor);
    }
    return node;
  }

  /** An anchor and a tag, in either order, before the content of a node. */
  private properties(first: Token): Properties {
    let token = first;
    let name: Token | undefined;
    let tag: string | undefined;
    for (let k = 0; k < 2; k++) {
      if (token.type === T.Anchor && name === undefined) name = token;
      else if (token.type === T.Tag && tag === undefined) {
        tag = this.expandTag(token.handle, token.text, token.start);
      } else break;
      this.scanner.take();
      token = this.scanner.peek();
    }
    if (name !== undefined && this.anchors.has(name.text)) {
      throw invalidReference(this.context, name.start, `found duplicate anchor '${name.text}'`);
    }
    return {
      anchor:
        name === undefined
          ? undefined
          : { name: name.text, node: undefined, size: this.nodes + this.expanded },
      // A lone `!` asks for the type of the plain form; on containers it says nothing.
      tag: tag === "!" ? null : (tag ?? null),
      nonSpecific: tag === "!",
    };
  }

  private content(start: number, properties: Properties, block: boolean, indentless: boolean): YamlNode {
    const { scanner } = this;
    const { tag, nonSpecific } = properties;
    const token = scanner.peek();
    switch (token.type) {
      case T.Scalar: {
        scanner.take();
        const plain = tag === null && (token.plain || nonSpecific);
        return { kind: "scalar", tag, start, text: token.text, plain };
      }
      case T.FlowSequenceStart:
        return this.flowSequence(this.openSequence(start, properties));
      case T.FlowMappingStart:
        return this.flowMapping(this.openMapping(start, properties));
      case T.BlockEntry:
        if (indentless) return this.indentlessSequence(this.openSequence(start, properties));
        break;
      case T.BlockSequenceStart:
        if (block) return this.blockSequence(this.openSequence(start, properties), token.start);
        break;
      case T.BlockMappingStart:
        if (block) return this.blockMapping(this.openMapping(start, properties), token.start);
        break;
      default:
    }
    if (properties !== NO_PROPERTIES) {
      // With libyaml a lone `!` makes an empty text of it.
      const plain = tag === null && !(nonSpecific && this.context.libyaml === true);
      return { kind: "scalar", tag, start, text: "", plain };
    }
    throw invalidStructure(
      this.context,
      token.start,
      `expected the content of a node, but found '${TOKEN_NAMES[token.type]}'`,
    );
  }

  private openSequence(start: number, { anchor, tag }: Properties): YamlSequence {
    return this.open({ kind: "sequence", tag, start, items: [] }, anchor);
  }

  private openMapping(start: number, { anchor, tag }: Properties): YamlMapping {
    return this.open({ kind: "mapping", tag, start, keys: [], values: [] }, anchor);
  }

  /** A container's anchor is known inside it, so that an alias to it differs from an unknown one. */
  private open<N extends YamlNode>(node: N, anchor: Anchor | undefined): N {
    if (anchor !== undefined) this.anchors.set(anchor.name, anchor);
    return node;
  }

  private alias(): YamlNode {
    const token = this.scanner.take();
    const anchor = this.anchors.get(token.text);
    if (anchor === undefined) {
      throw invalidReference(this.context, token.start, `found undefined alias '${token.text}'`);
    }
    if (anchor.node === undefined) {
      if (this.context.libyaml === true)
        throw aliasesRefused(this.context, token.start, `the alias '${token.text}' is inside its own anchor`);
      throw recursiveAlias(this.context, token.start, token.text);
    }
    this.expanded += anchor.size;
    if (this.context.libyaml !== true && this.expanded > this.limits.aliases) {
      throw yamlLimit(
        this.context,
        token.start,
        "aliases",
        this.limits.aliases,
        `aliases expand to more than ${this.limits.aliases} nodes`,
      );
    }
    return anchor.node;
  }

  private expandTag(handle: string | null, suffix: string, start: number): string {
    if (handle === null) return suffix;
    const prefix = this.handles.get(handle);
    if (prefix === undefined) {
      throw invalidStructure(this.context, start, `found undefined tag handle '${handle}'`);
    }
    return prefix + suffix;
  }

  private blockSequence(node: YamlSequence, start: number): YamlSequence {
    const { scanner } = this;
    scanner.take();
    while (scanner.peek().type === T.BlockEntry) {
      const entry = scanner.take();
      const { type } = scanner.peek();
      node.items.push(
        type === T.BlockEntry || type === T.BlockEnd ? this.empty(entry.start + 1) : this.node(true, false),
      );
    }
    this.endBlock("a block collection", start);
    return node;
  }

  private indentlessSequence(node: YamlSequence): YamlSequence {
    const { scanner } = this;
    while (scanner.peek().type === T.BlockEntry) {
      const entry = scanner.take();
      const { type } = scanner.peek();
      node.items.push(
        type === T.BlockEntry || type === T.Key || type === T.Value || type === T.BlockEnd
          ? this.empty(entry.start + 1)
          : this.node(true, false),
      );
    }
    return node;
  }

  private blockMapping(node: YamlMapping, start: number): YamlMapping {
    const { scanner } = this;
    scanner.take();
    while (scanner.peek().type === T.Key) {
      const key = scanner.take();
      node.keys.push(this.blockMappingPart(key.start + 1));
      const value = scanner.peek();
      if (value.type === T.Value) {
        scanner.take();
        node.values.push(this.blockMappingPart(value.start + 1));
      } else {
        node.values.push(this.empty(value.start));
      }
    }
    this.endBlock("a block mapping", start);
    return node;
  }

  private blockMappingPart(start: number): YamlNode {
    const { type } = this.scanner.peek();
    return type === T.Key || type === T.Value || type === T.BlockEnd
      ? this.empty(start)
      : this.node(true, true);
  }

  private endBlock(what: string, start: number): void {
    const token = this.scanner.peek();
    if (token.type !== T.BlockEnd) {
      const opened = this.context.text.slice(0, start).split("\n").length;
      throw invalidStructure(
        this.context,
        token.start,
        `expected the end of ${what} that begins in line ${opened}, but found '${TOKEN_NAMES[token.type]}'`,
      );
    }
    this.scanner.take();
  }

  private flowSequence(node: YamlSequence): YamlSequence {
    const { scanner } = this;
    scanner.take();
    for (let first = true; scanner.peek().type !== T.FlowSequenceEnd; first = false) {
      if (!first) this.flowEntry("]");
      const token = scanner.peek();
      if (token.type === T.Key) {
        node.items.push(this.flowPair());
      } else if (token.type !== T.FlowSequenceEnd) {
        node.items.push(this.node(false, false));
      } else break;
    }
    scanner.take();
    return node;
  }

  /** `a: b` as an item of a flow sequence: a mapping of one key. */
  private flowPair(): YamlMapping {
    const { scanner } = this;
    this.nodes += 1;
    const { start } = scanner.take();
    const key = this.flowPart(T.FlowSequenceEnd, start);
    const token = scanner.peek();
    let value: YamlNode;
    if (token.type === T.Value) {
      scanner.take();
      value = this.flowPart(T.FlowSequenceEnd, token.start + 1, true);
    } else value = this.empty(token.start);
    return { kind: "mapping", tag: null, start, keys: [key], values: [value] };
  }

  private flowMapping(node: YamlMapping): YamlMapping {
    const { scanner } = this;
    scanner.take();
    for (let first = true; scanner.peek().type !== T.FlowMappingEnd; first = false) {
      if (!first) this.flowEntry("}");
      const token = scanner.peek();
      if (token.type === T.Key) {
        scanner.take();
        node.keys.push(this.flowPart(T.FlowMappingEnd, token.start));
        const next = scanner.peek();
        if (next.type === T.Value) {
          scanner.take();
          node.values.push(this.flowPart(T.FlowMappingEnd, next.start + 1, true));
        } else node.values.push(this.empty(next.start));
      } else if (token.type !== T.FlowMappingEnd) {
        node.keys.push(this.node(false, false));
        node.values.push(this.empty(scanner.peek().start));
      } else break;
    }
    scanner.take();
    return node;
  }

  private flowPart(end: T, start: number, value = false): YamlNode {
    const { type } = this.scanner.peek();
    if (type === T.FlowEntry || type === end || (type === T.Value && !value)) return this.empty(start);
    return this.node(false, false);
  }

  private flowEntry(close: "]" | "}"): void {
    const token = this.scanner.peek();
    if (token.type !== T.FlowEntry) {
      throw invalidStructure(
        this.context,
        token.start,
        `expected ',' or '${close}', but found '${TOKEN_NAMES[token.type]}'`,
      );
    }
    this.scanner.take();
  }
}
