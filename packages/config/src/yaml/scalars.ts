import { type Float, float, integer } from "../scalar/values.js";

/** The type that OmegaConf's loader assigns to a plain scalar; "merge" and "value" are the words `<<` and `=`. */
type ScalarType = "str" | "null" | "bool" | "int" | "float" | "merge" | "value";

const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const NULL = /^(?:~|null|Null|NULL)$/;
const INT =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
// PyYAML's float and OmegaConf's own, which adds exponents without a dot and without a sign.
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const OMEGACONF_FLOAT =
  /^(?:[-+]?[0-9]+(?:_[0-9]+)*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+)|\.[0-9]+(?:_[0-9]+)*(?:[eE][-+][0-9]+)?|[-+]?[0-9]+(?:_[0-9]+)*(?::[0-5]?[0-9])+\.[0-9_]*)$/;
const TIMESTAMP =
  /^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$/;

/** The type of a plain scalar. */
export function plainType(text: string): ScalarType {
  if (text === "") return "null";
  const c = text.charCodeAt(0);
  // Digits, `+`, `-` and `.` begin numbers.
  if ((c >= 48 && c <= 57) || c === 45 || c === 46 || c === 43) {
    if (INT.test(text)) return "int";
    if (FLOAT.test(text) || OMEGACONF_FLOAT.test(text)) return "float";
    return "str";
  }
  switch (c) {
    case 60 /* < */:
      return text === "<<" ? "merge" : "str";
    case 61 /* = */:
      return text === "=" ? "value" : "str";
    case 126 /* ~ */:
      return text === "~" ? "null" : "str";
    case 110 /* n */:
    case 78 /* N */:
      if (NULL.test(text)) return "null";
      return BOOL.test(text) ? "bool" : "str";
    case 121 /* y */:
    case 89 /* Y */:
    case 116 /* t */:
    case 84 /* T */:
    case 102 /* f */:
    case 70 /* F */:
    case 111 /* o */:
    case 79 /* O */:
      return text.length <= 5 && BOOL.test(text) ? "bool" : "str";
    default:
      return "str";
  }
}

/** The type that PyYAML's own dumper takes a plain text for: without OmegaConf's floats, with timestamps. */
export function dumpedPlainType(text: string): ScalarType | "timestamp" {
  if (text === "") return "null";
  const c = text.charCodeAt(0);
  if ((c >= 48 && c <= 57) || c === 45 || c === 46 || c === 43) {
    if (FLOAT.test(text)) return "float";
    if (INT.test(text)) return "int";
    return TIMESTAMP.test(text) ? "timestamp" : "str";
  }
  return plainType(text);
}

export function boolValue(text: string): boolean | undefined {
  switch (text.toLowerCase()) {
    case "yes":
    case "true":
    case "on":
      return true;
    case "no":
    case "false":
    case "off":
      return false;
    default:
      return undefined;
  }
}

const DIGITS: ReadonlyMap<number, RegExp> = new Map([
  [2, /^[01]+$/],
  [8, /^[0-7]+$/],
  [10, /^[0-9]+$/],
  [16, /^[0-9a-f]+$/i],
]);

function parseDigits(text: string, radix: number): bigint | undefined {
  if (!DIGITS.get(radix)!.test(text)) return undefined;
  if (radix === 10) return BigInt(text);
  if (radix === 8) return BigInt(`0o${text}`);
  return BigInt((radix === 2 ? "0b" : "0x") + text);
}

/** An integer in any of YAML 1.1's forms; undefined where the digits are none. */
export function intValue(text: string): number | bigint | undefined {
  let digits = text.includes("_") ? text.replaceAll("_", "") : text;
  const negative = digits.startsWith("-");
  if (negative || digits.startsWith("+")) digits = digits.slice(1);
  let size: bigint | undefined;
  if (digits === "0") return 0;
  if (digits.charCodeAt(0) !== 48 && digits.length <= 15 && /^[0-9]+$/.test(digits)) {
    return negative ? -Number(digits) : Number(digits);
  }
  if (digits.startsWith("0b")) size = parseDigits(digits.slice(2), 2);
  else if (digits.startsWith("0x")) size = parseDigits(digits.slice(2), 16);
  else if (digits.startsWith("0")) size = parseDigits(digits, 8);
  else if (digits.includes(":")) {
    size = 0n;
    for (const part of digits.split(":")) {
      const value = parseDigits(part, 10);
      if (value === undefined) return undefined;
      size = size * 60n + value;
    }
  } else size = parseDigits(digits, 10);
  if (size === undefined) return undefined;
  return integer(negative ? -size : size);
}

/** A float in any of YAML 1.1's forms; undefined where the text is none. */
export function floatValue(text: string): number | Float | undefined {
  let digits = text.replaceAll("_", "").toLowerCase();
  const negative = digits.startsWith("-");
  if (negative || digits.startsWith("+")) digits = digits.slice(1);
  const sign = negative ? -1 : 1;
  if (digits === ".inf") return sign * Number.POSITIVE_INFINITY;
  if (digits === ".nan") return Number.NaN;
  if (digits.includes(":")) {
    let base = 1;
    let value = 0;
    for (const part of digits.split(":").reverse()) {
      const digit = pythonFloat(part);
      if (digit === undefined) return undefined;
      value += digit * base;
      base *= 60;
    }
    return float(sign * value);
  }
  const value = pythonFloat(digits);
  return value === undefined ? undefined : float(sign * value);
}

const PYTHON_FLOAT =
  /^[-+]?(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][-+]?[0-9](?:_?[0-9])*)?$/;
const PYTHON_INT = /^[-+]?[0-9](?:_?[0-9])*$/;
const ASCII_NUMBER_START = /^[\s0-9+\-.infINF]/;
const ASCII = /^[\0-\x7f]*$/;
const DECIMAL_DIGIT = /\p{Nd}/u;

/** Python's number readers take the decimal digits of every script. */
function asciiDigits(text: string): string {
  if (ASCII.test(text)) return text;
  return text.replace(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0)!;
    if (code < 128) return digit;
    // The digits of a script are one run from 0 to 9; runs of ten may follow each other.
    let start = code;
    while (DECIMAL_DIGIT.test(String.fromCodePoint(start - 1))) start -= 1;
    return String((code - start) % 10);
  });
}

/** Text that can be a number, without the white space around it and with ASCII digits; undefined for other text. */
function numberText(text: string): string | undefined {
  if (text.charCodeAt(0) < 128 && !ASCII_NUMBER_START.test(text)) return undefined;
  const trimmed = text.trim();
  return asciiDigits(trimmed);
}

/** The result of Python's `float(text)`; undefined where it raises. */
export function pythonFloat(text: string): number | undefined {
  const number = numberText(text);
  if (number === undefined) return undefined;
  if (PYTHON_FLOAT.test(number)) return Number(number.replaceAll("_", ""));
  const word = /^([-+]?)(inf|infinity|nan)$/i.exec(number);
  if (word === null) return undefined;
  if (word[2]!.toLowerCase() === "nan") return Number.NaN;
  return word[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** The longest text that Python's `int` reads. */
const MAX_INT_DIGITS = 4300;

/** The result of Python's `int(text)`; undefined where it raises. */
export function pythonInt(text: string): number | bigint | undefined {
  const number = numberText(text);
  if (number === undefined || !PYTHON_INT.test(number)) return undefined;
  const digits = number.replaceAll("_", "").replace(/^\+/, "");
  if (digits.length > MAX_INT_DIGITS + 1) return undefined;
  return integer(BigInt(digits));
}
