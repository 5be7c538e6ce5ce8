import { stampFormat } from "@episcope/records/store";
import type { EpiscopeConfig } from "./types.js";

/**
 * The config of a run that begins, or began, at `startTime` (seconds since 1970): `{timestamp}` in
 * `storage.episode_dir_format` stands for that time. What a run saves keeps `{timestamp}`, so that it hashes like the next.
 */
export function stampConfig(config: EpiscopeConfig, startTime: number): EpiscopeConfig {
  const { storage } = config;
  const format = stampFormat(storage.episode_dir_format, startTime);
  if (format === storage.episode_dir_format) return config;
  return { ...config, storage: { ...storage, episode_dir_format: format } };
}
