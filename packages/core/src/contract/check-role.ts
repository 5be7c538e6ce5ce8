import { RECORD_TYPES, VIEW_KINDS } from "@episcope/records";
import { textOf } from "./errors.js";
import type { PluginKind } from "./plugin.js";

/** What each kind of plugin has to be, in the words of whoever writes one. */
const NEEDS: { readonly [kind in PluginKind]: string } = {
  sink: "a sink needs accepts and write(batch, signal), and may have pictureSize, flush() and close()",
  renderer: "a renderer needs mediaType, extension, kinds and render(view)",
  format: "a format needs extension and encode(episode)",
  "cleanup-policy": "a cleanup policy needs plan(inventory, limits, now)",
  hooks: "a plugin of the kind hooks gives nothing, or an object that may have close()",
};

const EXTENSION = /^[a-z0-9]+(\.[a-z0-9]+)*$/;

type Members = { readonly [name: string]: unknown };

/** What is wrong with what a plugin's `create` gave; null if nothing is. */
export function roleProblem(kind: PluginKind, plugin: unknown): string | null {
  if (kind === "hooks" && plugin === undefined) return null;
  if (typeof plugin !== "object" || plugin === null)
    return `create() gave ${plugin === null ? "null" : typeof plugin}, and no object; ${NEEDS[kind]}`;
  try {
    const problem = PROBLEM_OF[kind](plugin as Members);
    return problem === null ? null : `${problem}; ${NEEDS[kind]}`;
  } catch (cause) {
    return `one of its members throws when it is looked at: ${textOf(cause)}; ${NEEDS[kind]}`;
  }
}

const PROBLEM_OF: { readonly [kind in PluginKind]: (plugin: Members) => string | null } = {
  sink: (sink) =>
    acceptsProblem(sink["accepts"]) ??
    missing(sink, ["write"]) ??
    wrong(sink, ["flush", "close"]) ??
    sizeProblem(sink["pictureSize"]),
  renderer: (renderer) =>
    missing(renderer, ["render"]) ??
    (typeof renderer["mediaType"] === "string" ? null : "it has no mediaType such as 'image/svg+xml'") ??
    extensionProblem(renderer["extension"]) ??
    listProblem("kinds", renderer["kinds"], { known: VIEW_KINDS, also: [] }),
  format: (format) => missing(format, ["encode"]) ?? extensionProblem(format["extension"]),
  "cleanup-policy": (policy) => missing(policy, ["plan"]),
  hooks: (hooks) => wrong(hooks, ["close"]),
};

function missing(plugin: Members, names: readonly string[]): string | null {
  const name = names.find((one) => typeof plugin[one] !== "function");
  return name === undefined ? null : `it has no ${name}()`;
}

/** Of members that may be left out. */
function wrong(plugin: Members, names: readonly string[]): string | null {
  const name = names.find((one) => plugin[one] !== undefined && typeof plugin[one] !== "function");
  return name === undefined ? null : `its ${name} is no function`;
}

function extensionProblem(extension: unknown): string | null {
  if (typeof extension === "string" && EXTENSION.test(extension)) return null;
  return `its extension is ${shown(extension)}, and not the end of a file name such as 'svg' or 'json.gz', in small letters and without the dot`;
}

function sizeProblem(size: unknown): string | null {
  if (size === undefined) return null;
  const { width, height } = Object(size) as Members;
  const isSize = [width, height].every((side) => Number.isInteger(side) && (side as number) > 0);
  return isSize ? null : `its pictureSize is ${shown(size)}, and not { width, height } in pixels`;
}

function acceptsProblem(accepts: unknown): string | null {
  return listProblem("accepts", accepts, {
    known: RECORD_TYPES,
    also: ["picture/<extension>"],
    isAlso: (name) => name.startsWith("picture/") && EXTENSION.test(name.slice("picture/".length)),
  });
}

interface KnownNames {
  readonly known: readonly string[];
  /** How a message shows the others that are known too. */
  readonly also: readonly string[];
  isAlso?(name: string): boolean;
}

function listProblem(member: string, value: unknown, { known, also, isAlso }: KnownNames): string | null {
  if (!Array.isArray(value)) return `it has no list ${member}`;
  const unknown = value.find((name) => typeof name !== "string" || !(known.includes(name) || isAlso?.(name)));
  if (unknown === undefined) return null;
  return `its ${member} names ${shown(unknown)}, and there are ${[...known, ...also].join(", ")}`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? `'${value}'` : (JSON.stringify(value) ?? String(value));
}
