import { FORBIDDEN_KEYS } from "../scalar/forbidden-keys.js";
import { PathValue } from "../scalar/values.js";
import { ANY, type EnumType, type StructField, type StructType, type TypeRef } from "../tree/types.js";
import { schemaNotSupported } from "./errors.js";

/** A JSON Schema as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Makes a structured config of a JSON Schema of an object, as a dataclass is one in Python:
 *
 * - `properties` are the fields; a field without `default` is missing (`???`), an object has its fields' defaults;
 * - other keys are refused unless `additionalProperties` is true or a schema, which then types them;
 * - `integer`, `number`, `boolean`, `string` convert as OmegaConf does (`"8"` becomes 8), also in overrides;
 * - `null` among the types makes a field optional; an enum of texts takes its members only;
 * - `format: "path"` is a path; several scalar types are a union, taken without conversion;
 * - an object with `additionalProperties` but no `properties` is a dict of that type; `items` types a list.
 *
 * What the schema says beyond types (`minimum`, `pattern`, …) is checked by `validateConfig`.
 */
export function structFromSchema(schema: JsonSchema, name?: string): StructType {
  const title = name ?? (typeof schema["title"] === "string" ? schema["title"] : "Config");
  const type = new Reader(schema, title).type(schema, "", []);
  if (type.kind !== "struct")
    throw schemaNotSupported(title, "", "the schema describes no object with properties");
  return { ...type.struct, name: title };
}

const SCALARS: ReadonlyMap<string, TypeRef["kind"]> = new Map([
  ["integer", "int"],
  ["number", "float"],
  ["boolean", "bool"],
  ["string", "str"],
]);

function isObject(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

class Reader {
  private readonly root: JsonSchema;
  private readonly name: string;

  constructor(root: JsonSchema, name: string) {
    this.root = root;
    this.name = name;
  }

  private fail(path: string, problem: string): never {
    throw schemaNotSupported(this.name, path, problem);
  }

  /** `refs` are the references that are being followed: a recursive one ends in "any". */
  type(schema: JsonSchema, path: string, refs: readonly string[]): TypeRef {
    const ref = schema["$ref"];
    if (typeof ref === "string") {
      if (refs.includes(ref)) return ANY;
      return this.type(this.resolve(ref, path), path, [...refs, ref]);
    }
    const alternatives = schema["anyOf"] ?? schema["oneOf"];
    if (Array.isArray(alternatives)) return this.union(alternatives, path, refs);
    const allowed = schema["enum"];
    if (Array.isArray(allowed)) return this.enumeration(schema, allowed, path);
    if ("const" in schema) return this.enumeration(schema, [schema["const"]], path);
    const given = schema["type"];
    const types = typeof given === "string" ? [given] : Array.isArray(given) ? (given as string[]) : [];
    const optional = types.includes("null");
    const others = types.filter((type) => type !== "null");
    if (others.length === 0) {
      return isObject(schema["properties"]) ? this.object(schema, path, refs, optional) : ANY;
    }
    if (others.length > 1) {
      return this.union(
        others.map((type) => ({ ...schema, type })),
        path,
        refs,
        optional,
      );
    }
    switch (others[0]) {
      case "object":
        return this.object(schema, path, refs, optional);
      case "array": {
        const { items } = schema;
        return {
          kind: "list",
          optional,
          element: isObject(items) ? this.type(items, `${path}[]`, refs) : ANY,
        };
      }
      case "string":
        if (schema["format"] === "path") return { kind: "path", optional };
        if (schema["contentEncoding"] === "base64") return { kind: "bytes", optional };
        return { kind: "str", optional };
      default: {
        const kind = SCALARS.get(others[0]!);
        if (kind === undefined) this.fail(path, `there is no type '${others[0]}'`);
        return { kind: kind as "int", optional };
      }
    }
  }

  private resolve(ref: string, path: string): JsonSchema {
    if (ref === "#") return this.root;
    if (!ref.startsWith("#/")) this.fail(path, `'${ref}' is outside the schema`);
    let target: unknown = this.root;
    for (const step of ref.slice(2).split("/")) {
      const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
      target = isObject(target) && Object.hasOwn(target, key) ? target[key] : undefined;
    }
    if (!isObject(target)) this.fail(path, `'${ref}' leads nowhere`);
    return target;
  }

  private union(
    alternatives: readonly unknown[],
    path: string,
    refs: readonly string[],
    nullable = false,
  ): TypeRef {
    let optional = nullable;
    const members: TypeRef[] = [];
    for (const alternative of alternatives) {
      if (!isObject(alternative)) continue;
      if (alternative["type"] === "null" || alternative["const"] === null) optional = true;
      else members.push(this.type(alternative, path, refs));
    }
    if (members.length === 0) return ANY;
    if (members.length === 1) return { ...members[0]!, optional: optional || members[0]!.optional };
    const scalars = members.every(
      ({ kind }) => SCALARS.has(kind) || ["int", "float", "bool", "str"].includes(kind),
    );
    return scalars ? { kind: "union", optional: optional || members.some((m) => m.optional), members } : ANY;
  }

  private enumeration(schema: JsonSchema, allowed: readonly unknown[], path: string): TypeRef {
    const optional = allowed.includes(null);
    const members = allowed.filter((value) => value !== null);
    if (members.length === 0) return ANY;
    if (members.every((value) => typeof value === "string")) {
      const name = typeof schema["title"] === "string" ? schema["title"] : (path.split(".").at(-1) ?? "Enum");
      const type: EnumType = { name, members: new Map(members.map((value) => [value, value])) };
      return { kind: "enum", optional, enum: type };
    }
    if (members.every((value) => typeof value === "boolean")) return { kind: "bool", optional };
    if (members.every((value) => typeof value === "number")) {
      return { kind: members.every((value) => Number.isInteger(value)) ? "int" : "float", optional };
    }
    return ANY;
  }

  private object(schema: JsonSchema, path: string, refs: readonly string[], optional: boolean): TypeRef {
    const extra = schema["additionalProperties"];
    const extraType = isObject(extra) ? this.type(extra, `${path}.*`, refs) : ANY;
    const properties = schema["properties"];
    if (!isObject(properties)) return { kind: "dict", optional, keys: { kind: "str" }, element: extraType };
    const fields = new Map<string, StructField>();
    for (const [key, property] of Object.entries(properties)) {
      const below = path === "" ? key : `${path}.${key}`;
      if (FORBIDDEN_KEYS.has(key)) this.fail(below, "this key is not allowed in a config");
      if (!isObject(property)) this.fail(below, "a property is described by a schema");
      const type = this.type(property, below, refs);
      const initial = "default" in property ? property["default"] : this.defaultOf(property);
      fields.set(key, initial === undefined ? { type } : { type, initial: toInitial(initial, type) });
    }
    const title = schema["title"];
    const name = typeof title === "string" ? title : path === "" ? this.name : path;
    const struct: StructType =
      extra === true || isObject(extra) ? { name, fields, extra: extraType } : { name, fields };
    return { kind: "struct", optional, struct };
  }

  /** A reference may bring a default with it. */
  private defaultOf(property: JsonSchema): unknown {
    const ref = property["$ref"];
    return typeof ref === "string" ? this.resolve(ref, "")["default"] : undefined;
  }
}

/** A default as values of the language. */
function toInitial(value: unknown, type: TypeRef): unknown {
  if (type.kind === "path" && typeof value === "string") return new PathValue(value);
  if (Array.isArray(value)) {
    const element = type.kind === "list" ? type.element : ANY;
    return value.map((item) => toInitial(item, element));
  }
  if (isObject(value)) {
    const element = type.kind === "dict" ? type.element : ANY;
    return new Map(Object.entries(value).map(([key, item]) => [key, toInitial(item, element)]));
  }
  return value;
}
