import type { Explanation, ValueOrigin } from "@episcope/config";

/**
 * The winner on the first line, then what it replaced, the latest first, and what the key means where `meaning` knows it.
 * A mapping has no one origin: each value in it is told. Undefined where there is no such key.
 */
export function describeOrigins(
  key: string,
  explain: (key: string) => Explanation | undefined,
  meaning: (key: string) => string | undefined,
): string | undefined {
  const explanation = explain(key);
  if (explanation === undefined) return undefined;
  const told = `${describeOne(explanation)}${about(meaning(key))}`;
  const { value } = explanation.winner;
  if (!isMapping(value) || Object.keys(value).length === 0) return told;
  const parts = Object.keys(value).map((name) =>
    describeOrigins(key === "" ? name : `${key}.${name}`, explain, meaning),
  );
  // A name that no key can address, one with a dot in it: then the mapping is told whole.
  return parts.every((part) => part !== undefined) ? parts.join("") : told;
}

const about = (meaning: string | undefined): string =>
  meaning === undefined ? "" : `  means     ${meaning}\n`;

function describeOne({ key, winner, losers }: Explanation): string {
  const lines = [`${key} = ${shown(winner.value)}`, `  from      ${place(winner)}`];
  for (const loser of losers) lines.push(`  replaced  ${shown(loser.value)} from ${place(loser)}`);
  return `${lines.join("\n")}\n`;
}

function place(origin: ValueOrigin): string {
  switch (origin.kind) {
    case "file":
      return [origin.file, origin.line, origin.column].filter((part) => part !== undefined).join(":");
    case "override":
      return `override ${origin.override}${origin.from === undefined ? "" : ` (${origin.from})`}`;
    case "schema":
    case "store":
      return `${origin.kind} ${origin.name}`;
    default:
      return origin.kind;
  }
}

/** Containers and texts as JSON; floats and paths have their own text. */
function shown(value: unknown): string {
  const isData = typeof value === "string" || Array.isArray(value) || isMapping(value);
  return isData ? JSON.stringify(value) : String(value);
}

/** The nearest mapping around a key that does not exist, and the keys that it has. */
export function nearestGroup(
  key: string,
  explain: (key: string) => Explanation | undefined,
): { readonly group: string; readonly keys: readonly string[] } {
  const group = key.slice(0, Math.max(0, key.lastIndexOf(".")));
  const value = explain(group)?.winner.value;
  if (isMapping(value)) return { group, keys: Object.keys(value) };
  return group === "" ? { group, keys: [] } : nearestGroup(group, explain);
}

function isMapping(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
