import type { JsonSchema } from "../contract/plugin.js";

/**
 * A config writes integers as they stand, beyond 2^53 as bigints. Where a schema asks for a number they become numbers; of an
 * `integer` the schema then asks to be within 2^53 (`withinDoubles`). Gives the config itself where there is nothing to do.
 */
export function wholeNumbers(config: unknown, schema: JsonSchema): unknown {
  if (typeof config === "bigint") return asksForNumber(schema) ? Number(config) : config;
  if (typeof config !== "object" || config === null || Array.isArray(config)) return config;
  const properties = (schema["properties"] ?? {}) as { readonly [key: string]: JsonSchema };
  let copy: Record<string, unknown> | null = null;
  for (const [key, value] of Object.entries(config)) {
    const own = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (own === undefined) continue;
    const taken = wholeNumbers(value, own);
    if (taken === value) continue;
    copy ??= { ...config };
    copy[key] = taken;
  }
  return copy ?? config;
}

function asksForNumber({ type }: JsonSchema): boolean {
  const types: unknown[] = Array.isArray(type) ? type : [type];
  return types.includes("number") || types.includes("integer");
}

/** The schema with the largest whole number that is exact, 2^53 - 1, as the limit of every integer without one. */
export function withinDoubles(schema: JsonSchema): JsonSchema {
  const bounded: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    bounded[key] = isSchema(value) && key !== "const" && key !== "default" ? withinDoubles(value) : value;
  }
  const types: unknown[] = Array.isArray(schema["type"]) ? schema["type"] : [schema["type"]];
  if (types.includes("integer") && schema["maximum"] === undefined)
    bounded["maximum"] = Number.MAX_SAFE_INTEGER;
  return bounded;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
