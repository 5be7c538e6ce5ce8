import { makeStruct } from "../omegaconf/assign.js";
import { createTree } from "../omegaconf/create.js";
import type { ConfigText } from "../source/config-source.js";
import type { ContainerNode, RawValue } from "../tree/node.js";
import type { Origin } from "../tree/origin.js";
import { ANY } from "../tree/types.js";
import { rulesOf } from "../version/rules.js";
import type { VersionBase } from "../version/version-base.js";
import { YamlPositions } from "../yaml/parse.js";
import type { LoadedConfig } from "./repository.js";

/** Trees of texts that were read. Composing copies from them: they are neither changed nor returned to callers. */
const trees = new WeakMap<ConfigText, ContainerNode>();
/** Those by the rules of OmegaConf 2.4. */
const renewedTrees = new WeakMap<ConfigText, ContainerNode>();

/** The content of a config without its defaults list, as a root. Merge it; do not change it. */
export function treeOf(loaded: LoadedConfig): ContainerNode {
  const { text, stored, versionBase } = loaded;
  if (text === undefined) return storedTree(stored!);
  const known = rulesOf(versionBase).libyaml ? renewedTrees : trees;
  let tree = known.get(text);
  if (tree === undefined) {
    tree = createTree(withoutDefaults(loaded.value as RawValue), {
      origin: originOf(text, versionBase),
      context: { resolvers: new Map(), environment: new Map(), versionBase },
    });
    known.set(text, tree);
  }
  return tree;
}

/** A new tree of a registered config. */
export function storedTree(stored: NonNullable<LoadedConfig["stored"]>): ContainerNode {
  const name = stored.group === undefined ? stored.name : `${stored.group}/${stored.name}`;
  if (stored.struct === undefined) {
    return createTree(withoutDefaults(stored.value as RawValue), { origin: { kind: "store", name } });
  }
  const tree = makeStruct(stored.struct, ANY, undefined, undefined);
  tree.origin = { kind: "schema", name };
  tree.remove("defaults");
  return tree;
}

function withoutDefaults(value: RawValue): RawValue {
  if (!(value instanceof Map) || !value.has("defaults")) return value;
  const copy = new Map(value);
  copy.delete("defaults");
  return copy;
}

function originOf(text: ConfigText, versionBase: VersionBase): Origin {
  let positions: YamlPositions | undefined;
  return {
    kind: "file",
    file: text.label,
    position: (path) => {
      positions ??= new YamlPositions(text.text, { file: text.label, versionBase });
      return positions.of(path);
    },
  };
}
