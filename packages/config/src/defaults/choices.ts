import type { Override } from "../override/override.js";
import { isSweepOverride, keyOf } from "../override/override.js";
import { DictValue, type Element, QuotedString } from "../override/value.js";
import { type Choice, choiceOf, isLiteralChoice } from "./choice-value.js";
import { type Default, GroupDefault } from "./default-entry.js";
import {
  choiceConflict,
  configSuffixRefused,
  deletionWithoutMatch,
  groupForceAdded,
  groupValueInvalid,
  overrideTooEarly,
  overrideWithoutMatch,
} from "./errors.js";
import type { DefaultOrigin } from "./origin.js";
import type { ConfigRepository } from "./repository.js";

interface OverrideOfChoice {
  readonly value: Choice;
  readonly literal: boolean;
  /** Text of the override; undefined when a config overrides it (`override db: x`). */
  readonly text: string | undefined;
  readonly origin: DefaultOrigin | undefined;
  used: boolean;
}

interface Deletion {
  readonly option: string | undefined;
  used: boolean;
}

/** What is chosen in which config group, and by whom: overrides first, then configs, then the defaults lists. */
export class Choices {
  /** Overrides that are not about the defaults list. */
  readonly configOverrides: Override[] = [];
  /** `+group=option`, in order. */
  readonly appended: GroupDefault[] = [];
  /** The option chosen in each group, by override key, in the order in which it became known. */
  readonly known: Map<string, string | null> = new Map();
  readonly #keysOfGroup = new Map<string, Set<string>>();
  readonly #overrides = new Map<string, OverrideOfChoice>();
  readonly #deletions = new Map<string, Deletion>();
  readonly #repository: ConfigRepository;

  constructor(repository: ConfigRepository, overrides: readonly Override[]) {
    this.#repository = repository;
    for (const override of overrides) if (!isSweepOverride(override)) this.#add(override);
  }

  #add(override: Override): void {
    const { rules } = this.#repository;
    if (rules.refusesYml && !override.isValuePath && override.keyOrGroup.endsWith(".yml"))
      throw configSuffixRefused(override.keyOrGroup);
    if (rules.deletesPaths && this.#addPathDeletion(override)) return;
    const value = plainChoice(override.value);
    if (
      override.isValuePath ||
      override.value instanceof DictValue ||
      !this.#repository.hasGroup(override.keyOrGroup)
    ) {
      this.configOverrides.push(override);
    } else if (override.type === "FORCE_ADD") throw groupForceAdded(override.text);
    else if (override.type === "DEL") {
      if (value === undefined || (value !== null && typeof value !== "string"))
        throw groupValueInvalid(override.text, kindOf(override.value));
      this.#deletions.set(this.#keyOf(override), { option: value ?? undefined, used: false });
    } else if (value === undefined || value === null)
      throw groupValueInvalid(override.text, kindOf(override.value));
    else if (override.type === "ADD") {
      this.appended.push(
        new GroupDefault(override.keyOrGroup, choiceOf(value, rules), {
          package: override.package,
          external: true,
          fromRoot: rules.appendsAtRoot,
          literal: isLiteralChoice(value, rules),
        }),
      );
    } else {
      this.#overrides.set(this.#keyOf(override), {
        value: choiceOf(value, rules),
        literal: isLiteralChoice(value, rules),
        text: override.text,
        origin: undefined,
        used: false,
      });
    }
  }

  /** `~group`, also with a mapping as its value, and `~path/config`; everything else is left to others. */
  #addPathDeletion(override: Override): boolean {
    if (override.type !== "DEL" || override.isValuePath) return false;
    const isGroup = this.#repository.hasGroup(override.keyOrGroup);
    if (isGroup && override.value instanceof DictValue) throw groupValueInvalid(override.text, "a mapping");
    if (isGroup || !this.#repository.isConfig(override.keyOrGroup)) return false;
    if (override.value !== null) throw groupValueInvalid(override.text, kindOf(override.value));
    this.#deletions.set(keyOf(override), { option: undefined, used: false });
    return true;
  }

  /** The key of a group override; a package that begins with `_group_` is put in words. */
  #keyOf(override: Override): string {
    const { versionBase, rules } = this.#repository;
    const { package: own } = override;
    if (!rules.groupKeywordFirst || own === undefined || own.split(".", 1)[0] !== "_group_")
      return keyOf(override);
    const entry = new GroupDefault(override.keyOrGroup, null, { package: own });
    entry.setParent("", "", versionBase);
    return entry.overrideKey(versionBase);
  }

  /** Keys of all overrides that are known so far. */
  overrideKeys(): ReadonlySet<string> {
    return new Set(this.#overrides.keys());
  }

  /** An entry `override group: option` of a config. An earlier one wins. */
  addOverride(entry: GroupDefault): void {
    const key = entry.overrideKey(this.#repository.versionBase);
    if (this.#overrides.has(key)) return;
    this.#overrides.set(key, {
      value: entry.value,
      literal: entry.literal,
      text: undefined,
      origin: entry.origin,
      used: false,
    });
  }

  /** Puts the overriding choice into an entry, if there is one. `eligible`: the keys that may override it. */
  apply(entry: Default, eligible?: ReadonlySet<string>): void {
    if (entry.kind !== "group") return;
    const key = entry.overrideKey(this.#repository.versionBase);
    const override = this.#overrides.get(key);
    if (override === undefined || eligible?.has(key) === false) return;
    entry.value = override.value;
    entry.literal = override.literal;
    override.used = true;
  }

  /** Remembers what an entry chooses. Two different choices under one key are a conflict. */
  learn(entry: Default): void {
    if (entry.kind !== "group") return;
    const key = entry.overrideKey(this.#repository.versionBase);
    const known = this.known.get(key);
    if (known === undefined) this.known.set(key, entry.name);
    else if (known !== entry.name) throw choiceConflict(key, known, entry.name, entry.origin);
    const group = entry.groupPath;
    const keys = this.#keysOfGroup.get(group);
    if (keys === undefined) this.#keysOfGroup.set(group, new Set([key]));
    else keys.add(key);
  }

  /** Whether an entry is deleted by `~group` or `~group=option`; says so on the entry. */
  takeDeletion(entry: Default): boolean {
    if (this.#deletions.size === 0) return false;
    if (entry.kind !== "group") return this.#takePathDeletion(entry);
    const deletion = this.#deletions.get(entry.overrideKey(this.#repository.versionBase));
    if (deletion === undefined) return false;
    if (deletion.option !== undefined && deletion.option !== entry.name) return false;
    deletion.used = true;
    entry.deleted = true;
    return true;
  }

  #takePathDeletion(entry: Default): boolean {
    if (!this.#repository.rules.deletesPaths || entry.isSelf) return false;
    const deletion = this.#deletions.get(entry.configPath);
    if (deletion === undefined || deletion.option !== undefined) return false;
    deletion.used = true;
    entry.deleted = true;
    return true;
  }

  /** Whether anything chooses, overrides or deletes an option of Hydra's own groups. */
  concernHydra(): boolean {
    for (const keys of [this.known, this.#overrides, this.#deletions]) {
      for (const key of keys.keys()) if (key.startsWith("hydra")) return true;
    }
    return false;
  }

  /** Every override and every deletion must have met an entry. Gives one error for each that has not. */
  unused(): Error[] {
    const known = [...this.known.keys()];
    const errors: Error[] = [];
    for (const [key, { used, value, text, origin }] of this.#overrides) {
      if (used) continue;
      if (this.#repository.rules.lastOverrideWins && text === undefined) {
        errors.push(overrideTooEarly(key, shown(value), origin));
        continue;
      }
      const matches = [...(this.#keysOfGroup.get(key.split("@", 1)[0]!) ?? [])].sort();
      errors.push(overrideWithoutMatch(key, shown(value), matches, known, origin, text));
    }
    for (const [key, { used, option }] of this.#deletions) {
      if (!used) errors.push(deletionWithoutMatch(key, option, known));
    }
    return errors;
  }
}

function shown(value: Choice): string {
  return value === null ? "null" : typeof value === "string" ? value : `[${value.join(",")}]`;
}

/** The value of an override as a choice: a text, a list of texts, null; undefined for anything else. */
function plainChoice(value: Element): Choice | undefined {
  if (value === null || typeof value === "string") return value;
  if (value instanceof QuotedString) return value.text;
  if (!Array.isArray(value)) return undefined;
  const items = (value as readonly Element[]).map((item) =>
    item instanceof QuotedString ? item.text : item,
  );
  // Items that are no texts are refused when the entry is expanded: another entry may be wrong before it.
  return items as readonly string[];
}

function kindOf(value: Element): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "boolean" ? `the boolean ${value}` : `'${String(value)}'`;
}
