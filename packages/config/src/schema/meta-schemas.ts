import { Ajv } from "ajv";

const { $id: _, ...draft07 } = new Ajv().getSchema("http://json-schema.org/draft-07/schema")!
  .schema as Record<string, unknown>;

/** What a JSON Schema itself has to be, for the build to compile. Without its `$id`: Ajv has a schema of that name already. */
export const SCHEMAS: { readonly [name: string]: object } = { draft07 };
