import { compose, memorySource } from "@episcope/config";
import type { FileSystem } from "@episcope/records/store";
import { checkConfig } from "../config/check-config.js";
import type { EpiscopeConfig } from "../config/types.js";
import { lockFileOf, readLock, stampByLock } from "./lock-file.js";

export interface RecordedConfig {
  readonly config: EpiscopeConfig;
  /** Of the run, when it was recorded. */
  readonly configHash: string;
}

/** The config that a run was recorded with, from its own files, with overrides of today on top. Throws RUN_CONFIG_MISSING. */
export async function recordedConfig(
  fs: FileSystem,
  runDir: string,
  overrides: readonly string[] = [],
): Promise<RecordedConfig> {
  const file = lockFileOf(runDir);
  const lock = readLock(fs, file);
  const source = memorySource({ "config.yaml": JSON.stringify(lock.config) }, { label: () => file });
  const { config } = await compose({ source, name: "config", overrides });
  return { config: stampByLock(checkConfig(config), lock), configHash: String(lock.config_hash) };
}
