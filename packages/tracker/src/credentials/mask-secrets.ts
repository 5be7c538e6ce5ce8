import type { PlainObject, PlainValue } from "@episcope/records";

/** Names under which people keep what must not leave the machine. */
const SECRET_NAME = /(^|[_-])(api_?key|access_?key|private_?key|token|password|passwd|secret)$/i;
const MASK = "(masked)";

/** Plain data in which every string under a name like `api_key`, `token` or `password` is "(masked)". */
export function maskSecrets(value: PlainObject): PlainObject {
  return masked("", value) as PlainObject;
}

function masked(key: string, value: PlainValue): PlainValue {
  if (typeof value === "string") return SECRET_NAME.test(key) && value !== "" ? MASK : value;
  if (Array.isArray(value)) return value.map((member: PlainValue) => masked(key, member));
  if (typeof value !== "object" || value === null) return value;
  // From entries, because assigning a key named "__proto__" would lose it.
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(name, member)]));
}
