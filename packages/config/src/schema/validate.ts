import { Ajv, type ValidateFunction } from "ajv";
import type { ContainerNode } from "../tree/node.js";
import { ConfigData } from "./config-data.js";
import type { Problem } from "./problem.js";
import { schemaProblems } from "./schema-problems.js";
import type { JsonSchema } from "./struct-from-schema.js";

interface ValidateOptions {
  /** Whether `???` counts as a problem. Default true. */
  readonly missing?: boolean;
  /** A validator compiled from the schema beforehand; needed where code may not be generated (a strict page). */
  readonly compiled?: ValidateFunction;
}

/** Compiled schemas. A schema is compiled once, so do not change it after its first use. */
const validators = new WeakMap<JsonSchema, ValidateFunction>();

/**
 * Checks a config against a JSON Schema and returns all problems at once, in the order of the config, each with the
 * place where the value was written. Hydra's own node at the root is left out, unless the schema describes it.
 */
export function validateConfig(
  schema: JsonSchema,
  config: ContainerNode,
  options: ValidateOptions = {},
): readonly Problem[] {
  const data = new ConfigData(config, {
    missing: options.missing ?? true,
    skipped: describesHydra(schema) ? undefined : "hydra",
  });
  const found = [...data.problems];
  const validate = options.compiled ?? compiled(schema);
  if (!validate(data.value)) found.push(...schemaProblems(validate.errors ?? [], data.nodes));
  const order = new Map([...data.nodes.values()].map((node, index) => [node, index]));
  found.sort((a, b) => (order.get(a.node) ?? 0) - (order.get(b.node) ?? 0));
  return found.map(({ problem }) => problem);
}

function compiled(schema: JsonSchema): ValidateFunction {
  let validator = validators.get(schema);
  if (validator === undefined) {
    validator = new Ajv({ allErrors: true, strict: false, verbose: true, logger: false }).compile(schema);
    validators.set(schema, validator);
  }
  return validator;
}

function describesHydra(schema: JsonSchema): boolean {
  const described = schema["properties"];
  return typeof described === "object" && described !== null && "hydra" in described;
}
