import { dereference } from "../omegaconf/evaluate.js";
import { MAX_TREE_DEPTH } from "../tree/depth.js";
import { configError } from "../tree/errors.js";
import { type ConfigNode, isContainer, isList } from "../tree/node.js";
import { treeOf } from "./composed-trees.js";
import { escapePointer } from "./config-data.js";
import { placeIn, type Spot, type SpotProblem, withoutValue } from "./problem.js";

interface PlainDataOptions {
  /** Whether `???` counts as a problem. */
  readonly missing: boolean;
  /** A key at the root that is left out. */
  readonly skipped: string | undefined;
  /** The key of the data in `whole`; "" for the config itself. */
  readonly at: string;
  /** The composed config that the data is, or is a part of. */
  readonly whole: object;
}

/** Resolved data for a validator. Where a composition handed the config out, its spots know where they were written. */
export class PlainData {
  readonly value: unknown;
  readonly spots: Map<string, Spot> = new Map();
  readonly problems: SpotProblem[] = [];
  readonly #options: PlainDataOptions;

  constructor(data: object, options: PlainDataOptions) {
    this.#options = options;
    this.value = this.#withoutSkipped(data);
    this.#collect(this.value, "", options.at, 1);
  }

  #withoutSkipped(data: object): object {
    const { skipped } = this.#options;
    if (skipped === undefined || !Object.hasOwn(data, skipped)) return data;
    return Object.fromEntries(Object.entries(data).filter(([key]) => key !== skipped));
  }

  #collect(value: unknown, pointer: string, key: string, depth: number): void {
    if (depth > MAX_TREE_DEPTH) {
      throw configError(
        "CONFIG_DEPTH",
        `the data is more than ${MAX_TREE_DEPTH} levels deep or contains itself`,
      );
    }
    const spot: Spot = { key, place: () => this.#place(key) };
    this.spots.set(pointer, spot);
    if (value === "???" && this.#options.missing) this.problems.push(withoutValue(spot));
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries())
        this.#collect(item, `${pointer}/${index}`, `${key}[${index}]`, depth + 1);
      return;
    }
    for (const [name, item] of Object.entries(value)) {
      this.#collect(
        item,
        `${pointer}/${escapePointer(name)}`,
        key === "" ? name : `${key}.${name}`,
        depth + 1,
      );
    }
  }

  #place(key: string): ReturnType<Spot["place"]> {
    const root = treeOf(this.#options.whole);
    const node = root === undefined ? undefined : nodeAt(root, key);
    return node === undefined ? {} : placeIn(node);
  }
}

/** The node of a full key; what stands in for a container by an interpolation is followed on the way. */
function nodeAt(root: ConfigNode, key: string): ConfigNode | undefined {
  let node: ConfigNode | undefined = root;
  for (const [, item, name] of key.matchAll(/\[(\d+)\]|([^.[\]]+)/g)) {
    if (node.isInterpolation) node = dereference(node, true);
    if (!isContainer(node)) return undefined;
    const step = item ?? name;
    const found: ConfigNode | undefined = [...node.children()].find((child) => String(child.key) === step);
    if (found === undefined) return isList(node) ? undefined : node;
    node = found;
  }
  return node;
}
