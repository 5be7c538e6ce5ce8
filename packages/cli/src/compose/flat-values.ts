/** The values of a config by dotted key, as JSON; a list is one value. */
export function flatValues(config: unknown): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  collect(config, "", values);
  return values;
}

function collect(value: unknown, key: string, values: Map<string, string>): void {
  const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isMapping || Object.keys(value).length === 0) {
    values.set(key, asJson(value));
    return;
  }
  for (const [name, item] of Object.entries(value))
    collect(item, key === "" ? name : `${key}.${name}`, values);
}

/** Integers beyond 2^53 are texts in files, too. */
function asJson(value: unknown): string {
  return (
    JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? String(item) : item)) ?? "null"
  );
}
