import type { Explanation, ValueOrigin } from "@episcope/config";

/** The winner on the first line, then what it replaced, the latest first. */
export function describeExplanation({ key, winner, losers }: Explanation): string {
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
  const isData = typeof value === "string" || Array.isArray(value) || isPlainObject(value);
  return isData ? JSON.stringify(value) : String(value);
}

function isPlainObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
