import nodeFs from "node:fs";
import { type CreateConfigOptions, create } from "../omegaconf/create-config.js";
import { toYaml } from "../omegaconf/output.js";
import type { ContainerNode } from "../tree/node.js";

/** Reads a config from a YAML file, as `OmegaConf.load` does; values know their file and line. */
export function loadConfig(path: string, options: Omit<CreateConfigOptions, "file"> = {}): ContainerNode {
  return create(nodeFs.readFileSync(path, "utf8"), { ...options, file: path });
}

/** Writes a config to a YAML file, as `OmegaConf.save` does. `resolve`: whether interpolations are. Default: false. */
export function saveConfig(
  config: ContainerNode,
  path: string,
  options: { readonly resolve?: boolean } = {},
): void {
  nodeFs.writeFileSync(path, toYaml(config, options));
}
