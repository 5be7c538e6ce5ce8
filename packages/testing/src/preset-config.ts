import { composeSync } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { type EpiscopeConfig, presetDirectory } from "@episcope/core";

/** What `conf/config.yaml` composes to with these overrides, in an empty environment. `openRun` checks it. */
export function presetConfig(overrides: readonly string[] = []): EpiscopeConfig {
  const { config } = composeSync({
    source: fileSource(presetDirectory()),
    name: "config",
    overrides,
    env: {},
    now: new Date(0),
  });
  return config as unknown as EpiscopeConfig;
}
