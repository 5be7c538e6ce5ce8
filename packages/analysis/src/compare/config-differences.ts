import { join } from "node:path";
import type { PlainObject, PlainValue } from "@episcope/records";
import type { FileSystem } from "@episcope/records/store";

/** A key whose value differs; undefined where one config does not have it. */
export interface ConfigDifference {
  readonly key: string;
  readonly a: PlainValue | undefined;
  readonly b: PlainValue | undefined;
}

/** What differs in the configs that two runs were recorded with, in the order of keys; empty where one kept none. */
export function configDifferences(fs: FileSystem, dirA: string, dirB: string): ConfigDifference[] {
  const a = configOf(fs, dirA);
  const b = configOf(fs, dirB);
  if (a === null || b === null) return [];
  const keys = [...new Set([...a.keys(), ...b.keys()])].sort();
  return keys.flatMap((key) => {
    const [inA, inB] = [a.get(key), b.get(key)];
    return JSON.stringify(inA) === JSON.stringify(inB) ? [] : [{ key, a: inA, b: inB }];
  });
}

/** Null where the run has no lock file that can be read. */
function configOf(fs: FileSystem, dir: string): Map<string, PlainValue> | null {
  try {
    const lock = JSON.parse(
      fs.readFileSync(join(dir, ".episcope", "config.lock.json"), "utf8"),
    ) as PlainObject;
    const leaves = new Map<string, PlainValue>();
    collect(lock["config"], "", leaves);
    return leaves;
  } catch {
    return null;
  }
}

function collect(value: PlainValue | undefined, path: string, leaves: Map<string, PlainValue>): void {
  if (value === undefined) return;
  if (
    typeof value !== "object" ||
    value === null ||
    Array.isArray(value) ||
    Object.keys(value).length === 0
  ) {
    leaves.set(path, value);
    return;
  }
  for (const [key, member] of Object.entries(value))
    collect(member as PlainValue, path === "" ? key : `${path}.${key}`, leaves);
}
