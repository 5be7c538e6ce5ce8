/** A parsed query; `offset` is where it stands, for messages. */
export type Expression =
  | { readonly kind: "constant"; readonly value: number | string | boolean | null; readonly offset: number }
  | { readonly kind: "field"; readonly name: string; readonly offset: number }
  | {
      readonly kind: "call";
      readonly name: string;
      readonly args: readonly Expression[];
      readonly offset: number;
    }
  | { readonly kind: "not" | "negative"; readonly of: Expression; readonly offset: number }
  | {
      readonly kind: "and" | "or";
      readonly left: Expression;
      readonly right: Expression;
      readonly offset: number;
    }
  | {
      readonly kind: "compare";
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
      readonly offset: number;
    }
  | {
      readonly kind: "calculate";
      readonly operator: "+" | "-" | "*" | "/";
      readonly left: Expression;
      readonly right: Expression;
      readonly offset: number;
    }
  | {
      readonly kind: "in";
      readonly of: Expression;
      readonly items: readonly Expression[];
      readonly offset: number;
    };

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~";
export const COMPARISONS: readonly string[] = ["==", "!=", "<", "<=", ">", ">=", "~", "!~"];
