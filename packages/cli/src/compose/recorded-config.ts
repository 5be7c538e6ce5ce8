import { join } from "node:path";
import { compose, memorySource } from "@episcope/config";
import { checkConfig, type EpiscopeConfig } from "@episcope/core";
import type { RunReader } from "@episcope/records/store";
import { recordedConfigMissing } from "../terminal/errors.js";
import type { ProgramIo } from "../terminal/io.js";

/** The config that a run was recorded with, from its own files, with overrides of today on top. */
export async function recordedConfig(
  run: RunReader,
  overrides: readonly string[],
  io: ProgramIo,
): Promise<EpiscopeConfig> {
  const file = join(run.dir, ".episcope", "config.lock.json");
  let lock: { readonly config?: unknown };
  try {
    lock = JSON.parse(io.fs.readFileSync(file, "utf8"));
  } catch (cause) {
    throw recordedConfigMissing(file, cause);
  }
  const source = memorySource({ "config.yaml": JSON.stringify(lock.config) }, { label: () => file });
  const { config } = await compose({ source, name: "config", overrides });
  return checkConfig(config);
}
