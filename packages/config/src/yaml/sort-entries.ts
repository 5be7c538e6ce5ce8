import { type ConfigKey, EnumValue, Float } from "../scalar/values.js";

type Entry<V> = [ConfigKey | null, V];

/** Sorted by key as Python sorts; the order stays where keys cannot be compared. */
export function sortedEntries<V>(entries: Entry<V>[]): Entry<V>[] {
  const kinds = new Set(entries.map(([key]) => keyKind(key)));
  if (kinds.size > 1 || kinds.has("other")) return entries;
  return entries.sort(([a], [b]) => compareKeys(a, b));
}

function keyKind(key: ConfigKey | null): "text" | "number" | "bytes" | "other" {
  if (typeof key === "string") return "text";
  if (key instanceof Uint8Array) return "bytes";
  if (key === null || key instanceof EnumValue) return "other";
  return "number";
}

function compareKeys(a: ConfigKey | null, b: ConfigKey | null): number {
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    for (let k = 0; k < Math.min(a.length, b.length); k++) if (a[k] !== b[k]) return a[k]! - b[k]!;
    return a.length - b.length;
  }
  const x = a instanceof Float ? a.value : (a as number | bigint | boolean);
  const y = b instanceof Float ? b.value : (b as number | bigint | boolean);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** By code points, not by UTF-16 units. */
function compareTexts(a: string, b: string): number {
  const x = Array.from(a);
  const y = Array.from(b);
  for (let k = 0; k < Math.min(x.length, y.length); k++) {
    if (x[k] !== y[k]) return x[k]!.codePointAt(0)! - y[k]!.codePointAt(0)!;
  }
  return x.length - y.length;
}
