// The override grammar of Hydra's command line, and the sweeps that it writes.
export {
  isHydraOverride,
  isSweepOverride,
  keyElement,
  type Override,
  type OverrideType,
  type ValueType,
} from "./override/override.js";
export { type ParseOptions, parseOverride } from "./override/parse-override.js";
export { type SweepItemOptions, sweepItems } from "./override/sweep-items.js";
export {
  ChoiceSweep,
  DictValue,
  type Element,
  GlobSweep,
  IntervalSweep,
  QuotedString,
  RangeSweep,
} from "./override/value.js";
export { writeValue } from "./override/write-value.js";
export { type JobOverrides, type SplitSweepOptions, splitSweep } from "./sweep/split-sweep.js";
