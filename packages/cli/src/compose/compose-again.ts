import { resolve } from "node:path";
import { composeSync, memorySource, savedOrigins } from "@episcope/config";
import type { ConfigLock, EpiscopeConfig, LockCommand } from "@episcope/core";
import type { ProgramIo } from "../terminal/io.js";
import { type Composed, type ComposeFlags, composedRun, composingOf, hideVariables } from "./compose-run.js";

/** The name under which a lock stands among the configs. */
const LOCK_CONFIG = "config.lock";
/** `key=value` or `++key=value`, and so on. */
const OVERRIDE = /^(?<sign>\+\+|\+|~)?(?<key>[^=@]+)(?<rest>.*)$/s;

/**
 * The config of a lock once more, with overrides of today on top; variables of the environment change nothing in it. A choice
 * (`visualization=debug_full`) replaces what the group had, but for the keys that the lock's own overrides set. A name that the
 * run was given is free again.
 */
export function composeAgain<T extends EpiscopeConfig>(
  lock: ConfigLock,
  { file, command, words, flags }: Rerun,
  io: ProgramIo,
): Composed<T> {
  const composedAt = new Date();
  const { options } = composingOf(command.verb, words, flags, io, composedAt);
  const sources = [options.source].flat();
  const config = { defaults: ["_self_"], ...withoutName(lock.config) };
  const own = memorySource({ [`${LOCK_CONFIG}.yaml`]: JSON.stringify(config) }, { label: () => file });
  const isGroup = (name: string): boolean => sources.some((source) => source.isGroup(name));
  const overrides = words.flatMap((word) => asAppended(word, lock.overrides, isGroup));
  const composition = composeSync<T>({ ...options, source: [own, ...sources], name: LOCK_CONFIG, overrides });
  hideVariables(composition, io);
  const places = Object.entries(savedOrigins(composition.config as object));
  const origins = places.map(([key, place]) => [
    key,
    place.startsWith(resolve(file)) ? (lock.origins?.[key] ?? place) : place,
  ]);
  return composedRun(composition, command.verb, io, {
    composedAt,
    command,
    overrides: [...lock.overrides.filter((text) => !words.some((word) => replaces(word, text))), ...words],
    origins: Object.fromEntries(origins),
  });
}

export interface Rerun {
  /** Of the lock. */
  readonly file: string;
  /** How the run was made. */
  readonly command: LockCommand;
  /** Overrides of today. */
  readonly words: readonly string[];
  readonly flags: ComposeFlags;
}

function withoutName(config: ConfigLock["config"]): object {
  const { storage } = config;
  return typeof storage === "object" && storage !== null
    ? { ...config, storage: { ...storage, run_name: null } }
    : config;
}

/** A lock has no defaults list: what chooses an option is appended, and what was set in the group is set again. */
function asAppended(word: string, before: readonly string[], isGroup: (name: string) => boolean): string[] {
  const { sign, key = "", rest = "" } = OVERRIDE.exec(word)?.groups ?? {};
  if (sign !== undefined || !rest.startsWith("=") || !isGroup(key)) return [word];
  const inside = before.filter((text) =>
    OVERRIDE.exec(text)?.groups?.["key"]?.startsWith(`${key.replaceAll("/", ".")}.`),
  );
  return [
    `+${word}`,
    ...inside.map((text) => (text.startsWith("~") ? text : `++${text.replace(/^\++/, "")}`)),
  ];
}

/** Whether an override says anew what another one said. */
function replaces(word: string, other: string): boolean {
  const keyOf = (text: string): string | undefined => OVERRIDE.exec(text)?.groups?.["key"];
  return keyOf(word) === keyOf(other);
}
