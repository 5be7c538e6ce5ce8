// What OmegaConf does: trees of configs that can be read, merged, changed and written.
export {
  canSelect,
  getItem,
  getOr,
  isInterpolation,
  isMissing,
  maskedCopy,
  missingKeys,
  type SelectOptions,
  select,
  selectNode,
} from "./omegaconf/access.js";
export { appendItem, insertItem, setItem } from "./omegaconf/assign.js";
export { deleteItem, pop, type UpdateOptions, update } from "./omegaconf/change.js";
export { contains } from "./omegaconf/contains.js";
export {
  type CreateFromYamlOptions,
  type CreateOptions,
  createFromYaml,
  createStruct,
  createTree,
  loadYaml,
} from "./omegaconf/create.js";
export { type CreateConfigOptions, create } from "./omegaconf/create-config.js";
export { fromDotlist, mergeDotlist } from "./omegaconf/dotlist.js";
export { evaluateElement, evaluateText } from "./omegaconf/evaluate.js";
export {
  isReadonly,
  isStruct,
  openDict,
  readWrite,
  setReadonly,
  setStruct,
} from "./omegaconf/flags.js";
export { fromPlain } from "./omegaconf/from-plain.js";
export { merge, mergeWith } from "./omegaconf/merge.js";
export {
  type ToDataOptions,
  type ToYamlOptions,
  type TreeData,
  toData,
  toPlain,
  toYaml,
} from "./omegaconf/output.js";
export type { ResolverFunction, Resolvers } from "./omegaconf/plain-resolver.js";
export { resolveAll } from "./omegaconf/resolve-all.js";
export { BUILT_IN_RESOLVERS } from "./omegaconf/resolvers.js";
export type { TreeContext } from "./tree/context.js";
export {
  type ConfigNode,
  type ContainerNode,
  contentOf,
  type DictNode,
  isContainer,
  isDict,
  isList,
  isTuple,
  type ListNode,
  type RawValue,
  setFlags,
  type TreeFlags,
  type ValueNode,
} from "./tree/node.js";
export type { Origin, OriginPlace } from "./tree/origin.js";
export { placeOf } from "./tree/place.js";
export { formatRaw } from "./tree/repr.js";
export type { EnumType, KeyType, StructField, StructType, TypeRef } from "./tree/types.js";
