import type { PlainObject } from "@episcope/records";
import { maskSecrets } from "@episcope/tracker";
import { stringifyExtended } from "../format/extended-json.js";
import type { WandbItem } from "../format/wandb-records.js";

/** Key of the composed config: what an agent is made of stands beside it, not among it. */
const OWN_KEY = "episcope";

/**
 * The composed config as one W&B config item, with `config_hash` beside it. It goes to a third party on upload, so strings
 * under names like `api_key` or `token` are masked.
 */
export function configItems(config: PlainObject, configHash: string): WandbItem[] {
  return [
    { key: OWN_KEY, json: stringifyExtended(maskSecrets(config)) },
    { key: "config_hash", json: stringifyExtended(configHash) },
  ];
}

/** What the producer says of itself, one item per top-level key: W&B's hyper-parameters. Masked like the config. */
export function hyperparameterItems(meta: PlainObject): WandbItem[] {
  return Object.entries(maskSecrets(meta))
    .filter(([key]) => key !== "" && key !== OWN_KEY && key !== "config_hash" && key !== "model_topology")
    .map(([key, value]) => ({ key, json: stringifyExtended(value) }));
}
