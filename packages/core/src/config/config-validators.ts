import type { SchemaValidator } from "@episcope/config";

/** Validators of the SCHEMAS in `config-schemas.ts`, by their names. The build fills this in; from source each is compiled on use. */
export const VALIDATORS: { readonly [name: string]: SchemaValidator | undefined } = {};
