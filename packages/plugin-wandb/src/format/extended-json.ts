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

/** A string, or a number that JSON lacks. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;
const BARE = "\u0000bare:";

/** The value of extended JSON; throws SyntaxError where it is none. */
export function parseExtended(text: string): unknown {
  const marked = text.replaceAll(TOKEN, (token) =>
    token.startsWith('"') ? token : JSON.stringify(BARE + token),
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith(BARE) ? Number(value.slice(BARE.length)) : value,
  );
}
