import { EpiscopeError } from "@episcope/errors";
import {
  ChoiceSweep,
  DictValue,
  type Element,
  GlobSweep,
  IntervalSweep,
  isHydraOverride,
  isSweepOverride,
  keyElement,
  type Override,
  parseOverride,
  QuotedString,
  RangeSweep,
  sweepItems,
  writeValue,
} from "../../src/override.js";
import type { ScalarValue } from "../../src/yaml.js";
import type { Adapter } from "./adapter.js";
import type { Case, Json } from "./cases.js";
import { compareOutcome } from "./compare.js";
import { encodeMapping, encodeScalar, sameJson } from "./encoding.js";
import { errorMismatch } from "./error-classes.js";
import { versionBaseOf } from "./world.js";

/** Items of a sweep that a vector holds at most. */
const MAX_ITEMS = 2000;

export const runGrammarCase: Adapter = (testCase) =>
  compareOutcome(testCase, () => {
    const override = parseOverride(testCase.input["text"] as string, {
      versionBase: versionBaseOf(testCase),
    });
    return describe(override, testCase);
  });

function describe(override: Override, testCase: Case): Record<string, Json> {
  const expected = testCase.expect.ok ?? {};
  const result: Record<string, Json> = {
    type: override.type,
    key_or_group: override.keyOrGroup,
    package: override.package ?? null,
    value_type: override.valueType ?? null,
    key_element: keyElement(override),
    is_sweep: isSweepOverride(override),
    is_hydra: isHydraOverride(override),
    ...(override.isValuePath ? { is_value_path: true } : {}),
  };
  if (expected["random_order"] === true) return { ...result, random_order: true };
  if (isSweepOverride(override)) return { ...result, ...describeSweep(override, testCase) };
  if (override.valueType === undefined) return result;
  return { ...result, ...describeValue(override, expected) };
}

function describeValue(
  override: Override,
  expected: NonNullable<Case["expect"]["ok"]>,
): Record<string, Json> {
  const value = encode(override.value, true);
  const plain = encode(override.value, false);
  const result: Record<string, Json> = { value };
  if (!sameJson(value, plain)) result["plain_value"] = plain;
  try {
    const text = writeValue(override.value);
    const spaced = writeValue(override.value, { spaced: true });
    result["value_string"] = text;
    if (spaced !== text) result["value_string_spaced"] = spaced;
  } catch (error) {
    result["value_string_error"] = encodeError(error, expected["value_string_error"]);
  }
  return result;
}

function describeSweep(override: Override, testCase: Case): Record<string, Json> {
  const expected = testCase.expect.ok ?? {};
  const { value } = override;
  const result: Record<string, Json> = { sweep: encodeSweep(value, true) };
  if (value instanceof GlobSweep || value instanceof IntervalSweep) return result;
  if ((value as ChoiceSweep | RangeSweep).shuffle) return result;
  try {
    const items: Element[] = [];
    for (const item of sweepItems(override, { versionBase: versionBaseOf(testCase) })) {
      if (items.length === MAX_ITEMS) {
        result["items_truncated"] = true;
        break;
      }
      items.push(item);
    }
    result["items"] = items.map((item) => encode(item, true));
    result["item_strings"] = items.map((item) => writeValue(item));
  } catch (error) {
    result["items_error"] = encodeError(error, expected["items_error"]);
  }
  return result;
}

/** An error inside a result: the expected one if ours is of its class. */
function encodeError(error: unknown, expected: Json | undefined): Json {
  const wanted = expected as { class: string } | undefined;
  if (wanted !== undefined && errorMismatch(error, wanted.class) === undefined) return expected!;
  return error instanceof EpiscopeError ? { class: error.code, message: error.message } : String(error);
}

function encode(value: Element, withQuotes: boolean): Json {
  if (value instanceof QuotedString) {
    return withQuotes ? { $quoted: value.text, quote: value.quote } : value.text;
  }
  if (value instanceof DictValue) {
    return encodeMapping(value.entries.map(([key, item]) => [key, encode(item, withQuotes)] as const));
  }
  if (Array.isArray(value)) return (value as readonly Element[]).map((item) => encode(item, withQuotes));
  if (
    value instanceof ChoiceSweep ||
    value instanceof RangeSweep ||
    value instanceof IntervalSweep ||
    value instanceof GlobSweep
  ) {
    return { $sweep: encodeSweep(value, withQuotes) };
  }
  return encodeScalar(value as ScalarValue);
}

function encodeSweep(value: Element, withQuotes: boolean): Json {
  const each = (list: readonly Element[]): Json => list.map((item) => encode(item, withQuotes));
  if (value instanceof ChoiceSweep) {
    const { simpleForm, shuffle } = value;
    return {
      kind: "choice",
      simple_form: simpleForm,
      shuffle,
      list: each(value.list),
      tags: [...value.tags].sort(),
    };
  }
  if (value instanceof RangeSweep) {
    const [start, stop, step] = [value.start, value.stop, value.step].map((bound) =>
      encode(bound, withQuotes),
    );
    return {
      kind: "range",
      start: start!,
      stop: stop!,
      step: step!,
      shuffle: value.shuffle,
      ...(value.casts.length === 0 ? {} : { casts: value.casts }),
      tags: [...value.tags].sort(),
    };
  }
  if (value instanceof IntervalSweep) {
    const [start, end] = [value.start, value.end].map((bound) => encode(bound, withQuotes));
    return { kind: "interval", start: start!, end: end!, tags: [...value.tags].sort() };
  }
  const glob = value as GlobSweep;
  return { kind: "glob", include: each(glob.include), exclude: each(glob.exclude) };
}
