import { queryInvalid } from "./errors.js";
import { COMPARISONS, type Comparison, type Expression } from "./expression.js";
import { type Token, tokensOf } from "./tokens.js";

/** Deeper brackets than this are no question that a person asks. */
const MAX_DEPTH = 100;

/**
 * Reads a query. From loosest to tightest: `or`, `and`, `not`, one comparison (`==` `!=` `<` `<=` `>` `>=` `~` `!~` `in`),
 * `+ -`, `* /`, unary `-`; `docs/search.md` holds the grammar. Throws QUERY_INVALID with a caret.
 */
export function parseQuery(query: string): Expression {
  return new QueryParser(query).parse();
}

class QueryParser {
  readonly #query: string;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(query: string) {
    this.#query = query;
    this.#tokens = tokensOf(query);
  }

  parse(): Expression {
    if (this.#peek().kind === "end") throw this.#error(this.#peek(), "the query is empty");
    const expression = this.#or();
    if (this.#peek().kind !== "end") {
      throw this.#error(
        this.#peek(),
        `'${this.#peek().text}' was not expected here`,
        "Join two conditions with 'and' or 'or'.",
      );
    }
    return expression;
  }

  #or(): Expression {
    let left = this.#and();
    for (let token = this.#word("or", "||"); token !== null; token = this.#word("or", "||")) {
      left = { kind: "or", left, right: this.#and(), offset: token.offset };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    for (let token = this.#word("and", "&&"); token !== null; token = this.#word("and", "&&")) {
      left = { kind: "and", left, right: this.#not(), offset: token.offset };
    }
    return left;
  }

  #not(): Expression {
    const token = this.#word("not", "!");
    return token === null
      ? this.#comparison()
      : this.#deeper(token, () => ({ kind: "not", of: this.#not(), offset: token.offset }));
  }

  #comparison(): Expression {
    const left = this.#sum();
    const token = this.#peek();
    if (token.kind === "symbol" && COMPARISONS.includes(token.text)) {
      this.#at += 1;
      const right = this.#sum();
      return { kind: "compare", operator: token.text as Comparison, left, right, offset: token.offset };
    }
    if (token.kind === "symbol" && token.text === "=") {
      throw this.#error(token, "'=' alone compares nothing", "Write '=='.");
    }
    if (this.#word("in") !== null)
      return { kind: "in", of: left, items: this.#items(), offset: token.offset };
    return left;
  }

  #sum(): Expression {
    let left = this.#product();
    for (let token = this.#symbol("+", "-"); token !== null; token = this.#symbol("+", "-")) {
      const operator = token.text as "+" | "-";
      left = { kind: "calculate", operator, left, right: this.#product(), offset: token.offset };
    }
    return left;
  }

  #product(): Expression {
    let left = this.#single();
    for (let token = this.#symbol("*", "/"); token !== null; token = this.#symbol("*", "/")) {
      const operator = token.text as "*" | "/";
      left = { kind: "calculate", operator, left, right: this.#single(), offset: token.offset };
    }
    return left;
  }

  #single(): Expression {
    const token = this.#peek();
    this.#at += 1;
    const { offset, text } = token;
    if (token.kind === "number") return { kind: "constant", value: Number(text), offset };
    if (token.kind === "text") return { kind: "constant", value: text, offset };
    if (token.kind === "name") return this.#named(token);
    if (text === "-") return this.#deeper(token, () => ({ kind: "negative", of: this.#single(), offset }));
    if (text === "(") {
      return this.#deeper(token, () => {
        const inner = this.#or();
        this.#expect(")", token);
        return inner;
      });
    }
    throw this.#error(
      token,
      token.kind === "end" ? "the query ends too early" : `'${text}' was not expected here`,
    );
  }

  #named(token: Token): Expression {
    const { text, offset } = token;
    if (text === "true" || text === "false") return { kind: "constant", value: text === "true", offset };
    if (text === "null") return { kind: "constant", value: null, offset };
    if (text === "and" || text === "or" || text === "in") {
      throw this.#error(token, `'${text}' stands between two conditions`);
    }
    const open = this.#symbol("(");
    if (open === null) return { kind: "field", name: text, offset };
    return this.#deeper(open, () => {
      const args: Expression[] = [];
      if (this.#symbol(")") === null) {
        do args.push(this.#or());
        while (this.#symbol(",") !== null);
        this.#expect(")", open);
      }
      return { kind: "call", name: text, args, offset };
    });
  }

  #items(): readonly Expression[] {
    const open = this.#symbol("[", "(");
    if (open === null)
      throw this.#error(this.#peek(), "'in' needs a list", 'For instance: op in ["Copy", "Paste"].');
    const items: Expression[] = [];
    do items.push(this.#sum());
    while (this.#symbol(",") !== null);
    this.#expect(open.text === "[" ? "]" : ")", open);
    return items;
  }

  #deeper(token: Token, read: () => Expression): Expression {
    if (this.#depth === MAX_DEPTH)
      throw this.#error(token, `the query is nested deeper than ${MAX_DEPTH} levels`);
    this.#depth += 1;
    const expression = read();
    this.#depth -= 1;
    return expression;
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)]!;
  }

  #symbol(...texts: readonly string[]): Token | null {
    const token = this.#peek();
    if (token.kind !== "symbol" || !texts.includes(token.text)) return null;
    this.#at += 1;
    return token;
  }

  #word(name: string, symbol?: string): Token | null {
    const token = this.#peek();
    const found =
      token.kind === "name" ? token.text === name : token.kind === "symbol" && token.text === symbol;
    if (!found) return null;
    this.#at += 1;
    return token;
  }

  #expect(text: string, open: Token): void {
    if (this.#symbol(text) === null) {
      throw this.#error(
        this.#peek(),
        `'${text}' is missing for the '${open.text}' in column ${open.offset + 1}`,
      );
    }
  }

  #error(token: Token, problem: string, hint?: string): Error {
    return queryInvalid(this.#query, token.offset, problem, hint);
  }
}
