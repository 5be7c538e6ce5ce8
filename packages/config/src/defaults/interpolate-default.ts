import { getItem } from "../omegaconf/access.js";
import { createTree } from "../omegaconf/create.js";
import type { TreeContext } from "../tree/context.js";
import type { RawValue } from "../tree/node.js";
import type { VersionBase } from "../version/version-base.js";
import type { Default } from "./default-entry.js";
import { interpolationFailed, interpolationLegacy } from "./errors.js";

interface InterpolationScope {
  /** What `choicesBefore` gives. */
  readonly choices: ReadonlyMap<string, RawValue>;
  /** What interpolations see: resolvers, environment, clock. */
  readonly context: TreeContext;
  readonly versionBase: VersionBase;
  readonly warn: (message: string) => void;
}

/** `${defaults.0.group}`: an old form that counted entries. */
const LEGACY = /^\$\{defaults\.\d\./;

/**
 * Replaces the interpolations of an entry by the options that they name, as text.
 * @returns Whether all of them are known; without that the entry stays as it is.
 */
export function replaceInterpolations(entry: Default, known: ReadonlyMap<string, string | null>): boolean {
  let done = true;
  const replace = (text: string): string => {
    const replaced = text.replace(
      /\$\{\s*([^{}]*?)\s*\}/g,
      (whole, key: string) => known.get(key.trim()) ?? whole,
    );
    if (replaced.includes("${")) {
      done = false;
      return text;
    }
    const [before, after] = [text, replaced].map((path) => path.slice(path.lastIndexOf("/") + 1));
    // What a choice brings is never a missing choice.
    if (after === "???" && before !== "???") entry.literal = true;
    return replaced;
  };
  if (entry.kind === "config") entry.path = replace(entry.path);
  else {
    entry.resolveInterpolation(replace);
    if (done) entry.splitOption();
  }
  return done;
}

/**
 * The options chosen in config groups, by override key, and under `defaults` the entries of a list: as they are before the first
 * interpolation of that list has a value. One interpolation does not see what another one chooses.
 */
export function choicesBefore(
  known: ReadonlyMap<string, string | null>,
  siblings: readonly Default[],
  versionBase: VersionBase,
): ReadonlyMap<string, RawValue> {
  const defaults = siblings.map((item) =>
    item.kind === "config" ? item.configPath : new Map([[item.overrideKey(versionBase), item.value]]),
  );
  return new Map<string, RawValue>([...known, ["defaults", defaults]]);
}

/** Puts the value of its interpolation into an entry. It can name the options chosen in config groups. */
export function interpolateDefault(entry: Default, scope: InterpolationScope): void {
  if (entry.kind === "group" && typeof entry.value === "string" && LEGACY.test(entry.value)) {
    if (scope.versionBase !== "1.1") throw interpolationLegacy(entry.value, entry.origin);
    scope.warn(legacyWarning(`${entry.overrideKey(scope.versionBase)}=${entry.value}`));
  }
  entry.resolveInterpolation((text) => {
    try {
      return resolve(text, scope);
    } catch (cause) {
      const groups = [...scope.choices.keys()].filter((key) => key !== "defaults");
      throw interpolationFailed(text, groups, entry.origin, cause);
    }
  });
}

function legacyWarning(element: string): string {
  return [
    "",
    `Defaults list element '${element}' is using a deprecated interpolation form.`,
    "See http://hydra.cc/docs/1.1/upgrades/1.0_to_1.1/defaults_list_interpolation for migration information.",
  ].join("\n");
}

/** The choices as a config of their own, in which the interpolation is resolved. */
function resolve(text: string, { choices, context }: InterpolationScope): string {
  const scope = createTree(choices, { context });
  const value = getItem(createTree(new Map([["value", text]]), { parent: scope }), "value");
  if (typeof value !== "string") throw new TypeError(`'${text}' gives no text`);
  return value;
}
