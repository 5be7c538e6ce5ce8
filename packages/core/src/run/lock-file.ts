import { join } from "node:path";
import type { PlainObject } from "@episcope/records";
import type { FileSystem } from "@episcope/records/store";
import { stampConfig } from "../config/stamp-config.js";
import type { EpiscopeConfig } from "../config/types.js";
import { recordedConfigMissing } from "../contract/errors.js";
import type { RunIdentity } from "../contract/roles.js";
import { configHash, plainConfig } from "../host/config-hash.js";
import type { SavedConfig } from "./run-files.js";

/** Version of `.episcope/config.lock.json`. */
export const LOCK_VERSION = 1;

/** How the program `episcope` was called, so that a run can be composed again from its files. */
export interface LockCommand {
  /** `play` or `record`. */
  readonly verb: string;
  readonly config_name: string;
  /** As they were typed. */
  readonly config_path?: string;
  readonly config_dir?: string;
}

/** What `.episcope/config.lock.json` holds: enough to run again, and to see what has changed since. */
export interface ConfigLock {
  readonly version: number;
  /** The name of the run; none in a lock that was made without one. */
  readonly run?: string;
  /** ISO 8601: when the run began, which `{timestamp}` in `storage.episode_dir_format` stands for; none without a run. */
  readonly started?: string;
  /** ISO 8601: what `${now:…}` was made of. */
  readonly composed: string;
  readonly config_hash: string;
  /** Those of the task, as typed. */
  readonly overrides: readonly string[];
  /**
   * Resolved, but for values of the environment and secrets, which stand as they were written, and numbers that JSON does not
   * know (`lockValues`); without `hydra`.
   */
  readonly config: PlainObject;
  /** The file and line, or the override, that each value came from, by dotted key. */
  readonly origins?: { readonly [key: string]: string };
  readonly command?: LockCommand;
}

/** @param composed What may be kept of a composed config (`savedData`). */
export function makeLock(
  composed: object,
  { overrides = [], origins, command, composedAt = new Date() }: SavedConfig,
  run?: Pick<RunIdentity, "name" | "startTime">,
): ConfigLock {
  const config = plainConfig(composed);
  const { hydra: _hydra, ...own } = config;
  return {
    version: LOCK_VERSION,
    ...(run === undefined ? {} : { run: run.name, started: isoTime(run.startTime) }),
    composed: composedAt.toISOString(),
    config_hash: configHash(config),
    overrides,
    config: lockValues(own) as PlainObject,
    ...(origins === undefined ? {} : { origins }),
    ...(command === undefined ? {} : { command }),
  };
}

/**
 * A config's values as a lock holds them: JSON knows no NaN and no infinity, so `.inf` is `${oc.decode:'inf'}`, which gives the
 * number again wherever the lock is composed.
 */
export function lockValues(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) {
    return `\${oc.decode:'${Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf"}'}`;
  }
  if (Object.is(value, -0)) return "${oc.decode:'-0.0'}";
  if (Array.isArray(value)) return value.map(lockValues);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, lockValues(member)]));
}

function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** The config with the run's start in the place of `{timestamp}`, where the lock knows that. */
export function stampByLock(config: EpiscopeConfig, { started }: ConfigLock): EpiscopeConfig {
  const time = Date.parse(started ?? "") / 1000;
  return Number.isNaN(time) ? config : stampConfig(config, time);
}

export function lockText(lock: ConfigLock): string {
  return `${JSON.stringify(lock, null, 2)}\n`;
}

/** Where a run has its lock. */
export function lockFileOf(runDir: string): string {
  return join(runDir, ".episcope", "config.lock.json");
}

/** Reads a lock file. Throws RUN_CONFIG_MISSING. */
export function readLock(fs: FileSystem, file: string): ConfigLock {
  try {
    const lock = JSON.parse(fs.readFileSync(file, "utf8")) as Partial<ConfigLock> | null;
    if (!isObject(lock?.config)) throw new Error("it holds no config");
    if (Number(lock.version) > LOCK_VERSION)
      throw new Error(`it is of version ${lock.version}, which is newer`);
    return {
      ...(lock as ConfigLock),
      overrides: Array.isArray(lock.overrides) ? lock.overrides.map(String) : [],
    };
  } catch (cause) {
    throw recordedConfigMissing(file, cause);
  }
}

function isObject(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
