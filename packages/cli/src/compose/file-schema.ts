import { join } from "node:path";
import { commentsOf } from "@episcope/config/edit";
import type { JsonSchema } from "@episcope/core";
import { CONFIG_SCHEMA, presetDirectory } from "@episcope/core/config";
import type { FileSystem } from "@episcope/records/store";

/** A value that is not known yet: an interpolation, or `???`. */
const NOT_YET: JsonSchema = { type: "string", pattern: "\\$\\{|^\\?\\?\\?$" };
const DEFAULTS: JsonSchema = {
  type: "array",
  description: "Which configs are merged under, or over (`_self_`), this one.",
};

/**
 * JSON Schemas for the files of a config folder, by config group, `config` for a primary config: what a file holds is a part of
 * a config, so nothing is required and interpolations may stand everywhere. The comments of the presets are the descriptions.
 */
export function fileSchemas(fs: FileSystem): ReadonlyMap<string, JsonSchema> {
  const groups = CONFIG_SCHEMA["properties"] as Readonly<Record<string, JsonSchema>>;
  const described = Object.entries(groups).map(
    ([group, schema]) => [group, partOf(schema, "", commentsOfGroup(group, fs))] as const,
  );
  const schemas = new Map(described.map(([group, schema]) => [group, withDefaults(schema, group)]));
  schemas.set("config", {
    ...withDefaults({ type: "object" }, "config"),
    properties: { defaults: DEFAULTS, hydra: { type: "object" }, ...Object.fromEntries(described) },
  });
  return schemas;
}

/** What the comments of the presets say about the keys of a config group. */
export function commentsOfGroup(group: string, fs: FileSystem): ReadonlyMap<string, string> {
  const file = join(presetDirectory(), group, "base.yaml");
  return fs.existsSync(file) ? commentsOf(String(fs.readFileSync(file, "utf8"))) : new Map();
}

function withDefaults(schema: JsonSchema, title: string): JsonSchema {
  const properties = { defaults: DEFAULTS, ...(schema["properties"] as object | undefined) };
  return { $schema: "http://json-schema.org/draft-07/schema#", title, ...schema, properties };
}

function partOf(schema: JsonSchema, key: string, comments: ReadonlyMap<string, string>): JsonSchema {
  const description = comments.get(key);
  const said = description === undefined ? {} : { description };
  const { required: _, ...rest } = schema;
  const { properties, additionalProperties: others, items } = schema;
  if (isObject(properties)) {
    const parts = Object.entries(properties).map(([name, property]) => [
      name,
      partOf(property as JsonSchema, key === "" ? name : `${key}.${name}`, comments),
    ]);
    // A file may hold a part of a node, without the name of its plugin.
    const beside =
      isObject(others) && isObject(others["then"]) ? { additionalProperties: others["then"] } : {};
    return { ...rest, ...said, ...beside, properties: Object.fromEntries(parts) };
  }
  if (isObject(others))
    return { ...rest, ...said, additionalProperties: partOf(others, `${key}.*`, comments) };
  if (isObject(items)) return { ...rest, ...said, items: partOf(items, `${key}[]`, comments) };
  return { anyOf: [rest, NOT_YET], ...said };
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
