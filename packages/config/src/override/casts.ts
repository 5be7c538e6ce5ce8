import { magnitude } from "../scalar/arithmetic.js";
import { parseFloatText, parseIntText } from "../scalar/number-text.js";
import { type Float, float, formatFloat, integer, isFloat } from "../scalar/values.js";
import type { Rules } from "../version/rules.js";
import { FunctionProblem } from "./errors.js";
import {
  ChoiceSweep,
  DictValue,
  type Element,
  GlobSweep,
  IntervalSweep,
  isSweep,
  QuotedString,
  RangeSweep,
} from "./value.js";

export type CastName = "int" | "float" | "str" | "bool";
type Plain = boolean | number | bigint | Float | string;

/** Converts a value, item by item where it is a list, a dictionary or a sweep. */
export function cast(name: CastName, value: Element, rules: Rules): Element {
  if (value instanceof QuotedString) return cast(name, value.text, rules);
  if (value instanceof DictValue) {
    return new DictValue(value.entries.map(([key, item]) => [key, cast(name, item, rules)] as const));
  }
  if (Array.isArray(value)) return (value as readonly Element[]).map((item) => cast(name, item, rules));
  if (value instanceof ChoiceSweep) return castChoice(name, value, rules);
  if (value instanceof RangeSweep) {
    if (name !== "int" && name !== "float")
      throw new FunctionProblem("a range can only be cast to int or float");
    if (rules.castsItems) return new RangeSweep(value, { ...value, casts: [...value.casts, name] });
    return new RangeSweep({
      start: castNumber(name, value.start),
      stop: castNumber(name, value.stop),
      step: castNumber(name, value.step),
    });
  }
  if (value instanceof IntervalSweep) {
    if (name !== "int" && name !== "float")
      throw new FunctionProblem(`an interval cannot be cast to ${name}`);
    return new IntervalSweep(cast(name, value.start, rules), cast(name, value.end, rules), value.tags);
  }
  if (value === null || value instanceof GlobSweep) {
    // Truth is defined for everything, as in Python.
    if (name === "bool") return value !== null;
    throw new FunctionProblem(`${value === null ? "null" : "a glob"} cannot be cast to ${name}`);
  }
  return castPlain(name, value as Plain);
}

function castChoice(name: CastName, sweep: ChoiceSweep, rules: Rules): ChoiceSweep {
  const list = sweep.list.map((item) => {
    const converted = cast(name, item, rules);
    if (isSweep(converted)) throw new FunctionProblem("a choice cannot hold another sweep");
    return converted;
  });
  const { simpleForm, shuffle, tags } = sweep;
  return new ChoiceSweep(list, rules.castsItems ? { simpleForm, shuffle, tags } : { simpleForm });
}

/** A value of a range after its casts. */
export function castItem(item: number | bigint | Float, casts: readonly ("int" | "float")[]): Element {
  return casts.reduce((value, name) => castNumber(name, value), item);
}

function castNumber(
  name: "int" | "float",
  value: boolean | number | bigint | Float,
): number | bigint | Float {
  return castPlain(name, value) as number | bigint | Float;
}

function castPlain(name: CastName, value: Plain): Plain {
  switch (name) {
    case "int":
      return castInt(value);
    case "float":
      return castFloat(value);
    case "bool":
      return castBool(value);
    case "str":
      return textOf(value);
  }
}

function castInt(value: Plain): number | bigint {
  if (typeof value === "string") {
    const parsed = parseIntText(value);
    if (parsed === undefined) throw new FunctionProblem(`'${value}' is not an integer`);
    return parsed;
  }
  const number = magnitude(value);
  if (!isFloat(value)) return number;
  if (!Number.isFinite(number)) throw new FunctionProblem(`${formatFloat(Number(number))} is not an integer`);
  return integer(BigInt(Math.trunc(Number(number))));
}

function castFloat(value: Plain): number | Float {
  if (isFloat(value)) return value;
  if (typeof value === "string") {
    const parsed = parseFloatText(value);
    if (parsed === undefined) throw new FunctionProblem(`'${value}' is not a number`);
    return float(parsed);
  }
  const converted = Number(value);
  if (!Number.isFinite(converted)) throw new FunctionProblem("the integer is too large for a float");
  return float(converted);
}

function castBool(value: Plain): boolean {
  if (typeof value === "string") {
    const word = value.toLowerCase();
    if (word !== "true" && word !== "false")
      throw new FunctionProblem(`'${value}' is neither true nor false`);
    return word === "true";
  }
  return magnitude(value) !== 0 && magnitude(value) !== 0n;
}

function textOf(value: Plain): string {
  return isFloat(value) ? formatFloat(Number(value)) : String(value);
}
