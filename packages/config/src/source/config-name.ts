import { configNameRefused } from "./errors.js";

/**
 * The path of a config name or group below its root: empty segments and `.` dropped, `..` followed.
 * @throws EpiscopeError CONFIG_NAME when it leaves the root or holds what no config name holds: a backslash,
 * a control character, a drive letter. It is refused before any source sees it.
 */
export function normalizeConfigName(name: string): string {
  if (
    /^[A-Za-z0-9_./-]*$/.test(name) &&
    !name.includes("..") &&
    !name.includes("//") &&
    !name.includes("./")
  ) {
    return name.endsWith("/") || name.startsWith("/") ? trimSlashes(name) : name;
  }
  const bad = badCharacter(name);
  if (bad !== undefined) throw configNameRefused(name, `it holds ${bad}`);
  if (/^\/*[A-Za-z]:/.test(name)) throw configNameRefused(name, "it begins with a drive letter");
  const segments: string[] = [];
  for (const segment of name.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined)
      throw configNameRefused(name, "it leaves the root of its config source");
  }
  return segments.join("/");
}

function trimSlashes(name: string): string {
  let start = 0;
  let end = name.length;
  while (name[start] === "/") start++;
  while (end > start && name[end - 1] === "/") end--;
  return name.slice(start, end);
}

function badCharacter(name: string): string | undefined {
  if (name.includes("\\")) return "a backslash";
  for (let index = 0; index < name.length; index++) {
    if (name.charCodeAt(index) < 32 || name.charCodeAt(index) === 127) return "a control character";
  }
  return undefined;
}

/** The file of a config name: `.yaml` unless it is there, or `.yml` by the rules of Hydra 1.1. */
export function configFileName(name: string, versionBase = "1.3"): string {
  if (name.endsWith(".yaml") || (versionBase === "1.1" && name.endsWith(".yml"))) return name;
  return `${name}.yaml`;
}
