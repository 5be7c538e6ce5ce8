import type { PlainValue } from "@episcope/records";
import { closest } from "fastest-levenshtein";
import { queryInvalid } from "./errors.js";
import type { Comparison, Expression } from "./expression.js";
import { FIELDS, type Field, freeField, type Read } from "./fields.js";
import { FUNCTIONS, type FunctionEntry } from "./functions.js";
import { LEVELS, type Level, type Scope } from "./scope.js";
import { textPattern } from "./text-pattern.js";

/** What a query needs: known before any run is read. */
export interface QueryNeeds {
  /** The finest thing that it asks about. */
  readonly level: Level;
  /** Whether the run's table is needed: for steps, and for what the manifest does not say of episodes. */
  readonly table: boolean;
  /** Names of the fields in it, in the order of the query. */
  readonly fields: readonly string[];
}

/** Checks names and finds what a query needs. Throws QUERY_INVALID. */
export function needsOf(query: string, expression: Expression): QueryNeeds {
  const needs = { table: false, fields: new Set<string>() };
  const level = visit(query, expression, needs);
  return { level, table: needs.table || level === "steps", fields: [...needs.fields] };
}

function visit(query: string, part: Expression, needs: { table: boolean; fields: Set<string> }): Level {
  const of = (inner: Expression): Level => visit(query, inner, needs);
  switch (part.kind) {
    case "constant":
      return "runs";
    case "field": {
      const { level, table = level === "steps" } = fieldOf(query, part.name, part.offset);
      needs.fields.add(part.name);
      if (table) needs.table = true;
      return level;
    }
    case "call": {
      const entry = functionOf(query, part);
      const inner = finest([entry.level, ...part.args.map(of)]);
      if (entry.level === "steps") needs.table = true;
      if (entry.gathers !== true) return inner;
      return inner === "steps" ? "episodes" : "runs";
    }
    case "not":
    case "negative":
      return of(part.of);
    case "in":
      return finest([part.of, ...part.items].map(of));
    default:
      return finest([of(part.left), of(part.right)]);
  }
}

function finest(levels: readonly Level[]): Level {
  return LEVELS[Math.max(0, ...levels.map((level) => LEVELS.indexOf(level)))]!;
}

function fieldOf(query: string, name: string, offset: number): Field {
  const field = FIELDS.get(name) ?? freeField(name);
  if (field !== undefined) return field;
  const near = closest(name, [...FIELDS.keys()]);
  throw queryInvalid(
    query,
    offset,
    `there is no field '${name}'`,
    `Did you mean '${near}'? 'episcope search --fields' lists them; what a producer sent is meta.NAME or info.NAME.`,
  );
}

function functionOf(query: string, call: Extract<Expression, { kind: "call" }>): FunctionEntry {
  const entry = FUNCTIONS.get(call.name);
  const known = [...FUNCTIONS.keys()];
  if (entry === undefined) {
    throw queryInvalid(
      query,
      call.offset,
      `there is no function '${call.name}'`,
      `Did you mean '${closest(call.name, known)}'? Functions: ${known.join(", ")}.`,
    );
  }
  if (call.args.length !== entry.args) {
    throw queryInvalid(
      query,
      call.offset,
      `${call.name} takes ${entry.args} ${entry.args === 1 ? "argument" : "arguments"}, not ${call.args.length}`,
      entry.usage,
    );
  }
  return entry;
}

/** A query as a function of the scope's place and a row. Throws QUERY_INVALID where types do not fit. */
export function compileCondition(
  query: string,
  expression: Expression,
  scope: Scope,
): (row: number) => boolean {
  return new Compiler(query, scope).truth(expression);
}

/** A field or another expression as a function that gives its value, for tables. */
export function compileValue(
  query: string,
  expression: Expression,
  scope: Scope,
): (row: number) => PlainValue | undefined {
  return new Compiler(query, scope).read(expression).of as (row: number) => PlainValue | undefined;
}

export class Compiler {
  readonly scope: Scope;
  readonly #query: string;

  constructor(query: string, scope: Scope) {
    this.#query = query;
    this.scope = scope;
  }

  /** Throws QUERY_INVALID at the place of an expression. */
  error(at: Expression, problem: string, hint?: string): Error {
    return queryInvalid(this.#query, at.offset, problem, hint);
  }

  /** The finest thing that an expression asks about. */
  levelOf(expression: Expression): Level {
    return needsOf(this.#query, expression).level;
  }

  read(expression: Expression): Read {
    switch (expression.kind) {
      case "constant":
        return constantRead(expression.value);
      case "field":
        return fieldOf(this.#query, expression.name, expression.offset).read(this.scope);
      case "call":
        return functionOf(this.#query, expression).compile(this, expression);
      case "negative": {
        const of = this.number(expression.of);
        return { type: "number", of: (row) => -of(row) };
      }
      case "calculate":
        return { type: "number", of: this.#calculation(expression) };
      default:
        return { type: "truth", of: this.truth(expression) };
    }
  }

  truth(expression: Expression): (row: number) => boolean {
    switch (expression.kind) {
      case "and":
      case "or":
        return this.#joined(expression);
      case "not": {
        const of = this.truth(expression.of);
        return (row) => !of(row);
      }
      case "compare":
        return this.#comparison(expression.operator, expression.left, expression.right, expression);
      case "in": {
        const tests = expression.items.map((item) => this.#comparison("==", expression.of, item, item));
        return (row) => tests.some((test) => test(row));
      }
      default: {
        const read = this.read(expression);
        if (read.type === "truth") return read.of;
        if (read.type === "any") return (row) => read.of(row) === true;
        throw this.error(expression, `this is a ${read.type} and no condition`, "Compare it with something.");
      }
    }
  }

  number(expression: Expression): (row: number) => number {
    const read = this.read(expression);
    if (read.type === "number") return read.of;
    if (read.type === "truth") return (row) => (read.of(row) ? 1 : 0);
    if (read.type === "any") {
      return (row) => {
        const value = read.of(row);
        return typeof value === "number" ? value : Number.NaN;
      };
    }
    throw this.error(expression, "a number is needed here, and this is a text");
  }

  /** What the table can answer is asked first. */
  #joined(expression: Extract<Expression, { kind: "and" | "or" }>): (row: number) => boolean {
    const parts = [expression.left, expression.right];
    if (isSlow(expression.left) && !isSlow(expression.right)) parts.reverse();
    const [first, second] = parts.map((part) => this.truth(part));
    return expression.kind === "and"
      ? (row) => first!(row) && second!(row)
      : (row) => first!(row) || second!(row);
  }

  #calculation(expression: Extract<Expression, { kind: "calculate" }>): (row: number) => number {
    const left = this.number(expression.left);
    const right = this.number(expression.right);
    switch (expression.operator) {
      case "+":
        return (row) => left(row) + right(row);
      case "-":
        return (row) => left(row) - right(row);
      case "*":
        return (row) => left(row) * right(row);
      case "/":
        return (row) => left(row) / right(row);
    }
  }

  #comparison(
    operator: Comparison,
    leftPart: Expression,
    rightPart: Expression,
    at: Expression,
  ): (row: number) => boolean {
    if (operator === "~" || operator === "!~") return this.#match(operator, leftPart, rightPart);
    const nullSide = [leftPart, rightPart].find((part) => part.kind === "constant" && part.value === null);
    if (nullSide !== undefined) {
      if (operator !== "==" && operator !== "!=")
        throw this.error(nullSide, `'${operator}' cannot compare with null`);
      const known = this.#known(nullSide === leftPart ? rightPart : leftPart);
      return operator === "==" ? (row) => !known(row) : known;
    }
    const left = this.read(leftPart);
    const right = this.read(rightPart);
    if (left.type === "any" || right.type === "any") return compareValues(operator, left, right);
    if (left.type !== right.type) {
      throw this.error(at, `a ${left.type} is compared with a ${right.type}`, this.#typeHint(leftPart, left));
    }
    if (left.type === "text") return compareTexts(operator, left.of, (right as typeof left).of);
    return compareNumbers(operator, this.number(leftPart), this.number(rightPart));
  }

  #typeHint(left: Expression, { type }: Read): string | undefined {
    if (left.kind !== "field") return undefined;
    return type === "text" ? `${left.name} is a text: put it between quotes.` : `${left.name} is a ${type}.`;
  }

  #known(part: Expression): (row: number) => boolean {
    const read = this.read(part);
    if (read.type === "number") return (row) => !Number.isNaN(read.of(row));
    return (row) => (read.of(row) ?? null) !== null;
  }

  #match(operator: "~" | "!~", leftPart: Expression, rightPart: Expression): (row: number) => boolean {
    const left = this.read(leftPart);
    if (left.type !== "text" && left.type !== "any")
      throw this.error(leftPart, `'${operator}' looks into texts, and this is none`);
    if (rightPart.kind !== "constant" || typeof rightPart.value !== "string") {
      throw this.error(
        rightPart,
        `'${operator}' needs a pattern between quotes`,
        'For instance: task ~ "05f2*".',
      );
    }
    const pattern = textPattern(rightPart.value);
    return (row) => {
      const value = left.of(row);
      if (typeof value !== "string") return false;
      return pattern.test(value) === (operator === "~");
    };
  }
}

function isSlow(part: Expression): boolean {
  switch (part.kind) {
    case "constant":
      return false;
    case "field":
      return freeField(part.name)?.slow === true;
    case "call":
      return part.args.some(isSlow);
    case "not":
    case "negative":
      return isSlow(part.of);
    case "in":
      return isSlow(part.of) || part.items.some(isSlow);
    default:
      return isSlow(part.left) || isSlow(part.right);
  }
}

function constantRead(value: number | string | boolean | null): Read {
  if (typeof value === "number") return { type: "number", of: () => value };
  if (typeof value === "string") return { type: "text", of: () => value };
  if (typeof value === "boolean") return { type: "truth", of: () => value };
  return { type: "any", of: () => null };
}

function compareNumbers(
  operator: Comparison,
  left: (row: number) => number,
  right: (row: number) => number,
): (row: number) => boolean {
  switch (operator) {
    case "==":
      return (row) => left(row) === right(row);
    case "!=":
      // An unknown value is neither equal nor different.
      return (row) => {
        const a = left(row);
        const b = right(row);
        return a < b || a > b;
      };
    case "<":
      return (row) => left(row) < right(row);
    case "<=":
      return (row) => left(row) <= right(row);
    case ">":
      return (row) => left(row) > right(row);
    default:
      return (row) => left(row) >= right(row);
  }
}

/** Texts are equal whatever their capitals: nobody remembers those of an operation's name. */
function compareTexts(
  operator: Comparison,
  left: (row: number) => string | null,
  right: (row: number) => string | null,
): (row: number) => boolean {
  const order = ordering(operator);
  return (row) => {
    const a = left(row);
    const b = right(row);
    return a !== null && b !== null && order(compareFolded(a, b));
  };
}

function compareValues(operator: Comparison, left: Read, right: Read): (row: number) => boolean {
  const order = ordering(operator);
  return (row) => {
    const a = left.of(row) ?? null;
    const b = right.of(row) ?? null;
    if (a === null || b === null || typeof a !== typeof b || typeof a === "object") return false;
    if (typeof a === "string") return order(compareFolded(a, b as string));
    const difference = Number(a) - Number(b);
    return !Number.isNaN(difference) && order(difference);
  };
}

function compareFolded(a: string, b: string): number {
  if (a === b) return 0;
  const [foldedA, foldedB] = [a.toLowerCase(), b.toLowerCase()];
  return foldedA < foldedB ? -1 : foldedA > foldedB ? 1 : 0;
}

function ordering(operator: Comparison): (difference: number) => boolean {
  switch (operator) {
    case "==":
      return (difference) => difference === 0;
    case "!=":
      return (difference) => difference !== 0;
    case "<":
      return (difference) => difference < 0;
    case "<=":
      return (difference) => difference <= 0;
    case ">":
      return (difference) => difference > 0;
    default:
      return (difference) => difference >= 0;
  }
}
