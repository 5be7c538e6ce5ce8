import {
  invalidReference,
  invalidStructure,
  recursiveAlias,
  unacceptableCharacter,
  type YamlContext,
  yamlLimit,
} from "./errors.js";
import { Scanner } from "./scanner.js";
import { T, TOKEN_NAMES } from "./tokens.js";

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

/** Reads the one document of a text; undefined where there is none. Aliases give the node itself again. */
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
    return root;
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
    const { scanner } = this;
    let token = scanner.peek();
    if (token.type === T.Alias) return this.alias();
    const { start } = token;
    let anchor: Anchor | undefined;
    let tag: string | null = null;
    let tagged = false;
    let properties = false;
    if (token.type === T.Anchor || token.type === T.Tag) {
      properties = true;
      let name: string | undefined;
      let nameStart = start;
      for (let k = 0; k < 2; k++) {
        if (token.type === T.Anchor && name === undefined) {
          name = token.text;
          nameStart = token.start;
        } else if (token.type === T.Tag && !tagged) {
          tagged = true;
          tag = this.expandTag(token.handle, token.text, token.start);
        } else break;
        scanner.take();
        token = scanner.peek();
      }
      if (name !== undefined) {
        if (this.anchors.has(name)) {
          throw invalidReference(this.context, nameStart, `found duplicate anchor '${name}'`);
        }
        anchor = { name, node: undefined, size: this.nodes + this.expanded };
      }
    }
    // A lone `!` asks for the type of the plain form; on containers it says nothing.
    const nonSpecific = tag === "!";
    if (nonSpecific) tag = null;
    this.nodes += 1;
    if (this.nodes > this.limits.nodes) {
      throw yamlLimit(
        this.context,
        start,
        "nodes",
        this.limits.nodes,
        `more than ${this.limits.nodes} values`,
      );
    }
    let node: YamlNode;
    switch (token.type) {
      case T.Scalar:
        scanner.take();
        node = {
          kind: "scalar",
          tag,
          start,
          text: token.text,
          plain: tag === null && (token.plain || nonSpecific),
        };
        break;
      case T.FlowSequenceStart:
        node = this.open<YamlSequence>({ kind: "sequence", tag, start, items: [] }, anchor);
        this.flowSequence(node.items);
        break;
      case T.FlowMappingStart:
        node = this.open<YamlMapping>({ kind: "mapping", tag, start, keys: [], values: [] }, anchor);
        this.flowMapping(node);
        break;
      default:
        if (token.type === T.BlockEntry && indentless) {
          node = this.open<YamlSequence>({ kind: "sequence", tag, start, items: [] }, anchor);
          this.indentlessSequence(node.items);
        } else if (token.type === T.BlockSequenceStart && block) {
          node = this.open<YamlSequence>({ kind: "sequence", tag, start, items: [] }, anchor);
          this.blockSequence(node.items, token.start);
        } else if (token.type === T.BlockMappingStart && block) {
          node = this.open<YamlMapping>({ kind: "mapping", tag, start, keys: [], values: [] }, anchor);
          this.blockMapping(node, token.start);
        } else if (properties) {
          node = { kind: "scalar", tag, start, text: "", plain: tag === null };
        } else {
          throw invalidStructure(
            this.context,
            token.start,
            `expected the content of a node, but found '${TOKEN_NAMES[token.type]}'`,
          );
        }
    }
    if (anchor !== undefined) {
      anchor.node = node;
      anchor.size = this.nodes + this.expanded - anchor.size;
      this.anchors.set(anchor.name, anchor);
    }
    return node;
  }

  /** A container's anchor is known inside it, so that an alias to it is told apart from an unknown one. */
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
    if (anchor.node === undefined) throw recursiveAlias(this.context, token.start, token.text);
    this.expanded += anchor.size;
    if (this.expanded > this.limits.aliases) {
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

  private blockSequence(items: YamlNode[], start: number): void {
    const { scanner } = this;
    scanner.take();
    while (scanner.peek().type === T.BlockEntry) {
      const entry = scanner.take();
      const { type } = scanner.peek();
      items.push(
        type === T.BlockEntry || type === T.BlockEnd ? this.empty(entry.start + 1) : this.node(true, false),
      );
    }
    this.endBlock("a block collection", start);
  }

  private indentlessSequence(items: YamlNode[]): void {
    const { scanner } = this;
    while (scanner.peek().type === T.BlockEntry) {
      const entry = scanner.take();
      const { type } = scanner.peek();
      items.push(
        type === T.BlockEntry || type === T.Key || type === T.Value || type === T.BlockEnd
          ? this.empty(entry.start + 1)
          : this.node(true, false),
      );
    }
  }

  private blockMapping(node: YamlMapping, start: number): void {
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

  private flowSequence(items: YamlNode[]): void {
    const { scanner } = this;
    scanner.take();
    for (let first = true; scanner.peek().type !== T.FlowSequenceEnd; first = false) {
      if (!first) this.flowEntry("]");
      const token = scanner.peek();
      if (token.type === T.Key) {
        items.push(this.flowPair());
      } else if (token.type !== T.FlowSequenceEnd) {
        items.push(this.node(false, false));
      } else break;
    }
    scanner.take();
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

  private flowMapping(node: YamlMapping): void {
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
