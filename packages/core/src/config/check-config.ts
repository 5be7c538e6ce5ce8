import { Ajv, type ErrorObject } from "ajv";
import { configInvalid } from "../contract/errors.js";
import type { JsonSchema } from "../contract/plugin.js";
import { CONFIG_SCHEMA } from "./schema.js";
import type { EpiscopeConfig } from "./types.js";

/**
 * Checks plain data against a JSON Schema and says each problem as one line that names the key and what is allowed.
 * `fillDefaults` writes the schema's defaults into `value`.
 */
export function schemaProblems(
  schema: JsonSchema,
  value: unknown,
  root = "",
  fillDefaults = false,
): string[] {
  const ajv = new Ajv({
    allErrors: true,
    allowUnionTypes: true,
    strictTypes: false,
    useDefaults: fillDefaults,
    verbose: true,
  });
  const check = ajv.compile(schema);
  if (check(value)) return [];
  return (check.errors ?? []).map((error) => describe(error, root));
}

/** Throws CONFIG_INVALID with all problems, or gives the config back with its type. */
export function checkConfig(config: unknown): EpiscopeConfig {
  const problems = schemaProblems(CONFIG_SCHEMA, config);
  if (problems.length > 0) throw configInvalid(problems);
  return config as EpiscopeConfig;
}

function describe(error: ErrorObject, root: string): string {
  const path = [root, ...error.instancePath.split("/").slice(1)].filter((part) => part !== "").join(".");
  const join = (name: string) => (path === "" ? name : `${path}.${name}`);
  switch (error.keyword) {
    case "additionalProperties": {
      const name = String(error.params["additionalProperty"]);
      const known = Object.keys((error.parentSchema?.["properties"] as object | undefined) ?? {});
      return `${join(name)}: there is no such key. Keys: ${known.join(", ") || "none"}`;
    }
    case "required":
      return `${join(String(error.params["missingProperty"]))}: the key is missing`;
    case "enum":
      return `${path}: it must be one of ${(error.params["allowedValues"] as unknown[]).join(", ")}${offHint(error)}`;
    default:
      return `${path === "" ? "config" : path}: it ${error.message ?? "is wrong"}`;
  }
}

/** Plain `off` is a boolean in YAML 1.1; the commonest wrong level deserves its own words. */
function offHint(error: ErrorObject): string {
  const allowed = error.params["allowedValues"] as unknown[];
  return allowed.includes("off") ? " (in YAML quote it: 'off' without quotes is the boolean false)" : "";
}
