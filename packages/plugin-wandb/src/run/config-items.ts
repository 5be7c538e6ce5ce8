import type { PlainObject, PlainValue } from "@episcope/records";
import { stringifyExtended } from "../format/extended-json.js";
import type { WandbItem } from "../format/wandb-records.js";

/** Names under which people keep what must not leave the machine. */
const SECRET_NAME = /(^|[_-])(api_?key|access_?key|private_?key|token|password|passwd|secret)$/i;
const MASK = "(masked)";

/**
 * The composed config as W&B config items, one per top-level key, with `config_hash` beside them. The config goes to
 * a third party on upload, so strings under names like `api_key` or `token` are masked.
 */
export function configItems(config: PlainObject, configHash: string): WandbItem[] {
  const items = Object.entries(config)
    .filter(([key]) => key !== "")
    .map(([key, value]) => ({ key, json: stringifyExtended(masked(key, value)) }));
  if (!Object.hasOwn(config, "config_hash")) {
    items.push({ key: "config_hash", json: stringifyExtended(configHash) });
  }
  return items;
}

function masked(key: string, value: PlainValue): PlainValue {
  if (typeof value === "string") return SECRET_NAME.test(key) && value !== "" ? MASK : value;
  if (Array.isArray(value)) return value.map((member) => masked(key, member));
  if (typeof value !== "object" || value === null) return value;
  // From entries, because assigning a key named "__proto__" would lose it.
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(name, member)]));
}
