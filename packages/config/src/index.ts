export { type ShowConfigOptions, showConfig } from "./application/show-config.js";
export {
  describeDefaults,
  describeDefaultsTree,
  describeSearchPath,
  heading,
  type SourceInfo,
} from "./application/show-info.js";
export { type ComposeOptions, compose, composeSync } from "./compose/compose.js";
export type { Composition } from "./compose/composition.js";
export type { DeepReadonly } from "./compose/deep-freeze.js";
export type { Explanation, ValueOrigin } from "./compose/explain.js";
export {
  type DefaultsInfo,
  type DefaultsTree,
  type ListDefaultsOptions,
  listDefaults,
} from "./compose/list-defaults.js";
export { savedData, savedOrigins } from "./compose/saved-data.js";
export type { OverrideInput } from "./compose/session.js";
export { hydraSource } from "./hydra/hydra-source.js";
export { instantiate } from "./instantiate/instantiate.js";
export type {
  Factory,
  Instance,
  RegisteredClass,
  Registry,
  RegistryEntry,
} from "./instantiate/registry.js";
export {
  blamedVariables,
  type EnvironmentOverride,
  environmentOverrides,
  namingVariables,
} from "./override/environment-overrides.js";
export { configInvalid, problemLines } from "./schema/errors.js";
export type { ConfigSchema, Infer } from "./schema/infer-schema.js";
export type { Problem } from "./schema/problem.js";
export type { StandardSchema } from "./schema/standard-schema.js";
export { type JsonSchema, structFromSchema } from "./schema/struct-from-schema.js";
export { type SchemaValidator, validateConfig } from "./schema/validate.js";
export type { ConfigSource, ConfigText } from "./source/config-source.js";
export { memorySource } from "./source/memory-source.js";
export { ConfigStore, type StoreEntry } from "./store/config-store.js";
export {
  type PlanSweepOptions,
  planSweep,
  type SweepBatch,
  type SweepJob,
  type SweepPlan,
} from "./sweep/plan-sweep.js";
export type { Resolver, ResolverCall } from "./tree/context.js";
