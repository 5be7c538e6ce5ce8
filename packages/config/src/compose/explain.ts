import { selectNode } from "../omegaconf/access.js";
import { toPlain } from "../omegaconf/output.js";
import { fullKey } from "../tree/keys.js";
import { type ConfigNode, ContainerNode, contentOf, isContainer } from "../tree/node.js";
import { placeOf } from "../tree/place.js";

/** Where one value of a key came from. */
export interface ValueOrigin {
  readonly kind: "file" | "override" | "schema" | "store" | "environment" | "program";
  /** The value as it was written there; an interpolation is its text. */
  readonly value: unknown;
  /** For `file`: as shown to people, with the place of the key, counted from 1. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** For `override`: its text. */
  readonly override?: string;
  /** For `override`: where it was given, when not on the command line. */
  readonly from?: string;
  /** For `schema` and `store`: the name of the registered config. */
  readonly name?: string;
}

export interface Explanation {
  readonly key: string;
  /** The origin of the value that the config has. */
  readonly winner: ValueOrigin;
  /** What it replaced, the latest first. */
  readonly losers: readonly ValueOrigin[];
}

/** Where the value of a key came from and what it replaced; undefined where there is no such key. */
export function explainKey(
  root: ContainerNode,
  key: string,
  fromOf: (override: number) => string | undefined,
): Explanation | undefined {
  const node = findNode(root, key);
  if (node === undefined) return undefined;
  const losers: ValueOrigin[] = [];
  for (let replaced = node.replaced; replaced !== undefined; replaced = replaced.next) {
    losers.push(describe(replaced.node, fromOf));
  }
  return { key: fullKey(node), winner: describe(node, fromOf), losers };
}

/** The node itself: its interpolation is not followed. */
function findNode(root: ContainerNode, key: string): ConfigNode | undefined {
  if (key === "") return root;
  const bracket = key.lastIndexOf("[");
  const split = Math.max(key.lastIndexOf("."), bracket);
  const parentKey = split === -1 ? "" : key.slice(0, split);
  const parent = parentKey === "" ? root : selectNode(root, parentKey);
  if (parent === undefined || !isContainer(parent)) return undefined;
  const last = split === -1 ? key : key.slice(split + 1).replace(/\]$/, "");
  for (const child of parent.children()) if (String(child.key) === last) return child;
  return undefined;
}

function describe(node: ConfigNode, fromOf: (override: number) => string | undefined): ValueOrigin {
  const value = shown(node);
  const place = placeOf(node);
  if (place === undefined) return { kind: "program", value };
  const { origin, path } = place;
  switch (origin.kind) {
    case "file": {
      const position = origin.position(path);
      return {
        kind: "file",
        value,
        file: origin.file,
        ...(position === undefined ? {} : { line: position.line, column: position.column }),
      };
    }
    case "override": {
      const from = fromOf(origin.index);
      return { kind: "override", value, override: origin.text, ...(from === undefined ? {} : { from }) };
    }
    case "schema":
    case "store":
      return { kind: origin.kind, value, name: origin.name };
    default:
      return { kind: origin.kind, value };
  }
}

function shown(node: ConfigNode): unknown {
  const content = contentOf(node);
  return content instanceof ContainerNode ? toPlain(content, {}) : content;
}

/** The place of a value in one line, for messages: `conf/config.yaml:3`, `override a=1`; empty when unknown. */
export function placeText(root: ContainerNode, key: string): string {
  const node = findNode(root, key);
  return node === undefined ? "" : placeOfNode(node);
}

/** The same of a node. */
export function placeOfNode(node: ConfigNode): string {
  const origin = describe(node, () => undefined);
  if (origin.file !== undefined)
    return origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`;
  return origin.override === undefined ? (origin.name ?? "") : `override ${origin.override}`;
}
