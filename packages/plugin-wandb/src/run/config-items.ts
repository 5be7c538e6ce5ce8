import type { PlainObject, PlainValue } from "@episcope/records";
import { stringifyExtended } from "../format/extended-json.js";
import type { WandbItem } from "../format/wandb-records.js";

/** Names under which people keep what must not leave the machine. */
const SECRET_NAME = /(^|[_-])(api_?key|access_?key|private_?key|token|password|passwd|secret)$/i;
const MASK = "(masked)";

/** Key of the composed config: what an agent is made of stands beside it, not among it. */
const OWN_KEY = "episcope";

/**
 * The composed config as one W&B config item, with `config_hash` beside it. It goes to a third party on upload, so strings
 * under names like `api_key` or `token` are masked.
 */
export function configItems(config: PlainObject, configHash: string): WandbItem[] {
  return [
    { key: OWN_KEY, json: stringifyExtended(masked(OWN_KEY, config)) },
    { key: "config_hash", json: stringifyExtended(configHash) },
  ];
}

/** What the producer says of itself, one item per top-level key: W&B's hyper-parameters. Masked like the config. */
export function hyperparameterItems(meta: PlainObject): WandbItem[] {
  return Object.entries(meta)
    .filter(([key]) => key !== "" && key !== OWN_KEY && key !== "config_hash" && key !== "model_topology")
    .map(([key, value]) => ({ key, json: stringifyExtended(masked(key, value)) }));
}

function masked(key: string, value: PlainValue): PlainValue {
  if (typeof value === "string") return SECRET_NAME.test(key) && value !== "" ? MASK : value;
  if (Array.isArray(value)) return value.map((member) => masked(key, member));
  if (typeof value !== "object" || value === null) return value;
  // From entries, because assigning a key named "__proto__" would lose it.
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, masked(name, member)]));
}
