import { resolve } from "node:path";
import { type Composition, savedData, savedOrigins } from "@episcope/config";
import { type ConfigLock, type LockCommand, lockFileOf, makeLock, readLock } from "@episcope/core/config";
import { configDrifted, type Drift, lockMissing } from "../terminal/errors.js";
import type { ProgramIo } from "../terminal/io.js";
import { type ComposeFlags, commandOf, composeConfig } from "./compose-run.js";
import { flatValues } from "./flat-values.js";

export interface LockedFlags extends ComposeFlags {
  /** A run or a lock file that the config must agree with. */
  readonly locked?: string;
}

interface FoundLock {
  readonly file: string;
  readonly lock: ConfigLock;
}

/** The lock file that a word names: a run, or the file itself; undefined where it names neither. */
export function lockFileAt(word: string, io: ProgramIo): string | undefined {
  const path = resolve(io.cwd, word);
  return [path, lockFileOf(path)].find((file) => io.fs.existsSync(file) && io.fs.statSync(file).isFile());
}

/** @throws UsageError CLI_LOCK_MISSING; EpiscopeError RUN_CONFIG_MISSING */
export function lockAt(word: string, io: ProgramIo): FoundLock {
  const file = lockFileAt(word, io);
  if (file === undefined) throw lockMissing(word);
  return { file, lock: readLock(io.fs, file) };
}

/** The lock of a run with this config. */
export function lockOf(
  composition: Composition<unknown>,
  composedAt: Date,
  command: LockCommand,
): ConfigLock {
  const config = composition.config as object;
  const origins = savedOrigins(config);
  const { task } = composition.overrides;
  return makeLock(savedData(config)!, { overrides: task, origins, composedAt, command });
}

/**
 * Composes as a verb would, at the moment of the lock that `--locked` names, and compares.
 * @throws EpiscopeError CLI_CONFIG_DRIFTED with every value that differs and the places that it comes from.
 */
export async function checkLocked(
  verb: string,
  words: readonly string[],
  flags: LockedFlags,
  io: ProgramIo,
): Promise<void> {
  if (flags.locked === undefined) return;
  await refuseDrift(lockAt(flags.locked, io), { verb, words, flags, shown: flags.locked }, io);
}

interface Compared {
  readonly verb: string;
  readonly words: readonly string[];
  readonly flags: ComposeFlags;
  /** The lock's name in messages. */
  readonly shown: string;
}

/** The same for a lock that has been read. */
export async function refuseDrift(
  { lock }: FoundLock,
  { verb, words, flags, shown }: Compared,
  io: ProgramIo,
): Promise<void> {
  const at = momentOf(lock);
  const composition = await composeConfig<unknown>(verb, words, flags, io, at);
  const drift = driftOf(lock, lockOf(composition, at, commandOf(verb, flags)));
  if (drift.length > 0) throw configDrifted(shown, drift);
}

function momentOf({ composed }: ConfigLock): Date {
  const at = new Date(composed);
  return Number.isNaN(at.getTime()) ? new Date() : at;
}

function driftOf(locked: ConfigLock, today: ConfigLock): Drift[] {
  const [before, after] = [flatValues(locked.config), flatValues(today.config)];
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  return keys.flatMap((key) => {
    const [was, is] = [before.get(key), after.get(key)];
    if (was === is) return [];
    return [
      {
        key,
        ...(was === undefined ? {} : { locked: { value: was, origin: locked.origins?.[key] ?? "" } }),
        ...(is === undefined ? {} : { now: { value: is, origin: today.origins?.[key] ?? "" } }),
      },
    ];
  });
}
