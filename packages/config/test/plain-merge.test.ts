import { EpiscopeError } from "@episcope/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
// Inside: what the door composes comes from either of two ways; here each is asked by itself.
import { mergePlain, type PlainMerge, TREE_REASONS } from "../src/compose/plain-merge.js";
import { openSession } from "../src/compose/session.js";
import { type DefaultsList, resolveDefaultsList } from "../src/defaults/defaults-list.js";
import { type ComposeOptions, composeSync, memorySource } from "../src/index.js";
import { missingKeys, toPlain } from "../src/tree.js";
import { arbitraryConfigWorld, composeOptionsOf } from "./arbitrary-configs.js";

/** Data as a text that tells everything: the order of keys, `-0`, `NaN`, integers beyond 2^53. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null)
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const text = entries.map(([key, item]) => `${shown(key)}: ${shown(item)}`).join(", ");
  return `${Object.getPrototypeOf(value) === null ? "" : value.constructor.name} {${text}}`;
}

function isFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}

// The two ways to the data have no door of their own: this test looks inside.

/** What the merge makes of a world; undefined where its defaults list is refused before. */
function mergedPlain(options: ComposeOptions): PlainMerge | undefined {
  const { repository, overrides, hydra, context } = openSession(options);
  let list: DefaultsList;
  try {
    list = resolveDefaultsList({
      repository,
      overrides,
      hydra,
      name: options.name,
      prependHydra: true,
      skipMissing: false,
      context,
    });
  } catch (error) {
    if (error instanceof EpiscopeError) return undefined;
    throw error;
  }
  return mergePlain({ list, repository, overrides });
}

describe("the merge of plain configs", () => {
  it("gives the data that the tree gives, frozen, whenever it gives any", () => {
    let plainConfigs = 0;
    fc.assert(
      fc.property(arbitraryConfigWorld, (world) => {
        const options = composeOptionsOf(world);
        const plain = mergedPlain(options);
        if (plain?.config === undefined) return;
        plainConfigs++;
        const composition = composeSync(options);
        const warnings = [...composition.warnings];
        // Building the tree neither fails nor warns: both would come too late.
        expect(shown(plain.config)).toBe(shown(toPlain(composition.job, { resolve: true })));
        expect(missingKeys(composition.job)).toEqual([]);
        expect(composition.warnings).toEqual(warnings);
        expect(isFrozen(plain.config)).toBe(true);
        // And what the texts hold stays as it was read.
        const bare = { ...options, overrides: [] };
        const fresh = { ...composeOptionsOf(world), overrides: [] };
        expect(shown(mergedPlain(bare))).toBe(shown(mergedPlain(fresh)));
      }),
      { numRuns: 2000 },
    );
    expect(plainConfigs).toBeGreaterThan(200);
  });

  it("meets in such configs every reason to leave them to the tree", () => {
    const worlds = fc.sample(arbitraryConfigWorld, { numRuns: 4000, seed: 1 });
    const met = new Set(worlds.map((world) => mergedPlain(composeOptionsOf(world))?.reason));
    expect(TREE_REASONS.filter((reason) => !met.has(reason))).toEqual([]);
  });

  it.each(["a: '${'", "a: !!set {x}"])("reads what is replaced too: %s is refused", (line) => {
    const files = {
      "config.yaml": "defaults: [db: x, _self_]\n",
      "db/x.yaml": `# @package _global_\n${line}\n`,
    };
    const replacing = { ...files, "config.yaml": "defaults: [db: x, _self_]\na: 1\n" };
    const compose = (texts: Record<string, string>, overrides: readonly string[]) => () =>
      composeSync({ source: memorySource(texts), name: "config", overrides });
    expect(compose(files, ["++a=1"])).toThrow(EpiscopeError);
    expect(compose(replacing, [])).toThrow(EpiscopeError);
  });
});
