import { Ajv, type ValidateFunction } from "ajv";
import { ContainerNode } from "../tree/node.js";
import { ConfigData } from "./config-data.js";
import { VALIDATORS } from "./meta-validators.js";
import { PlainData } from "./plain-data.js";
import type { Problem, Spot, SpotProblem } from "./problem.js";
import { schemaProblems } from "./schema-problems.js";
import type { JsonSchema } from "./struct-from-schema.js";

/** What Ajv makes of a JSON Schema, with `allErrors` and `verbose`. */
export type SchemaValidator = ValidateFunction;

interface ValidateOptions {
  /** Whether `???` counts as a problem. Default true. */
  readonly missing?: boolean;
  /** A validator compiled from the schema beforehand; needed where code may not be generated (a strict page). */
  readonly compiled?: SchemaValidator | undefined;
  /** For plain data: the composed config that it is a part of, for the places of its values. Default: the data. */
  readonly whole?: object;
  /** For plain data: its key in `whole`. Default: it is the whole config. */
  readonly at?: string;
  /** For plain data: writes the schema's defaults into it. Default false. */
  readonly fillDefaults?: boolean;
}

interface Checked {
  readonly value: unknown;
  readonly spots: ReadonlyMap<string, Spot>;
  readonly problems: readonly SpotProblem[];
}

const DRAFT_07 = "http://json-schema.org/draft-07/schema#";

/** Compiled schemas. A schema is compiled once, so do not change it after its first use. */
const validators = new WeakMap<JsonSchema, SchemaValidator>();
const fillers = new WeakMap<JsonSchema, SchemaValidator>();

/**
 * Checks a config against a JSON Schema and returns all problems at once, in the order of the config, each with the
 * place where the value was written. Takes a tree, whose interpolations are resolved, or plain resolved data:
 * `composition.config` knows its places too. Hydra's own node at the root is left out, unless the schema describes it.
 */
export function validateConfig(
  schema: JsonSchema,
  config: object,
  options: ValidateOptions = {},
): readonly Problem[] {
  const shared = {
    missing: options.missing ?? true,
    skipped: describesHydra(schema) ? undefined : "hydra",
  };
  const data: Checked =
    config instanceof ContainerNode
      ? new ConfigData(config, shared)
      : new PlainData(config, { ...shared, whole: options.whole ?? config, at: options.at ?? "" });
  const found = [...data.problems];
  const validate = options.compiled ?? compiled(schema, options.fillDefaults ?? false);
  if (!validate(data.value)) {
    const noted = new Set(found.map(({ spot }) => spot));
    // What has no value has been noted: that '???' is not what the schema wants goes without saying.
    const errors = schemaProblems(validate.errors ?? [], data.spots, schema);
    found.push(...errors.filter(({ spot }) => !noted.has(spot)));
  }
  const order = new Map([...data.spots.values()].map((spot, index) => [spot, index]));
  found.sort((a, b) => (order.get(a.spot) ?? 0) - (order.get(b.spot) ?? 0));
  return found.map(({ problem }) => problem);
}

function compiled(schema: JsonSchema, useDefaults: boolean): SchemaValidator {
  const known = useDefaults ? fillers : validators;
  let validator = known.get(schema);
  if (validator === undefined) {
    const ajv = new Ajv({
      allErrors: true,
      strict: false,
      verbose: true,
      logger: false,
      useDefaults,
      validateSchema: false,
    });
    checkSchemaItself(schema, ajv);
    validator = ajv.compile(schema);
    known.set(schema, validator);
  }
  return validator;
}

/** Ajv would compile the schema of schemas for it, in every process and thread: ten times the work of most schemas. */
function checkSchemaItself(schema: JsonSchema, ajv: Ajv): void {
  const { draft07 } = VALIDATORS;
  if (draft07 === undefined || (schema["$schema"] !== undefined && schema["$schema"] !== DRAFT_07)) {
    ajv.validateSchema(schema, true);
    return;
  }
  if (!draft07(schema)) throw new Error(`schema is invalid: ${ajv.errorsText(draft07.errors)}`);
}

function describesHydra(schema: JsonSchema): boolean {
  const described = schema["properties"];
  return typeof described === "object" && described !== null && "hydra" in described;
}
