import type { ErrorObject } from "ajv";
import { nearest } from "../scalar/nearest.js";
import { escapePointer } from "./config-data.js";
import { problemAt, type Spot, type SpotProblem } from "./problem.js";
import type { JsonSchema } from "./struct-from-schema.js";

/** The errors of the validator as problems of the config. `spots`: the values of the config by JSON pointer. */
export function schemaProblems(
  errors: readonly ErrorObject[],
  spots: ReadonlyMap<string, Spot>,
  schema: JsonSchema,
): readonly SpotProblem[] {
  return errors.flatMap((error) => {
    const spot = spots.get(error.instancePath);
    if (spot === undefined || isNoise(error, errors)) return [];
    return describe(error, spot, spots, schema) ?? [];
  });
}

/** Errors that only repeat what others say: of the branches of `anyOf` and the like. */
function isNoise(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  if (error.keyword === "if") return true;
  return errors.some(
    (other) =>
      other !== error &&
      (other.keyword === "anyOf" || other.keyword === "oneOf") &&
      other.instancePath === error.instancePath &&
      error.schemaPath.startsWith(`${other.schemaPath}/`),
  );
}

/** `spot`: what the error is about, or for a key what holds it. */
function describe(
  error: ErrorObject,
  spot: Spot,
  spots: ReadonlyMap<string, Spot>,
  schema: JsonSchema,
): SpotProblem | undefined {
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case "additionalProperties":
    case "unevaluatedProperties": {
      const name = String(params["additionalProperty"] ?? params["unevaluatedProperty"]);
      const known = Object.keys((error.parentSchema?.["properties"] as object | undefined) ?? {});
      return unknownKey(spots.get(`${error.instancePath}/${escapePointer(name)}`) ?? spot, name, known);
    }
    case "false schema":
      return unknownKey(spot, spot.key.split(".").at(-1) ?? "", keysAround(error.schemaPath, schema));
    case "required": {
      const name = String(params["missingProperty"]);
      // Where the key is there but has no value, that has been noted, or is left for later.
      return spots.has(`${error.instancePath}/${escapePointer(name)}`) ? undefined : missingKey(spot, name);
    }
    case "enum":
      return otherThan(spot, error.data, params["allowedValues"] as unknown[]);
    case "const":
      return otherThan(spot, error.data, [params["allowedValue"]]);
    case "type":
      return wrongType(spot, error.data, [params["type"]].flat().map(String));
    default:
      return problemAt(spot, {
        code: "VALUE_NOT_ALLOWED",
        message: `'${spot.key}' is ${shownValue(error.data)}, but ${error.message ?? "is not allowed"}`,
      });
  }
}

/** The keys that a schema knows beside one that it refuses; `schemaPath` leads to the refusal. */
function keysAround(schemaPath: string, schema: JsonSchema): readonly string[] {
  let known: readonly string[] = [];
  let at: unknown = schema;
  for (const step of schemaPath.split("/").slice(1)) {
    if (typeof at !== "object" || at === null) break;
    const { properties } = at as JsonSchema;
    if (step !== "properties" && typeof properties === "object" && properties !== null)
      known = Object.keys(properties);
    at = (at as JsonSchema)[step.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return known;
}

function unknownKey(spot: Spot, name: string, known: readonly string[]): SpotProblem {
  const suggestion = nearest(name, known);
  return problemAt(spot, {
    code: "UNKNOWN_KEY",
    message: `'${spot.key}' is not a known key${didYouMean(suggestion)}`,
    options: known,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

function missingKey(parent: Spot, name: string): SpotProblem {
  const above = parent.key;
  const key = above === "" ? name : `${above}.${name}`;
  return problemAt(parent, { code: "MISSING_KEY", key, message: `the key '${key}' is required` });
}

function otherThan(spot: Spot, value: unknown, allowed: readonly unknown[]): SpotProblem {
  const options = allowed.map(String);
  const suggestion = typeof value === "string" ? nearest(value, options) : undefined;
  return problemAt(spot, {
    code: "VALUE_NOT_ALLOWED",
    message: `'${spot.key}' is ${shownValue(value)}, but must be one of ${options.join(", ")}${didYouMean(suggestion)}`,
    options,
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(value === false && options.includes("off")
      ? { hint: "In YAML, off without quotes is a boolean: write 'off' in quotes." }
      : {}),
  });
}

function wrongType(spot: Spot, value: unknown, types: readonly string[]): SpotProblem {
  return problemAt(spot, {
    code: "VALUE_TYPE",
    message: `'${spot.key}' is ${shownValue(value)}, but must be of type ${types.join(" or ")}`,
  });
}

function didYouMean(suggestion: string | undefined): string {
  return suggestion === undefined ? "" : `; did you mean '${suggestion}'?`;
}

function shownValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a dict";
  const text = typeof value === "string" ? `'${value}'` : String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
