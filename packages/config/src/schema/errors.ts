import { EpiscopeError } from "@episcope/errors";
import type { Problem } from "./problem.js";

/** A schema that cannot play the part of a structured config. */
export function schemaNotSupported(name: string, path: string, problem: string): EpiscopeError {
  return new EpiscopeError(
    "SCHEMA_UNSUPPORTED",
    `schema '${name}'${path === "" ? "" : ` at '${path}'`}: ${problem}`,
    {
      hint: "Use object, array, scalar and enum schemas; '$ref' into the schema's own '$defs'.",
      fields: { schema: name, key: path },
    },
  );
}

/** All that a schema finds wrong with a config, each with the place where its value was written. */
export function configInvalid(problems: readonly Problem[]): EpiscopeError {
  const hints = [...new Set(problems.flatMap(({ hint }) => (hint === undefined ? [] : [hint])))];
  return new EpiscopeError(
    "CONFIG_INVALID",
    `the config is not valid:\n  ${problemLines(problems).join("\n  ")}`,
    {
      ...(hints.length === 0 ? {} : { hint: hints.join("\n  ") }),
      fields: { problems },
    },
  );
}

/** Each problem as one line for people: what is wrong, and where it was written. */
export function problemLines(problems: readonly Problem[]): string[] {
  return problems.map((problem) => {
    const place = placeText(problem);
    return `${problem.message}${place === undefined ? "" : ` (${place})`}`;
  });
}

function placeText({ file, line, override, from }: Problem): string | undefined {
  if (override !== undefined) return `override ${override}${from === undefined ? "" : `, ${from}`}`;
  return file === undefined || line === undefined ? file : `${file}:${line}`;
}
