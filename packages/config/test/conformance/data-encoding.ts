import type { RawValue } from "../../src/tree.js";
import { type ConfigKey, Float, PathValue, type ScalarValue, Tuple } from "../../src/yaml.js";
import type { Json } from "./cases.js";
import { encodeMapping, encodeScalar } from "./encoding.js";

/** Data of a tree or of the YAML reader in the encoding of the vectors. */
export function encodeData(value: RawValue): Json {
  if (Array.isArray(value)) return value.map((item) => encodeData(item as RawValue));
  if (value instanceof Map) {
    return encodeMapping([...value].map(([key, item]) => [key as ScalarValue, encodeData(item)] as const));
  }
  if (value instanceof Tuple) return { $tuple: value.items.map(encodeData) };
  if (value instanceof Set) return { $set: [...value].map((key) => encodeScalar(key as ScalarValue)) };
  return encodeScalar((value ?? null) as ScalarValue);
}

/** A value of a vector's input as data. Members of Python enumerations stay mappings: no config holds them. */
export function decodeData(value: Json): RawValue {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => decodeData(item as Json));
  const tagged = value as Readonly<Record<string, Json>>;
  if ("$int" in tagged) return BigInt(tagged["$int"] as string);
  if ("$float" in tagged) return new Float(floatOf(tagged["$float"] as string));
  if ("$bytes" in tagged) return Uint8Array.from(Buffer.from(tagged["$bytes"] as string, "base64"));
  if ("$path" in tagged) return new PathValue(tagged["$path"] as string);
  if ("$set" in tagged) return new Set((tagged["$set"] as Json[]).map(decodeData) as ConfigKey[]);
  if ("$tuple" in tagged) return new Tuple((tagged["$tuple"] as Json[]).map(decodeData) as never);
  const pairs = "$map" in tagged ? (tagged["$map"] as [Json, Json][]) : Object.entries(tagged);
  return new Map(pairs.map(([key, item]) => [decodeData(key) as ConfigKey, decodeData(item)] as const));
}

function floatOf(text: string): number {
  if (text === "nan") return Number.NaN;
  return Number(text.replace("inf", "Infinity"));
}
