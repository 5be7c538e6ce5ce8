import { configInvalid } from "../schema/errors.js";
import type { ConfigSchema } from "../schema/infer-schema.js";
import type { Problem } from "../schema/problem.js";
import { isStandardSchema, keyOfIssue, type StandardSchema } from "../schema/standard-schema.js";
import { validateConfig } from "../schema/validate.js";
import { configError } from "../tree/errors.js";
import type { Composition } from "./composition.js";

/** Throws CONFIG_INVALID with all that a schema finds wrong with a composed config, each with its place. */
export function checkSchema(composition: Composition<unknown>, schema: ConfigSchema): void {
  const problems = isStandardSchema(schema)
    ? issuesOf(composition, schema)
    : validateConfig(schema, composition.job).map((problem) => withSource(composition, problem));
  if (problems.length > 0) throw configInvalid(problems);
}

function issuesOf(composition: Composition<unknown>, schema: StandardSchema<unknown>): Problem[] {
  const result = schema["~standard"].validate(composition.config);
  if (result instanceof Promise) {
    throw configError("VALUE_UNSUPPORTED", "the schema answers with a promise", {
      hint: "Composing waits for nothing: use a schema without asynchronous checks.",
    });
  }
  return (result.issues ?? []).map((issue) => {
    const key = keyOfIssue(issue);
    const message = key === "" ? issue.message : `'${key}': ${issue.message}`;
    const winner = composition.explain(key)?.winner;
    return {
      code: "VALUE_NOT_ALLOWED",
      key,
      message,
      ...(winner?.file === undefined ? {} : { file: winner.file }),
      ...(winner?.line === undefined ? {} : { line: winner.line }),
      ...(winner?.override === undefined ? {} : { override: winner.override }),
      ...(winner?.from === undefined ? {} : { from: winner.from }),
    };
  });
}

/** Where an override was given, when not on the command line. */
function withSource(composition: Composition<unknown>, problem: Problem): Problem {
  const from = problem.override === undefined ? undefined : composition.explain(problem.key)?.winner.from;
  return from === undefined ? problem : { ...problem, from };
}
