import type { ErrorObject } from "ajv";
import { nearest } from "../scalar/nearest.js";
import { fullKey } from "../tree/keys.js";
import type { ConfigNode } from "../tree/node.js";
import { escapePointer } from "./config-data.js";
import { type NodeProblem, problemAt } from "./problem.js";

/** The errors of the validator as problems of the config. `nodes`: the nodes of the config by JSON pointer. */
export function schemaProblems(
  errors: readonly ErrorObject[],
  nodes: ReadonlyMap<string, ConfigNode>,
): readonly NodeProblem[] {
  return errors.flatMap((error) => {
    const node = nodes.get(error.instancePath);
    if (node === undefined || isNoise(error, errors)) return [];
    return describe(error, node, nodes) ?? [];
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

/** `node`: the node that the error is about, or for a key the one that holds it. */
function describe(
  error: ErrorObject,
  node: ConfigNode,
  nodes: ReadonlyMap<string, ConfigNode>,
): NodeProblem | undefined {
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case "additionalProperties":
    case "unevaluatedProperties": {
      const name = String(params["additionalProperty"] ?? params["unevaluatedProperty"]);
      const known = Object.keys((error.parentSchema?.["properties"] as object | undefined) ?? {});
      return unknownKey(nodes.get(`${error.instancePath}/${escapePointer(name)}`) ?? node, name, known);
    }
    case "required": {
      const name = String(params["missingProperty"]);
      // Where the key is there but has no value, that has been noted, or is left for later.
      return nodes.has(`${error.instancePath}/${escapePointer(name)}`) ? undefined : missingKey(node, name);
    }
    case "enum":
      return otherThan(node, error.data, params["allowedValues"] as unknown[]);
    case "const":
      return otherThan(node, error.data, [params["allowedValue"]]);
    case "type":
      return wrongType(node, error.data, [params["type"]].flat().map(String));
    default:
      return problemAt(node, {
        code: "VALUE_NOT_ALLOWED",
        message: `'${fullKey(node)}' is ${shownValue(error.data)}, but ${error.message ?? "is not allowed"}`,
      });
  }
}

function unknownKey(node: ConfigNode, name: string, known: readonly string[]): NodeProblem {
  const suggestion = nearest(name, known);
  return problemAt(node, {
    code: "UNKNOWN_KEY",
    message: `'${fullKey(node)}' is not a known key${didYouMean(suggestion)}`,
    options: known,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

function missingKey(parent: ConfigNode, name: string): NodeProblem {
  const above = fullKey(parent);
  const key = above === "" ? name : `${above}.${name}`;
  return problemAt(parent, { code: "MISSING_KEY", key, message: `the key '${key}' is required` });
}

function otherThan(node: ConfigNode, value: unknown, allowed: readonly unknown[]): NodeProblem {
  const options = allowed.map(String);
  const suggestion = typeof value === "string" ? nearest(value, options) : undefined;
  return problemAt(node, {
    code: "VALUE_NOT_ALLOWED",
    message: `'${fullKey(node)}' is ${shownValue(value)}, but must be one of ${options.join(", ")}${didYouMean(suggestion)}`,
    options,
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(value === false && options.includes("off")
      ? { hint: "In YAML, off without quotes is a boolean: write 'off' in quotes." }
      : {}),
  });
}

function wrongType(node: ConfigNode, value: unknown, types: readonly string[]): NodeProblem {
  return problemAt(node, {
    code: "VALUE_TYPE",
    message: `'${fullKey(node)}' is ${shownValue(value)}, but must be of type ${types.join(" or ")}`,
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
