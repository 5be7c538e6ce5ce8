/**
 * Values as Python distinguishes them. JavaScript has one number type: an integral float (`1.0`) is held in `Float`,
 * every other float is a plain number; an integer is a plain number, or a bigint beyond 2^53 - 1.
 */

/** A float that a plain number would show as an integer: `1.0`, `-0.0`, `1e22`. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
  valueOf(): number {
    return this.value;
  }
  toString(): string {
    return formatFloat(this.value);
  }
}

/** A file system path (`pathlib.Path`), kept apart from text. */
export class PathValue {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

/** A member of an enumeration. */
export class EnumValue {
  readonly type: string;
  readonly name: string;
  readonly value: string | number;
  constructor(type: string, name: string, value: string | number) {
    this.type = type;
    this.name = name;
    this.value = value;
  }
  toString(): string {
    return `${this.type}.${this.name}`;
  }
}

/** A float as a value of the tree: wrapped only where a plain number would read as an integer. */
export function float(value: number): number | Float {
  return Number.isInteger(value) ? new Float(value) : value;
}

/** An integer as a value of the tree: a plain number where that is exact. */
export function integer(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}

export function isFloat(value: unknown): value is number | Float {
  return value instanceof Float || (typeof value === "number" && !Number.isInteger(value));
}

export function isInteger(value: unknown): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

export type ScalarValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Float
  | Uint8Array
  | PathValue
  | EnumValue;

/** Key of a mapping as it was written; Python allows more than text. */
export type ConfigKey = string | number | bigint | boolean | Float | Uint8Array | EnumValue;

/** As Python's `repr` of a float writes it: the shortest digits that read back, with exponent from 1e16 on. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits, exponent] = value.toExponential().split("e") as [string, string];
    const sign = exponent.startsWith("-") ? "-" : "+";
    return `${digits}e${sign}${exponent.slice(1).padStart(2, "0")}`;
  }
  const text = String(value);
  return text.includes(".") ? text : `${text}.0`;
}

/** As Python's `repr` of text: single quotes unless the text holds single quotes only. */
export function quotePython(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const c of text) {
    const code = c.codePointAt(0)!;
    if (c === quote || c === "\\") out += `\\${c}`;
    else if (c === "\n") out += "\\n";
    else if (c === "\r") out += "\\r";
    else if (c === "\t") out += "\\t";
    else if (code < 0x20 || code === 0x7f || (code >= 0x80 && code < 0xa1) || code === 0xad) {
      out += `\\x${code.toString(16).padStart(2, "0")}`;
    } else out += c;
  }
  return out + quote;
}

function reprBytes(bytes: Uint8Array): string {
  let body = "";
  const quote = bytes.includes(39) && !bytes.includes(34) ? '"' : "'";
  for (const b of bytes) {
    const c = String.fromCharCode(b);
    if (c === quote || c === "\\") body += `\\${c}`;
    else if (b === 10) body += "\\n";
    else if (b === 13) body += "\\r";
    else if (b === 9) body += "\\t";
    else if (b < 32 || b >= 127) body += `\\x${b.toString(16).padStart(2, "0")}`;
    else body += c;
  }
  return `b${quote}${body}${quote}`;
}

/** As Python's `str()` writes a scalar; this is what string interpolation puts in place. */
export function formatScalar(value: ScalarValue): string {
  if (typeof value === "string") return value;
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : formatFloat(value);
  if (value instanceof Uint8Array) return reprBytes(value);
  return value.toString();
}

/** As Python's `repr()` writes a scalar, for messages and for text inside a printed container. */
export function reprScalar(value: ScalarValue): string {
  if (typeof value === "string") return quotePython(value);
  if (value instanceof PathValue) return `PosixPath(${quotePython(value.text)})`;
  if (value instanceof EnumValue) {
    return `<${value.type}.${value.name}: ${typeof value.value === "string" ? quotePython(value.value) : value.value}>`;
  }
  return formatScalar(value);
}

/** The Python name of a scalar's type, for messages. */
export function typeName(value: ScalarValue): string {
  if (value === null) return "NoneType";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  if (isInteger(value)) return "int";
  if (isFloat(value)) return "float";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof PathValue) return "PosixPath";
  return value.type;
}

/**
 * What identifies a key among the keys of one mapping. As in Python, `1`, `1.0` and `true` are one key, and `1` and
 * `"1"` are two.
 */
export type KeyId = string | number | bigint | symbol | null;

export function keyId(key: ConfigKey | null): KeyId {
  if (typeof key === "string" || typeof key === "number" || typeof key === "bigint" || key === null)
    return key;
  if (typeof key === "boolean") return key ? 1 : 0;
  if (key instanceof Float) {
    const value = key.value + 0;
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
  }
  if (key instanceof Uint8Array) return Symbol.for(`bytes:${reprBytes(key)}`);
  return Symbol.for(`enum:${key.type}.${key.name}`);
}
