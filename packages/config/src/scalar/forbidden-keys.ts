/** Keys that could lead a careless consumer of a config to a prototype. No config may hold them. */
export const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
