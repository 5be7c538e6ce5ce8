import type { StandardSchema } from "./standard-schema.js";

/** A JSON Schema whose words the types can read: write it out, or `as const`. */
export interface LiteralSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, LiteralSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | LiteralSchema;
  readonly items?: LiteralSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly LiteralSchema[];
  readonly oneOf?: readonly LiteralSchema[];
  readonly [keyword: string]: unknown;
}

/** What a config can be checked against: a JSON Schema, or a Standard Schema such as zod's, valibot's or arktype's. */
export type ConfigSchema = LiteralSchema | StandardSchema<unknown>;

/** The type of the configs that a schema accepts, as far as it says; `unknown` for what it leaves open. */
export type Infer<S> =
  S extends StandardSchema<infer T>
    ? T
    : S extends { readonly enum: readonly (infer V)[] }
      ? V
      : S extends { readonly const: infer V }
        ? V
        : S extends { readonly anyOf: readonly (infer A)[] }
          ? Infer<A>
          : S extends { readonly oneOf: readonly (infer A)[] }
            ? Infer<A>
            : S extends { readonly type: readonly (infer T)[] }
              ? T extends string
                ? OfType<T, S>
                : unknown
              : S extends { readonly type: infer T extends string }
                ? OfType<T, S>
                : S extends { readonly properties: object }
                  ? OfType<"object", S>
                  : unknown;

type OfType<T extends string, S> = T extends "string"
  ? string
  : T extends "number" | "integer"
    ? number
    : T extends "boolean"
      ? boolean
      : T extends "null"
        ? null
        : T extends "array"
          ? readonly (S extends { readonly items: infer I } ? Infer<I> : unknown)[]
          : T extends "object"
            ? ObjectOf<S>
            : unknown;

type ObjectOf<S> = S extends { readonly properties: infer P }
  ? Shape<P, S extends { readonly required: readonly (infer R)[] } ? R : never>
  : S extends { readonly additionalProperties: infer A extends object }
    ? { readonly [key: string]: Infer<A> }
    : { readonly [key: string]: unknown };

type Shape<P, R> = {
  readonly [K in keyof P as K extends R ? K : never]: Infer<P[K]>;
} & { readonly [K in keyof P as K extends R ? never : K]?: Infer<P[K]> };
