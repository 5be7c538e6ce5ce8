import type { JsonSchema } from "../contract/plugin.js";
import { CONFIG_SCHEMA } from "./schema.js";

/** The schemas whose validators the build compiles ahead. */
export const SCHEMAS: { readonly config: JsonSchema } = { config: CONFIG_SCHEMA };
