import type { PlainObject, PlainValue } from "@episcope/records";
import { maskSecrets } from "@episcope/tracker";
import type { Hyperparameter } from "./format/events.js";

/** The numbers, texts and truth values of nested data, by dotted names; secrets are masked, lists of objects left out. */
export function hyperparametersOf(meta: PlainObject): Map<string, Hyperparameter> {
  const found = new Map<string, Hyperparameter>();
  collect(maskSecrets(meta), "", found);
  return found;
}

function collect(value: PlainObject, prefix: string, found: Map<string, Hyperparameter>): void {
  for (const [key, member] of Object.entries(value)) {
    if (key === "model_topology") continue;
    const name = `${prefix}${key}`;
    if (isScalar(member)) found.set(name, member);
    else if (Array.isArray(member)) {
      if (member.every(isScalar)) found.set(name, JSON.stringify(member));
    } else if (member !== null) collect(member as PlainObject, `${name}.`, found);
  }
}

function isScalar(value: PlainValue): value is Hyperparameter {
  return ["number", "string", "boolean"].includes(typeof value);
}
