/**
 * JSON as W&B's `value_json` has it: what JSON.stringify gives, with the bare tokens `NaN`, `Infinity` and
 * `-Infinity` for the numbers that JSON lacks, at any depth. Minus zero becomes `0`; a bigint becomes a string; what is no
 * data (undefined, functions, symbols) is left out of objects and becomes `null` elsewhere.
 */
export function stringifyExtended(value: unknown): string {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? String(value === 0 ? 0 : value) : String(value);
    case "string":
      return JSON.stringify(value);
    case "boolean":
      return value ? "true" : "false";
    case "bigint":
      return `"${value}"`;
    case "object":
      return value === null ? "null" : stringifyContainer(value);
    default:
      return "null";
  }
}

function stringifyContainer(value: object): string {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return `[${Array.from(value as ArrayLike<unknown>, stringifyExtended).join(",")}]`;
  }
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined || typeof member === "function" || typeof member === "symbol") continue;
    members.push(`${JSON.stringify(key)}:${stringifyExtended(member)}`);
  }
  return `{${members.join(",")}}`;
}
