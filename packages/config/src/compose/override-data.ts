import { valueNotWritable } from "../override/errors.js";
import {
  DictValue,
  type Element,
  GlobSweep,
  isTaggedSweep,
  ListExtension,
  QuotedString,
} from "../override/value.js";
import type { RawValue } from "../tree/node.js";

/** The value of an override as data for the tree. */
export function overrideData(value: Element): RawValue {
  if (value instanceof QuotedString) return value.text;
  if (Array.isArray(value)) return (value as readonly Element[]).map(overrideData);
  if (value instanceof DictValue)
    return new Map(value.entries.map(([key, item]) => [key, overrideData(item)]));
  if (value instanceof GlobSweep) {
    return new Map([
      ["include", value.include.map(overrideData)],
      ["exclude", value.exclude.map(overrideData)],
    ]);
  }
  // As in Hydra, where it is an object with a field.
  if (value instanceof ListExtension) return new Map([["values", value.items.map(overrideData)]]);
  if (isTaggedSweep(value)) throw valueNotWritable(`${value.kind} sweep inside a value`);
  return value as RawValue;
}
