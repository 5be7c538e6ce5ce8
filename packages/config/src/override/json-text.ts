import { magnitude, type Numeric } from "../scalar/arithmetic.js";
import { formatFloat, formatScalar, isFloat } from "../scalar/values.js";
import { FunctionProblem } from "./errors.js";
import { ChoiceSweep, DictValue, type Element, isSweep, QuotedString, RangeSweep } from "./value.js";

/** `json_str`: the value as JSON text, as Python's `json.dumps` writes it; of a choice each item. */
export function castJson(value: Element): Element {
  if (value instanceof ChoiceSweep) return new ChoiceSweep(value.list.map(jsonText), value);
  if (value instanceof RangeSweep) throw new FunctionProblem("a range can only be cast to int or float");
  return jsonText(value);
}

function jsonText(value: Element): string {
  if (value === null) return "null";
  if (value instanceof QuotedString) return quoted(value.text);
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${(value as readonly Element[]).map(jsonText).join(", ")}]`;
  if (value instanceof DictValue) {
    return `{${value.entries.map(([key, item]) => `${keyText(key)}: ${jsonText(item)}`).join(", ")}}`;
  }
  if (isSweep(value)) throw new FunctionProblem(`a ${value.kind} cannot be cast to json_str`);
  return numberText(value as Numeric);
}

function keyText(key: Element): string {
  return quoted(typeof key === "string" ? key : key === null ? "null" : numberText(key as Numeric));
}

function numberText(value: Numeric): string {
  if (typeof value === "boolean") return String(value);
  if (!isFloat(value)) return formatScalar(value);
  const number = Number(magnitude(value));
  if (Number.isNaN(number)) return "NaN";
  if (!Number.isFinite(number)) return number < 0 ? "-Infinity" : "Infinity";
  return formatFloat(number);
}

/** In quotes, with ASCII alone. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) =>
    unit === "\u007f" ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
