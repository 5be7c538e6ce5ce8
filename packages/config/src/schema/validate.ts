import type { EpiscopeError } from "@episcope/errors";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { closest, distance } from "fastest-levenshtein";
import { EnumValue, Float, formatScalar, PathValue, type ScalarValue } from "../scalar/values.js";
import { MAX_TREE_DEPTH, treeTooDeep } from "../tree/depth.js";
import { ConfigError } from "../tree/errors.js";
import { dereference } from "../tree/evaluate.js";
import {
  type ConfigNode,
  type ContainerNode,
  type DictNode,
  fullKey,
  isContainer,
  ListNode,
  type RawValue,
  type ValueNode,
} from "../tree/node.js";
import { placeOf } from "../tree/place.js";
import type { JsonSchema } from "./struct-from-schema.js";

/** One thing that a schema finds wrong with a config. */
export interface Problem {
  readonly code:
    | "UNKNOWN_KEY"
    | "MISSING_KEY"
    | "VALUE_MISSING"
    | "VALUE_TYPE"
    | "VALUE_NOT_ALLOWED"
    | "UNRESOLVED";
  /** The key that the problem is about, as the user types it. */
  readonly key: string;
  readonly message: string;
  readonly hint?: string;
  /** Where the value was written: file and position, or the override. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly override?: string;
  /** What would have been accepted. */
  readonly options?: readonly string[];
  /** The key or option that was probably meant. */
  readonly suggestion?: string;
}

interface ValidateOptions {
  /** Whether `???` counts as a problem. Default true. */
  readonly missing?: boolean;
  /** A validator compiled from the schema beforehand; needed where code may not be generated (a strict page). */
  readonly compiled?: ValidateFunction;
}

/**
 * Checks a config against a JSON Schema and gives all problems at once, in the order of the config, each with the
 * place where the value was written. Hydra's own node at the root is left out, unless the schema describes it.
 */
export function validateConfig(
  schema: JsonSchema,
  config: ContainerNode,
  options: ValidateOptions = {},
): readonly Problem[] {
  const found: Found[] = [];
  const nodes = new Map<string, ConfigNode>();
  const described = schema["properties"];
  const skipped =
    typeof described === "object" && described !== null && "hydra" in described ? undefined : "hydra";
  const data = collect(config, "", nodes, found, options.missing ?? true, 1, skipped);
  const validate =
    options.compiled ??
    new Ajv({ allErrors: true, strict: false, verbose: true, logger: false }).compile(schema);
  if (!validate(data)) {
    const errors = validate.errors ?? [];
    for (const error of errors) {
      if (isNoise(error, errors)) continue;
      const problem = describe(error, nodes);
      if (problem !== undefined) found.push(problem);
    }
  }
  const order = new Map([...nodes.values()].map((node, index) => [node, index]));
  found.sort((a, b) => (order.get(a.node) ?? 0) - (order.get(b.node) ?? 0));
  return found.map(({ problem }) => problem);
}

interface Found {
  readonly node: ConfigNode;
  readonly problem: Problem;
}

/** The config as data for the validator; what has no value is left out and noted. `nodes` is filled by JSON pointer. */
function collect(
  node: ConfigNode,
  pointer: string,
  nodes: Map<string, ConfigNode>,
  found: Found[],
  missing: boolean,
  depth: number,
  skipped?: string,
): unknown {
  if (depth > MAX_TREE_DEPTH) throw treeTooDeep(node);
  nodes.set(pointer, node);
  let value = node;
  if (node.isInterpolation) {
    try {
      value = dereference(node, true);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      found.push({ node, problem: unresolved(node, error) });
      return undefined;
    }
  }
  if (value.isMissing) {
    if (missing) found.push({ node, problem: missingProblem(node) });
    return undefined;
  }
  if (!isContainer(value)) return plain((value as ValueNode).value);
  if (value.special === null) return null;
  if (value instanceof ListNode) {
    return value.items.map(
      (item, index) => collect(item, `${pointer}/${index}`, nodes, found, missing, depth + 1) ?? null,
    );
  }
  const object: Record<string, unknown> = Object.create(null);
  for (const child of (value as DictNode).items.values()) {
    const key = formatScalar(child.key as ScalarValue);
    if (key === skipped) continue;
    const item = collect(child, `${pointer}/${escapePointer(key)}`, nodes, found, missing, depth + 1);
    if (item !== undefined) object[key] = item;
  }
  return object;
}

function plain(value: RawValue): unknown {
  if (value instanceof Float) return value.value;
  if (value instanceof PathValue) return value.text;
  if (value instanceof EnumValue) return value.name;
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map((item) => plain(item as RawValue));
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]));
  return value;
}

function escapePointer(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

function place(node: ConfigNode): Pick<Problem, "file" | "line" | "column" | "override"> {
  const found = placeOf(node);
  if (found?.origin.kind === "override") return { override: found.origin.text };
  if (found?.origin.kind !== "file") return {};
  const position = found.origin.position(found.path);
  return {
    file: found.origin.file,
    ...(position === undefined ? {} : { line: position.line, column: position.column }),
  };
}

function unresolved(node: ConfigNode, error: EpiscopeError): Problem {
  return {
    code: "UNRESOLVED",
    key: fullKey(node),
    message: `'${fullKey(node)}' cannot be resolved: ${error.message}`,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...place(node),
  };
}

function missingProblem(node: ConfigNode): Problem {
  const key = fullKey(node);
  return {
    code: "VALUE_MISSING",
    key,
    message: `'${key}' has no value yet`,
    hint: `Give it one, for instance with the override '${key}=...'.`,
    ...place(node),
  };
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

function describe(error: ErrorObject, nodes: ReadonlyMap<string, ConfigNode>): Found | undefined {
  const parent = nodes.get(error.instancePath);
  if (parent === undefined) return undefined;
  const params = error.params as Readonly<Record<string, unknown>>;
  const key = fullKey(parent);
  switch (error.keyword) {
    case "additionalProperties":
    case "unevaluatedProperties": {
      const name = String(params["additionalProperty"] ?? params["unevaluatedProperty"]);
      const node = nodes.get(`${error.instancePath}/${escapePointer(name)}`) ?? parent;
      const known = Object.keys((error.parentSchema?.["properties"] as object | undefined) ?? {});
      const suggestion = suggest(name, known);
      return {
        node,
        problem: {
          code: "UNKNOWN_KEY",
          key: fullKey(node),
          message: `'${fullKey(node)}' is not a known key${suggestion === undefined ? "" : `; did you mean '${suggestion}'?`}`,
          options: known,
          ...(suggestion === undefined ? {} : { suggestion }),
          ...place(node),
        },
      };
    }
    case "required": {
      const name = String(params["missingProperty"]);
      const full = key === "" ? name : `${key}.${name}`;
      // The key is there, but has no value: that has been said, or is left for later.
      if (nodes.has(`${error.instancePath}/${escapePointer(name)}`)) return undefined;
      return {
        node: parent,
        problem: {
          code: "MISSING_KEY",
          key: full,
          message: `the key '${full}' is required`,
          ...place(parent),
        },
      };
    }
    case "enum":
    case "const": {
      const allowed =
        error.keyword === "enum" ? (params["allowedValues"] as unknown[]) : [params["allowedValue"]];
      const options = allowed.map(String);
      const shown = shownValue(error.data);
      const suggestion = typeof error.data === "string" ? suggest(error.data, options) : undefined;
      return {
        node: parent,
        problem: {
          code: "VALUE_NOT_ALLOWED",
          key,
          message: `'${key}' is ${shown}, but must be one of ${options.join(", ")}${suggestion === undefined ? "" : `; did you mean '${suggestion}'?`}`,
          options,
          ...(suggestion === undefined ? {} : { suggestion }),
          ...(error.data === false && options.includes("off")
            ? { hint: "In YAML, off without quotes is a boolean: write 'off' in quotes." }
            : {}),
          ...place(parent),
        },
      };
    }
    case "type": {
      const expected = [params["type"]].flat().map(String).join(" or ");
      return {
        node: parent,
        problem: {
          code: "VALUE_TYPE",
          key,
          message: `'${key}' is ${shownValue(error.data)}, but must be of type ${expected}`,
          ...place(parent),
        },
      };
    }
    default:
      return {
        node: parent,
        problem: {
          code: "VALUE_NOT_ALLOWED",
          key,
          message: `'${key}' is ${shownValue(error.data)}, but ${error.message ?? "is not allowed"}`,
          ...place(parent),
        },
      };
  }
}

function shownValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a dict";
  const text = typeof value === "string" ? `'${value}'` : String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** The option closest to what was written, if it is close enough to be a slip. */
function suggest(written: string, options: readonly string[]): string | undefined {
  if (options.length === 0) return undefined;
  const best = closest(written, options);
  return distance(written, best) <= Math.max(2, Math.floor(written.length / 3)) ? best : undefined;
}
