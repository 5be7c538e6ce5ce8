import { type Element, GlobSweep, isSweep } from "./value.js";

/** `key=` changes, `+key=` adds, `++key=` adds or changes, `~key` deletes, `key=extend_list(…)` appends. */
export type OverrideType = "CHANGE" | "ADD" | "FORCE_ADD" | "DEL" | "EXTEND_LIST";

export type ValueType =
  | "ELEMENT"
  | "CHOICE_SWEEP"
  | "GLOB_CHOICE_SWEEP"
  | "SIMPLE_CHOICE_SWEEP"
  | "RANGE_SWEEP"
  | "INTERVAL_SWEEP";

/** One override of the command line, parsed. */
export interface Override {
  /** The text that was parsed, as the user typed it. */
  readonly text: string;
  readonly type: OverrideType;
  /** A dotted key of the config, or a config group; only the config sources can decide which. */
  readonly keyOrGroup: string;
  /** Whether the key has brackets or escapes: such a key never selects a group. */
  readonly isValuePath: boolean;
  /** What follows `@`; `undefined` without one, `""` for an empty one. */
  readonly package: string | undefined;
  /** `undefined` for `~key` without a value. */
  readonly valueType: ValueType | undefined;
  /** Quoted strings are kept as such; `null` for `~key` without a value. */
  readonly value: Element;
}

export function valueTypeOf(value: Element): ValueType {
  if (!isSweep(value)) return "ELEMENT";
  if (value instanceof GlobSweep) return "GLOB_CHOICE_SWEEP";
  switch (value.kind) {
    case "choice":
      return value.simpleForm ? "SIMPLE_CHOICE_SWEEP" : "CHOICE_SWEEP";
    case "range":
      return "RANGE_SWEEP";
    case "interval":
      return "INTERVAL_SWEEP";
  }
}

export function isSweepOverride(override: Override): boolean {
  return override.valueType !== undefined && override.valueType !== "ELEMENT";
}

/** Whether the override is about Hydra's own node or one of its groups. */
export function isHydraOverride(override: Override): boolean {
  const { keyOrGroup } = override;
  if (override.isValuePath) return /^(?:hydra|\[hydra\])(?:[.[]|$)/.test(keyOrGroup);
  return keyOrGroup.startsWith("hydra.") || keyOrGroup.startsWith("hydra/");
}

const PREFIXES = { CHANGE: "", ADD: "+", FORCE_ADD: "++", DEL: "~", EXTEND_LIST: "" } as const;

/** Key or group with its package, as it is looked up. */
export function keyOf(override: Override): string {
  return override.package === undefined ? override.keyOrGroup : `${override.keyOrGroup}@${override.package}`;
}

/** What precedes the `=`, written back: prefix, key and package. */
export function keyElement(override: Override): string {
  return PREFIXES[override.type] + keyOf(override);
}
