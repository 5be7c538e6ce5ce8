import { type KeyDecision, rewriteKeys } from "@episcope/config/edit";
import { parseYaml } from "@episcope/config/yaml";
import { decideKey, isMigrated } from "./ancestor-keys.js";
import { inFile } from "./in-file.js";

/** Files of a config folder by their path in it. */
export type ConfigTree = ReadonlyMap<string, string>;

/** Where the nodes of a group of the ancestor stand here. */
const PACKAGES: Readonly<Record<string, string>> = { logging: "logging", wandb: "logging.wandb" };
const GROUPS = ["visualization", "logging", "storage"];
/** What the presets' own primary config chooses. */
const USUAL = /^(debug_)?standard$|^local_only$|^development$/;
const PACKAGE = /^#\s*@package\s+\S+/m;
const GROUP_ENTRY = /^(\s*)- (?:override )?\/(visualization|storage|logging): (.*)$/;

/**
 * A config folder of the ancestor as one for `--config-path`: its files about pictures, logs and storage say the same in the
 * keys of today, what they lack comes from the presets, and all others stay as they are. A tree of today stays as it is.
 */
export function migrateTree(old: ConfigTree, presets: ConfigTree): ConfigTree {
  const result = new Map<string, string>();
  for (const [path, text] of old)
    result.set(path, path.endsWith(".yaml") ? migrateFile(path, text, presets) : text);
  for (const [path, text] of presets) {
    const isNeeded = /^(play|record|config)\.yaml$|\/base\.yaml$/.test(path);
    if (isNeeded && !result.has(path)) result.set(path, text);
  }
  for (const [path, text] of result) if (!path.includes("/")) result.set(path, withGroups(text, result));
  return result;
}

function migrateFile(path: string, text: string, presets: ConfigTree): string {
  const [group = "", ...below] = path.split("/");
  if (below.length === 0 || !isMigrated(group) || below.at(-1) === "base.yaml") return text;
  const known = knownKeys(group, presets);
  const decide = (key: string, isMapping: boolean): KeyDecision => decideKey(group, key, isMapping, known);
  const rewritten = inFile(path, () => rewriteKeys(text, decide));
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = withPackage(rewritten, PACKAGES[group], eol).split(eol);
  return (group === "debug" ? overriding(lines) : onBase(lines, group)).join(eol);
}

/** The keys that a group has, from the presets. */
function knownKeys(
  group: string,
  presets: ConfigTree,
): (key: string) => "open" | "mapping" | "value" | undefined {
  const home = PACKAGES[group] ?? group;
  const [file, ...inside] = home.split(".");
  const base: unknown = presets.has(`${file}/base.yaml`)
    ? parseYaml(presets.get(`${file}/base.yaml`)!)
    : new Map();
  return (key) => {
    let node = base;
    for (const step of [...inside, ...key.split(".")]) {
      if (!(node instanceof Map) || !node.has(step)) return undefined;
      node = node.get(step);
    }
    if (!(node instanceof Map)) return "value";
    const isOpen = node.size === 0 || [...node.values()].every((value) => value instanceof Map);
    return isOpen ? "open" : "mapping";
  };
}

function withPackage(text: string, name: string | undefined, eol: string): string {
  if (name === undefined) return text;
  const header = `# @package ${name}`;
  if (PACKAGE.test(text)) return text.replace(PACKAGE, header);
  return name.includes(".") ? `${header}${eol}${text}` : text;
}

/** Where the comment that a file begins with ends. */
function behindHeader(lines: readonly string[]): number {
  let at = 0;
  while (lines[at]?.startsWith("#") === true) at += 1;
  return at;
}

/** An option of a group stands on the group's base values. */
function onBase(lines: readonly string[], group: string): readonly string[] {
  if (group === "wandb") return lines;
  const start = lines.findIndex((line) => line.startsWith("defaults:"));
  const base = ["defaults:", "  - base", "  - _self_"];
  if (start === -1) {
    const at = behindHeader(lines);
    return [
      ...lines.slice(0, at),
      ...(at === 0 ? [] : [""]),
      ...base,
      ...(lines[at] === "" ? [] : [""]),
      ...lines.slice(at),
    ];
  }
  let end = start + 1;
  while (/^\s*-/.test(lines[end] ?? "")) end += 1;
  const entries = lines.slice(start + 1, end);
  if (!entries.some((line) => GROUP_ENTRY.test(line))) return lines;
  const chosen = entries.map((line) =>
    line.replace(GROUP_ENTRY, "$1# (no group sets another's keys: choose $2=$3 beside it)"),
  );
  const others = chosen.filter((line) => !/^\s*- (base|_self_)\s*$/.test(line));
  return [...lines.slice(0, start), base[0]!, base[1]!, ...others, base[2]!, ...lines.slice(end)];
}

/** A config that chooses options of the groups overrides what the primary one has chosen. */
function overriding(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => GROUP_ENTRY.test(line));
  if (last === -1) return lines;
  const indent = GROUP_ENTRY.exec(lines[last]!)![1]!;
  const self = lines.some((line) => /^\s*- _self_\s*(#.*)?$/.test(line)) ? [] : [`${indent}- _self_`];
  return lines.flatMap((line, index) => [
    line.replace(GROUP_ENTRY, "$1- override /$2: $3"),
    ...(index === last ? self : []),
  ]);
}

/** The groups that a primary config with a defaults list does not choose from, before all that could override them. */
function withGroups(text: string, tree: ConfigTree): string {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.split(eol);
  const start = lines.findIndex((line) => /^defaults:\s*(#.*)?$/.test(line));
  if (start === -1 || lines.some((line) => /^\s*- (config|play|record)\s*(#.*)?$/.test(line))) return text;
  const missing = GROUPS.filter(
    (group) => !lines.some((line) => new RegExp(`^\\s*- (optional )?/?${group}\\s*:`).test(line)),
  ).flatMap((group) => {
    const options = [...tree.keys()]
      .filter((path) => path.startsWith(`${group}/`) && !path.endsWith("/base.yaml"))
      .map((path) => path.slice(group.length + 1, -".yaml".length));
    const option = options.find((name) => USUAL.test(name)) ?? options[0] ?? "base";
    return [`  - ${group}: ${option}`];
  });
  const self = lines.findIndex((line, index) => index > start && /^\s*- _self_/.test(line));
  const at = self === start + 1 ? self + 1 : start + 1;
  return [...lines.slice(0, at), ...missing, ...lines.slice(at)].join(eol);
}
