import { rulesOf } from "../version/rules.js";
import type { VersionBase } from "../version/version-base.js";
import { Tuple, type YamlValue } from "../yaml/construct.js";
import { parseYaml } from "../yaml/parse.js";
import type { ConfigText } from "./config-source.js";
import { configRootInvalid } from "./errors.js";

/** What a text held when it was read last. Texts are replaced, not changed, so an entry never goes stale. */
const read = new WeakMap<ConfigText, YamlValue>();
/** As libyaml reads them. */
const readByLibyaml = new WeakMap<ConfigText, YamlValue>();

/**
 * Reads the text of a config: a mapping or a list. An empty text is an empty mapping, and a lone word a key without
 * a value, as OmegaConf loads them.
 */
export function readConfigValue(text: ConfigText, versionBase: VersionBase): YamlValue {
  const remembered = rulesOf(versionBase).libyaml ? readByLibyaml : read;
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const value = rootOf(parseYaml(text.text, { file: text.label, versionBase }), text, versionBase);
  remembered.set(text, value);
  return value;
}

function rootOf(value: YamlValue, text: ConfigText, versionBase: VersionBase): YamlValue {
  if (value === null) return new Map();
  if (value instanceof Map || Array.isArray(value) || value instanceof Tuple) return value;
  if (typeof value !== "string") throw configRootInvalid(text.label);
  const inner = parseYaml(value, { file: text.label, versionBase });
  if (inner === null) return new Map();
  return typeof inner === "string" ? new Map([[inner, null]]) : rootOf(inner, text, versionBase);
}
