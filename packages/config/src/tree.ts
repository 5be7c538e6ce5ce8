// What OmegaConf does: trees of configs that can be read, merged, changed and written.
export {
  getItem,
  getOr,
  isInterpolation,
  isMissing,
  maskedCopy,
  missingKeys,
  type SelectOptions,
  select,
  selectNode,
} from "./tree/access.js";
export { setItem } from "./tree/assign.js";
export { deleteItem, pop, type UpdateOptions, update } from "./tree/change.js";
export { contains } from "./tree/contains.js";
export type { TreeContext } from "./tree/context.js";
export {
  type CreateFromYamlOptions,
  type CreateOptions,
  createFromYaml,
  createStruct,
  createTree,
  loadYaml,
} from "./tree/create.js";
export { fromDotlist, mergeDotlist } from "./tree/dotlist.js";
export { evaluateElement, evaluateText } from "./tree/evaluate.js";
export { fromPlain } from "./tree/from-plain.js";
export { merge, mergeWith } from "./tree/merge.js";
export {
  type ConfigNode,
  type ContainerNode,
  contentOf,
  type DictNode,
  isContainer,
  isDict,
  isList,
  type ListNode,
  type RawValue,
  setFlags,
  type TreeFlags,
  type ValueNode,
} from "./tree/node.js";
export type { Origin, OriginPlace } from "./tree/origin.js";
export {
  type ToDataOptions,
  type ToYamlOptions,
  type TreeData,
  toData,
  toPlain,
  toYaml,
} from "./tree/output.js";
export { placeOf } from "./tree/place.js";
export { formatRaw } from "./tree/repr.js";
export { resolveAll } from "./tree/resolve-all.js";
export { BUILT_IN_RESOLVERS } from "./tree/resolvers.js";
export type { EnumType, KeyType, StructField, StructType, TypeRef } from "./tree/types.js";
