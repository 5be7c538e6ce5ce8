import { EnumValue, Float, formatFloat, isFloat, type ScalarValue } from "../scalar/values.js";
import { dumpedPlainType, pythonFloat, pythonInt } from "./scalars.js";

/** A scalar as PyYAML represents it, before a style is chosen. */
export interface Scalar {
  readonly text: string;
  readonly tag: string;
  readonly style: "" | "'" | "|";
  /** Whether the plain form reads back as the same type. */
  readonly plain: boolean;
  /** Whether a quoted form reads back as the same type. */
  readonly quoted: boolean;
}

export function represent(value: ScalarValue): Scalar {
  if (typeof value === "string") return representText(value);
  if (value === null) return { text: "null", tag: "!!null", style: "", plain: true, quoted: false };
  if (typeof value === "boolean") {
    return { text: value ? "true" : "false", tag: "!!bool", style: "", plain: true, quoted: false };
  }
  if (value instanceof Uint8Array) {
    return { text: encodeBase64(value), tag: "!!binary", style: "|", plain: false, quoted: false };
  }
  if (isFloat(value)) {
    const text = floatText(value instanceof Float ? value.value : value);
    return { text, tag: "!!float", style: "", plain: true, quoted: false };
  }
  if (value instanceof EnumValue) return representText(value.name);
  return { text: String(value), tag: "!!int", style: "", plain: true, quoted: false };
}

const BOOL_WORDS = /^(?:[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;

function representText(text: string): Scalar {
  const quote = BOOL_WORDS.test(text) || pythonInt(text) !== undefined || pythonFloat(text) !== undefined;
  return {
    text,
    tag: "!!str",
    style: quote ? "'" : "",
    plain: dumpedPlainType(text) === "str",
    quoted: true,
  };
}

function floatText(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (value === Number.POSITIVE_INFINITY) return ".inf";
  if (value === Number.NEGATIVE_INFINITY) return "-.inf";
  const text = formatFloat(value);
  return text.includes("e") && !text.includes(".") ? text.replace("e", ".0e") : text;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Base64 in lines of 76 characters, each with its line break. */
function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let k = 0; k < bytes.length; k += 3) {
    const bits = (bytes[k]! << 16) | ((bytes[k + 1] ?? 0) << 8) | (bytes[k + 2] ?? 0);
    text += ALPHABET[bits >> 18]! + ALPHABET[(bits >> 12) & 63]!;
    text += k + 1 < bytes.length ? ALPHABET[(bits >> 6) & 63]! : "=";
    text += k + 2 < bytes.length ? ALPHABET[bits & 63]! : "=";
  }
  return text.replace(/.{1,76}/g, "$&\n");
}
