import { EpiscopeError } from "@episcope/errors";
import { visible } from "./visible.js";

/** An override that cannot be read. `fields.column` counts from 1 within the override. */
export class OverrideParseError extends EpiscopeError {}

/** Points at a column of the override, under the override itself. */
function pointAt(override: string, position: number): string {
  const line = override.length > 200 ? `${override.slice(0, 200)}…` : override;
  const before = visible(override.slice(0, Math.min(position, 200)));
  return `  ${visible(line)}\n  ${" ".repeat(before.length)}^`;
}

export function overrideSyntax(override: string, position: number, expected: string): OverrideParseError {
  return new OverrideParseError(
    "OVERRIDE_SYNTAX",
    `Cannot read the override, column ${position + 1}: expected ${expected}.\n${pointAt(override, position)}`,
    {
      hint: "Quote a value that holds special characters (key='a=b'), or escape them with a backslash.",
      fields: { override, column: position + 1 },
    },
  );
}

export function overrideTooDeep(override: string, position: number, limit: number): OverrideParseError {
  return new OverrideParseError(
    "OVERRIDE_TOO_DEEP",
    `Cannot read the override: more than ${limit} levels of lists, dictionaries and functions at column ${position + 1}.`,
    { fields: { override: override.slice(0, 200), column: position + 1, limit } },
  );
}

export function overrideFunction(
  override: string,
  position: number,
  call: string,
  problem: FunctionProblem,
): OverrideParseError {
  return new OverrideParseError(
    "OVERRIDE_FUNCTION",
    `Cannot evaluate '${call}': ${problem.message}.\n${pointAt(override, position)}`,
    {
      ...(problem.options === undefined ? {} : { hint: `Functions: ${problem.options.join(", ")}.` }),
      fields: {
        override,
        column: position + 1,
        ...(problem.options === undefined ? {} : { options: problem.options }),
      },
      cause: problem,
    },
  );
}

/** What a function of the grammar objects to; the parser adds the place. */
export class FunctionProblem extends Error {
  readonly options: readonly string[] | undefined;

  constructor(message: string, options?: readonly string[]) {
    super(message);
    this.name = "FunctionProblem";
    this.options = options;
  }
}

export function sweepNotEnumerable(key: string, what: string): EpiscopeError {
  return new EpiscopeError("SWEEP_NOT_ENUMERABLE", `Cannot enumerate '${key}': ${what}.`, {
    hint: "Use choice(...) or range(...), or a sweeper that takes intervals.",
    fields: { key },
  });
}

export function rangeWithoutStep(key: string): EpiscopeError {
  return new EpiscopeError("SWEEP_RANGE_STEP", `Cannot enumerate the range of '${key}': its step is 0.`, {
    hint: "Give a step above or below 0.",
    fields: { key },
  });
}

export function rangeBound(key: string, problem: string): EpiscopeError {
  return new EpiscopeError("SWEEP_RANGE_BOUND", `Cannot enumerate the range of '${key}': it ${problem}.`, {
    hint: "Give finite numbers for start, stop and step.",
    fields: { key },
  });
}

export function valueNotWritable(what: string): EpiscopeError {
  return new EpiscopeError(
    "OVERRIDE_VALUE_NOT_WRITABLE",
    `A ${what} cannot be written as the value of an override.`,
    { fields: {} },
  );
}
