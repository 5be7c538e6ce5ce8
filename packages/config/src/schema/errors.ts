import { EpiscopeError } from "@episcope/errors";

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
