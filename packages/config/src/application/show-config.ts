import type { Composition } from "../compose/composition.js";
import { formatRaw } from "../tree/repr.js";
import { packageNotFound } from "./errors.js";

export interface ShowConfigOptions {
  readonly part: "job" | "hydra" | "all";
  readonly resolve?: boolean;
  /** Key of what is printed; `_global_` is everything. */
  readonly package?: string | undefined;
}

/** What `--cfg` prints: letter for letter Hydra's. @throws EpiscopeError CONFIG_PACKAGE where there is no such key. */
export function showConfig(composition: Composition<unknown>, options: ShowConfigOptions): string {
  const { part, resolve = false } = options;
  const key = options.package === "_global_" ? undefined : options.package;
  const yaml = { part, ...(resolve ? { resolve, keepMissing: true } : {}) };
  if (key === undefined) return composition.toYaml(yaml);
  const found = composition.partOf(part, key);
  if (found === undefined || found === null) throw packageNotFound(key);
  if (found !== "container") return `${formatRaw(found.value)}\n`;
  return `# @package ${key}\n${composition.toYaml({ ...yaml, package: key })}`;
}
