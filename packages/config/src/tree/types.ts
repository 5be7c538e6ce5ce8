/** The kinds of scalar that a typed node converts to. */
type ScalarKind = "int" | "float" | "bool" | "str" | "bytes" | "path";

interface Typed {
  /** Whether null is allowed. */
  readonly optional: boolean;
}

/** What a node may hold, as a Python annotation says it. */
export type TypeRef =
  | (Typed & { readonly kind: "any" })
  | (Typed & { readonly kind: ScalarKind })
  | (Typed & { readonly kind: "enum"; readonly enum: EnumType })
  | (Typed & { readonly kind: "union"; readonly members: readonly TypeRef[] })
  | (Typed & { readonly kind: "list"; readonly element: TypeRef })
  | (Typed & { readonly kind: "dict"; readonly keys: KeyType; readonly element: TypeRef })
  | (Typed & { readonly kind: "struct"; readonly struct: StructType });

export interface EnumType {
  readonly name: string;
  readonly members: ReadonlyMap<string, string | number>;
}

export type KeyType =
  | { readonly kind: "any" | "str" | "int" | "float" | "bool" | "bytes" }
  | { readonly kind: "enum"; readonly enum: EnumType };

/** A closed set of keys with their types and defaults: the part that a dataclass plays in Python. */
export interface StructType {
  readonly name: string;
  readonly fields: ReadonlyMap<string, StructField>;
  /** The supertype: a value of this type is accepted where one of `base` is expected. */
  readonly base?: StructType;
  /** Types the keys that are no field; without it other keys are refused. */
  readonly extra?: TypeRef;
}

export interface StructField {
  readonly type: TypeRef;
  /** Plain data in the form of `YamlValue`; a missing value where left out. */
  readonly initial?: unknown;
}

export const ANY: TypeRef = { kind: "any", optional: true };
export const ANY_KEY: KeyType = { kind: "any" };

export function isContainerType(type: TypeRef): boolean {
  return type.kind === "list" || type.kind === "dict";
}

/** Whether the type is a scalar's: a node of it converts what it is given. */
export function isScalarType(type: TypeRef): boolean {
  switch (type.kind) {
    case "int":
    case "float":
    case "bool":
    case "str":
    case "bytes":
    case "path":
    case "enum":
      return true;
    default:
      return false;
  }
}

export function elementType(type: TypeRef): TypeRef {
  return type.kind === "list" || type.kind === "dict" ? type.element : ANY;
}

export function isSubtype(type: StructType, of: StructType): boolean {
  for (let t: StructType | undefined = type; t !== undefined; t = t.base)
    if (t === of || t.name === of.name) return true;
  return false;
}

/** The type as Python writes it, for messages. */
export function typeText(type: TypeRef): string {
  const text = plainTypeText(type);
  return type.optional && type.kind !== "any" ? `Optional[${text}]` : text;
}

function plainTypeText(type: TypeRef): string {
  switch (type.kind) {
    case "any":
      return "Any";
    case "path":
      return "Path";
    case "enum":
      return type.enum.name;
    case "union":
      return `Union[${type.members.map(typeText).join(", ")}]`;
    case "list":
      return `List[${typeText(type.element)}]`;
    case "dict":
      return `Dict[${keyTypeText(type.keys)}, ${typeText(type.element)}]`;
    case "struct":
      return type.struct.name;
    default:
      return type.kind;
  }
}

export function keyTypeText(type: KeyType): string {
  return type.kind === "any" ? "Any" : type.kind === "enum" ? type.enum.name : type.kind;
}
