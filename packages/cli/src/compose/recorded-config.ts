import { compose, memorySource, type Resolver } from "@episcope/config";
import {
  type ConfigLock,
  checkConfig,
  type EpiscopeConfig,
  lockFileOf,
  readLock,
  stampByLock,
} from "@episcope/core/config";
import type { RunReader } from "@episcope/records/store";
import { recordedConfigMissing } from "../terminal/errors.js";
import type { ProgramIo } from "../terminal/io.js";
import { secretOf } from "./compose-run.js";

const ENVIRONMENT: Resolver = {
  resolve({ args, context }) {
    const value = context.environment.get(String(args[0]));
    if (value !== undefined || args.length > 1) return value ?? args[1] ?? null;
    throw new Error("not set");
  },
};

/** A variable that is gone is no reason not to show a run. */
function orEmpty(resolver: Resolver): Resolver {
  return {
    ...resolver,
    resolve(call) {
      try {
        return resolver.resolve(call);
      } catch {
        return "";
      }
    },
  };
}

/** The config that a run was recorded with, from its own files, with overrides of today on top. */
export async function recordedConfig(
  run: RunReader,
  overrides: readonly string[],
  io: ProgramIo,
): Promise<EpiscopeConfig> {
  const file = lockFileOf(run.dir);
  let lock: ConfigLock;
  try {
    lock = readLock(io.fs, file);
  } catch (error) {
    throw recordedConfigMissing(file, (error as Error).cause ?? error);
  }
  const source = memorySource({ "config.yaml": JSON.stringify(lock.config) }, { label: () => file });
  // Values that were not kept are asked for again; of a picture's settings none is likely to be among them.
  const resolvers = new Map([
    ["secret", orEmpty(secretOf(io))],
    ["oc.env", orEmpty(ENVIRONMENT)],
  ]);
  const { config } = await compose({ source, name: "config", overrides, env: io.env, resolvers });
  return stampByLock(checkConfig(config), lock);
}
