import { treeOf } from "../defaults/config-tree.js";
import { ConfigDefault } from "../defaults/default-entry.js";
import type { ConfigRepository, LoadedConfig } from "../defaults/repository.js";
import { parseOverride } from "../override/parse-override.js";
import { DictNode, isContainer, ValueNode } from "../tree/node.js";
import { aliasInvalid } from "./errors.js";

/** Short names of keys (`lr: opt.lr`) and of overrides (`fast: opt.lr=9`) by `hydra.aliases`. */
export type OverrideAliases = ReadonlyMap<string, string>;

const NONE: OverrideAliases = new Map();

/** The aliases that a primary config defines; none where its package is not the root. */
export function overrideAliases(repository: ConfigRepository, name: string | undefined): OverrideAliases {
  if (name === undefined || !repository.rules.overrideAliases) return NONE;
  const loaded = repository.load(name);
  if (loaded === undefined || packageOf(name, loaded, repository) !== "") return NONE;
  const root = treeOf(loaded);
  const hydra = root instanceof DictNode ? root.peek("hydra") : undefined;
  if (hydra === undefined) return NONE;
  if (hydra.isInterpolation) throw aliasInvalid("hydra", "must be written out where it defines aliases");
  const definitions = hydra instanceof DictNode ? hydra.peek("aliases") : undefined;
  if (definitions === undefined || definitions.isMissing) return NONE;
  if (definitions.isInterpolation || !(definitions instanceof DictNode))
    throw aliasInvalid("hydra.aliases", "must be a mapping that is written out");
  return aliasesOf(definitions);
}

function packageOf(name: string, loaded: LoadedConfig, { versionBase }: ConfigRepository): string {
  const entry = new ConfigDefault(name);
  entry.setParent("", "", versionBase);
  entry.setPackageHeader(loaded.header, versionBase);
  return entry.finalPackage(versionBase);
}

function aliasesOf(definitions: DictNode): OverrideAliases {
  const aliases = new Map<string, string>();
  for (const child of definitions.children()) {
    const names = child.key;
    const target = child instanceof ValueNode && !isContainer(child) ? child.value : undefined;
    if (typeof names !== "string" || typeof target !== "string" || target.includes("${"))
      throw aliasInvalid(String(names), "must be a text that stands for a text without interpolations");
    checkTarget(names, target);
    for (const name of names.split(",").map((part) => part.trim())) {
      const { prefix, value } = splitOverride(name);
      if (name === "" || prefix !== "" || value !== "") throw aliasInvalid(names, "is no key of an override");
      parseOr(names, `${name}=null`);
      if (aliases.has(name)) throw aliasInvalid(name, "is defined twice");
      aliases.set(name, target);
    }
  }
  return aliases;
}

function checkTarget(name: string, target: string): void {
  const { value } = splitOverride(target);
  const { type } = parseOr(name, value === "" ? `${target}=null` : target);
  if (value === "" && type !== "CHANGE")
    throw aliasInvalid(name, "stands for a key, and a key has no sign before it");
}

function parseOr(name: string, text: string): ReturnType<typeof parseOverride> {
  try {
    return parseOverride(text, { versionBase: "1.4" });
  } catch (error) {
    throw aliasInvalid(name, `cannot be read: ${(error as Error).message}`);
  }
}

/** An override with its alias replaced; others as they are. */
export function expandAlias(aliases: OverrideAliases, text: string): string {
  if (aliases.size === 0) return text;
  const { prefix, key, value } = splitOverride(text);
  const target = aliases.get(key);
  if (target === undefined) return text;
  const meant = splitOverride(target);
  if (meant.value !== "") return value === "" ? (prefix || meant.prefix) + meant.key + meant.value : text;
  if (value === "" && prefix !== "~") throw aliasInvalid(key, `needs a value: '${key}=...'`);
  return prefix + target + value;
}

/** The sign, the key as it is spelled, and the value with its `=`. */
function splitOverride(text: string): { prefix: string; key: string; value: string } {
  const [, prefix = "", key = "", value = ""] = /^(\+\+|\+|~)?((?:\\.|[^=])*)(=.*)?$/s.exec(text) ?? [];
  return { prefix, key, value };
}

/** The aliases as `--help` and `--info` tell them; empty where there is none. */
export function describeAliases(aliases: OverrideAliases): string {
  if (aliases.size === 0) return "";
  const rows = [...aliases].map(([name, target]) => {
    const { value } = splitOverride(target);
    return `${name} -> ${value === "" ? `${target}=<value>` : target}\n`;
  });
  return `== Override aliases ==\n\n${rows.join("")}`;
}
