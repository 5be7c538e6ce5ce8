import {
  EnumValue,
  Float,
  float,
  formatScalar,
  isFloat,
  isInteger,
  PathValue,
  type ScalarValue,
  typeName,
} from "../scalar/values.js";
import { normalizePath } from "../yaml/construct.js";
import { pythonFloat, pythonInt } from "../yaml/scalars.js";
import { type ConfigError, configError } from "./errors.js";
import { enumMember } from "./keys.js";
import { ContainerNode, type RawValue } from "./node.js";
import { type TypeRef, typeText } from "./types.js";

/** Whether a value is a scalar that a config can hold. */
export function isScalar(value: RawValue): value is ScalarValue {
  return (
    value === null ||
    typeof value === "string" ||
    typeof value === "boolean" ||
    typeof value === "number" ||
    typeof value === "bigint" ||
    value instanceof Float ||
    value instanceof Uint8Array ||
    value instanceof PathValue ||
    value instanceof EnumValue
  );
}

function refuse(value: RawValue, type: TypeRef): ConfigError {
  const shown = isScalar(value) ? `'${formatScalar(value)}' of type ${typeName(value)}` : "a container";
  return configError("VALUE_INVALID", `value ${shown} could not be converted to ${typeText(type)}`, {
    fields: {
      expected: typeText(type),
      ...(type.kind === "enum" ? { options: [...type.enum.members.keys()] } : {}),
    },
  });
}

/** The value as a node of the type holds it. Throws `VALUE_INVALID`, or `VALUE_UNSUPPORTED` for what no node holds. */
export function convertValue(type: TypeRef, value: RawValue): ScalarValue {
  if (value === null || value === undefined) {
    if (type.optional) return null;
    throw configError("VALUE_INVALID", `null is not possible for a value of type ${typeText(type)}`, {
      fields: { expected: typeText(type) },
    });
  }
  switch (type.kind) {
    case "any":
      if (isScalar(value)) return value;
      throw configError("VALUE_UNSUPPORTED", "a config cannot hold this kind of value");
    case "str":
      if (!isScalar(value) || value instanceof Uint8Array) throw refuse(value, type);
      return formatScalar(value);
    case "int": {
      if (isInteger(value)) return value;
      const number = typeof value === "string" ? pythonInt(value) : undefined;
      if (number === undefined) throw refuse(value, type);
      return number;
    }
    case "float": {
      if (isFloat(value)) return value;
      if (isInteger(value)) return float(Number(value));
      const number = typeof value === "string" ? pythonFloat(value) : undefined;
      if (number === undefined) throw refuse(value, type);
      return float(number);
    }
    case "bool":
      return toBool(value, type);
    case "bytes":
      // Bytes can be changed: a copy, so that no two nodes share them.
      if (value instanceof Uint8Array) return value.slice();
      throw refuse(value, type);
    case "path":
      if (value instanceof PathValue) return value;
      if (typeof value === "string") return new PathValue(normalizePath(value));
      throw refuse(value, type);
    case "enum": {
      const member = typeof value === "boolean" || isFloat(value) ? undefined : enumMember(type.enum, value);
      if (member === undefined) throw refuse(value, type);
      return member;
    }
    case "union":
      for (const member of type.members) {
        if (isScalar(value) && fitsStrictly(member, value)) return value;
      }
      throw refuse(value, type);
    default:
      throw refuse(value, type);
  }
}

function toBool(value: RawValue, type: TypeRef): boolean {
  if (typeof value === "boolean") return value;
  if (isInteger(value)) return value !== 0 && value !== 0n;
  if (typeof value === "string") {
    const number = pythonInt(value);
    if (number !== undefined) return number !== 0 && number !== 0n;
    switch (value.toLowerCase()) {
      case "yes":
      case "y":
      case "on":
      case "true":
        return true;
      case "no":
      case "n":
      case "off":
      case "false":
        return false;
      default:
    }
  }
  throw refuse(value, type);
}

/** Whether a value is of the type as it is, without conversion. */
export function fitsStrictly(type: TypeRef, value: RawValue): boolean {
  switch (type.kind) {
    case "any":
      return true;
    case "str":
      return typeof value === "string";
    case "int":
      return isInteger(value);
    case "float":
      return isFloat(value);
    case "bool":
      return typeof value === "boolean";
    case "bytes":
      return value instanceof Uint8Array;
    case "path":
      return value instanceof PathValue;
    case "enum":
      return value instanceof EnumValue && value.type === type.enum.name;
    case "union":
      return type.members.some((member) => fitsStrictly(member, value));
    default:
      return value instanceof ContainerNode;
  }
}
