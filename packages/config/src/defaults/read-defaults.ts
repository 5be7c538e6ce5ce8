import type { ConfigText } from "../source/config-source.js";
import { rulesOf } from "../version/rules.js";
import type { VersionBase } from "../version/version-base.js";
import { Tuple, type YamlValue } from "../yaml/construct.js";
import { choiceOf, isLiteralChoice } from "./choice-value.js";
import { ConfigDefault, type Default, GroupDefault } from "./default-entry.js";
import { defaultsEntryInvalid, defaultsListInvalid } from "./errors.js";
import { DefaultOrigin } from "./origin.js";

interface ReadDefaultsOptions {
  /** Name of the config that holds the list. */
  readonly config: string;
  /** Its text, for positions; undefined for a stored config. */
  readonly text: ConfigText | undefined;
  readonly versionBase: VersionBase;
}

/** Reads the value of the key `defaults` of a config. Every call returns new entries: composing changes them. */
export function readDefaults(value: YamlValue | undefined, options: ReadDefaultsOptions): Default[] {
  if (value === undefined) return [];
  const { config, text } = options;
  const items = value instanceof Tuple ? value.items : value;
  if (!Array.isArray(items))
    throw defaultsListInvalid(new DefaultOrigin(config, text, undefined), kindOf(value));
  return (items as readonly YamlValue[]).map((item, index) =>
    readEntry(item, new DefaultOrigin(config, text, index), options.versionBase),
  );
}

function readEntry(item: YamlValue, origin: DefaultOrigin, versionBase: VersionBase): Default {
  const rules = rulesOf(versionBase);
  if (typeof item === "string") {
    const literal = isLiteralChoice(item, rules);
    const { path, packageName } = splitPackage(literal ? item.slice(1) : item);
    if (path === "_self_" && packageName !== undefined) {
      throw defaultsEntryInvalid(origin, "_self_ takes no package", "Write _self_ alone.");
    }
    return new ConfigDefault(path, { package: packageName, origin, literal });
  }
  if (!(item instanceof Map)) {
    throw defaultsEntryInvalid(
      origin,
      `an entry cannot be ${kindOf(item)}`,
      "Write 'group: option', or the name of a config.",
    );
  }
  let keys = [...item.keys()];
  let optional: unknown;
  if (versionBase === "1.1" && keys.length > 1 && item.has("optional")) {
    optional = item.get("optional");
    keys = keys.filter((key) => key !== "optional");
  }
  const [key] = keys;
  if (keys.length !== 1 || typeof key !== "string") {
    const problem =
      keys.length > 1
        ? `has ${keys.length} keys (${keys.join(", ")})`
        : "needs the name of a config group as its key";
    throw defaultsEntryInvalid(
      origin,
      `an entry ${problem}`,
      "Give every group an entry of its own, with '-' before it.",
    );
  }
  const { path, packageName } = splitPackage(key);
  const words = rules.checksKeywords ? path.split(/\s+/).filter((word) => word !== "") : path.split(" ");
  const group = words.pop() ?? "";
  if (group === "")
    throw defaultsEntryInvalid(origin, "an entry needs the name of a config group", "Write 'group: option'.");
  if (rules.checksKeywords) checkKeywords(words, origin);
  const option = optionOf(item.get(key), origin);
  const entry = new GroupDefault(group, choiceOf(option, rules), {
    package: packageName,
    origin,
    literal: isLiteralChoice(option, rules),
    ...keywords(words, optional),
  });
  if (rules.splitsOptions) entry.splitOption();
  return entry;
}

function checkKeywords(words: readonly string[], origin: DefaultOrigin): void {
  const odd = words.find((word) => word !== "optional" && word !== "override");
  const hint = "Write 'group: option', 'optional group: option' or 'override group: option'.";
  if (odd !== undefined)
    throw defaultsEntryInvalid(origin, `'${odd}' before the name of a group means nothing`, hint);
  if (words.includes("optional") && words.includes("override"))
    throw defaultsEntryInvalid(origin, "'optional' and 'override' cannot stand together", hint);
}

/** `optional` and `override` before the name of the group; the first other word ends them. */
function keywords(words: readonly string[], optional: unknown): { optional: boolean; override: boolean } {
  const found = { optional: optional === true, override: false };
  for (const word of words) {
    if (word === "optional") found.optional = true;
    else if (word === "override") found.override = true;
    else break;
  }
  return found;
}

function optionOf(value: YamlValue | undefined, origin: DefaultOrigin): string | readonly string[] | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  const items = value instanceof Tuple ? value.items : value;
  if (Array.isArray(items)) {
    const options = items as readonly YamlValue[];
    const odd = options.find((option) => typeof option !== "string");
    if (odd === undefined) return options as readonly string[];
    throw defaultsEntryInvalid(
      origin,
      `an option cannot be ${kindOf(odd)}`,
      "Quote an option whose name reads as a number or a boolean.",
    );
  }
  throw defaultsEntryInvalid(
    origin,
    `an option cannot be ${kindOf(value)}`,
    "Quote an option whose name reads as a number or a boolean.",
  );
}

function splitPackage(text: string): { path: string; packageName: string | undefined } {
  const at = text.indexOf("@");
  if (at === -1) return { path: text, packageName: undefined };
  // group@from:to was a rename in old versions; what follows the colon is ignored.
  return { path: text.slice(0, at), packageName: text.slice(at + 1).split(":", 1)[0]! };
}

function kindOf(value: YamlValue): string {
  if (value === null) return "null";
  if (value instanceof Map) return "a mapping";
  if (Array.isArray(value) || value instanceof Tuple) return "a list";
  if (typeof value === "string") return `the text '${value}'`;
  return typeof value === "boolean" ? `the boolean ${value}` : `${String(value)}`;
}
