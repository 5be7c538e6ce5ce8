import type { Float } from "../scalar/values.js";

/** `${key}`: the key is the parts joined, among them dots and brackets as written. */
interface NodeInterpolation {
  readonly kind: "node";
  readonly parts: readonly (string | Interpolation)[];
  /** The source text, for messages. */
  readonly text: string;
}

/** `${name:args}`. */
interface ResolverInterpolation {
  readonly kind: "resolver";
  readonly name: readonly (string | Interpolation)[];
  readonly args: readonly Argument[];
  readonly text: string;
}

export type Interpolation = NodeInterpolation | ResolverInterpolation;

export interface Argument {
  /** Undefined where there is nothing between two commas: an empty text. */
  readonly value: Expression | undefined;
  /** The source text, by which results are cached. */
  readonly text: string;
}

export type LiteralValue = null | boolean | number | bigint | Float | string;

export type Expression =
  | { readonly kind: "literal"; readonly value: LiteralValue }
  | { readonly kind: "text"; readonly parts: readonly (string | Interpolation)[] }
  | { readonly kind: "list"; readonly items: readonly Argument[] }
  | { readonly kind: "dict"; readonly entries: readonly (readonly [LiteralValue, Expression])[] }
  | Interpolation;

/** Whether an expression calls a resolver anywhere. */
export function callsResolver(expression: Expression): boolean {
  switch (expression.kind) {
    case "literal":
      return false;
    case "resolver":
      return true;
    case "list":
      return expression.items.some(({ value }) => value !== undefined && callsResolver(value));
    case "dict":
      return expression.entries.some(([, value]) => callsResolver(value));
    default:
      return expression.parts.some((part) => typeof part !== "string" && callsResolver(part));
  }
}
