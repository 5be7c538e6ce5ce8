import type { SchemaValidator } from "./validate.js";

/** Validators of the SCHEMAS in `meta-schemas.ts`, by their names. The build fills this in; from source Ajv compiles its own. */
export const VALIDATORS: { readonly [name: string]: SchemaValidator | undefined } = {};
