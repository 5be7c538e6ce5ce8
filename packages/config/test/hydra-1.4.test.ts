import { describe, expect, it } from "vitest";
import { type ComposeOptions, composeSync, memorySource, planSweep } from "../src/index.js";
import { createFromYaml, resolveAll, toYaml } from "../src/tree.js";

/** Composes files under the rules of Hydra 1.4, and under the present ones. */
function composed(files: Readonly<Record<string, string>>, overrides: string[] = [], name = "config") {
  const options: ComposeOptions = { source: memorySource(files), name, overrides };
  return {
    renewed: outcome(() => composeSync({ ...options, versionBase: "1.4" }).toYaml()),
    before: outcome(() => composeSync(options).toYaml()),
  };
}

/** The text, or the code of the error. */
function outcome(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("versionBase 1.4", () => {
  it("reaches items of lists and keys with dots by overrides", () => {
    const files = { "config.yaml": "a: [1, 2]\nx.y: 1\n" };
    expect(composed(files, ["a[0]=5", "x\\.y=2", "~a[1]"])).toEqual({
      renewed: "a:\n- 5\nx.y: 2\n",
      before: "OVERRIDE_SYNTAX",
    });
  });

  it("appends to lists, and says where there is none", () => {
    const files = { "config.yaml": "a: [1]\nb: 2\n" };
    expect(composed(files, ["a=extend_list(2,3)"]).renewed).toBe("a:\n- 1\n- 2\n- 3\nb: 2\n");
    expect(composed(files, ["b=extend_list(2)"]).renewed).toBe("LIST_EXTENSION");
  });

  it("lets the last override of a defaults list win", () => {
    const files = {
      "config.yaml": "defaults:\n- ink: red\n- override ink: green\n- override ink: blue\n",
      "ink/red.yaml": "c: red",
      "ink/green.yaml": "c: green",
      "ink/blue.yaml": "c: blue",
    };
    expect(composed(files)).toEqual({ renewed: "ink:\n  c: blue\n", before: "ink:\n  c: green\n" });
  });

  it("reads an option with a slash as part of the group, and says so where the config still lies in the old place", () => {
    const files = { "config.yaml": "defaults:\n- shop: tea/green\n", "shop/tea/green.yaml": "k: 1" };
    expect(composed(files)).toEqual({
      renewed: "shop:\n  tea:\n    k: 1\n",
      before: "shop:\n  k: 1\n",
    });
    const nested = {
      "config.yaml": "defaults:\n- shop: tea/green\n",
      "shop/tea/green.yaml": "defaults:\n- cup: big\n",
      "shop/cup/big.yaml": "k: 1",
    };
    expect(composed(nested).renewed).toBe("DEFAULTS_OPTION_MOVED");
  });

  it.each([
    ["a parent", { "config.yaml": "defaults:\n- ../other\n" }, "DEFAULTS_PATH"],
    ["a backslash", { "config.yaml": "defaults:\n- 'a\\b'\n" }, "DEFAULTS_PATH"],
    ["the suffix .yml", { "config.yaml": "defaults:\n- db: old.yml\n", "db/new.yaml": "" }, "CONFIG_SUFFIX"],
    [
      "a word before the group",
      { "config.yaml": "defaults:\n- foo db: a\n", "db/a.yaml": "" },
      "DEFAULTS_INVALID",
    ],
    ["a mapping for a list", { "config.yaml": "defaults: {a: 1}\n" }, "DEFAULTS_NO_LIST"],
    ["a YAML alias of itself", { "config.yaml": "a: &x [*x]\n" }, "YAML_ALIASES"],
  ])("refuses %s", (_, files, code) => {
    expect(composed(files as Record<string, string>).renewed).toBe(code);
  });

  it("knows short names of keys and of overrides", () => {
    const files = {
      "config.yaml": "hydra:\n  aliases: {lr: opt.lr, 'f, fast': opt.lr=9}\nopt: {lr: 1}\n",
      "wrong.yaml": "hydra:\n  aliases: {lr: '+opt.lr'}\n",
      "nested.yaml": "defaults: [other]\n",
      "other.yaml": "hydra:\n  aliases: {lr: opt.lr}\n",
    };
    expect(composed(files, ["lr=3"]).renewed).toBe("opt:\n  lr: 3\n");
    expect(composed(files, ["fast"]).renewed).toBe("opt:\n  lr: 9\n");
    expect(composed(files, [], "wrong").renewed).toBe("ALIAS_INVALID");
    expect(composed(files, [], "nested").renewed).toBe("ALIASES_NOT_PRIMARY");
    expect(composed(files, ["+hydra.aliases.x=y"]).renewed).toBe("ALIASES_NOT_PRIMARY");
  });

  it("keeps what runs a sweep as it is", () => {
    const files = {
      "config.yaml": "defaults:\n- act: stay\n",
      "act/stay.yaml": "k: 1",
      "act/go.yaml": "# @package _global_\nhydra:\n  sweeper: {max_batch_size: 1}\n",
    };
    const options = {
      source: memorySource(files),
      name: "config",
      overrides: ["act=stay,go"],
      now: new Date(0),
    };
    const jobs = (versionBase: "1.3" | "1.4") =>
      planSweep({ ...options, versionBase }).batches.flatMap(({ jobs }) => jobs);
    expect(jobs("1.4").map((job) => outcome(() => job.compose().toYaml()))).toEqual([
      "act:\n  k: 1\n",
      "SWEEP_CONTROLLER",
    ]);
    expect(jobs("1.3").map((job) => outcome(() => job.compose().toYaml()))).not.toContain("SWEEP_CONTROLLER");
  });

  it("is followed by trees whose context says so", () => {
    const text = "x: [10, 20]\nlast: ${x.-1}\nname: ${missing}\nmissing: ???\n";
    const tree = (versionBase: "1.3" | "1.4") =>
      createFromYaml(text, { context: { resolvers: new Map(), environment: new Map(), versionBase } });
    expect(outcome(() => toYaml(tree("1.4")))).toBe(text.replace(" [10, 20]", "\n- 10\n- 20"));
    const resolved = (versionBase: "1.3" | "1.4") =>
      outcome(() => {
        const root = tree(versionBase);
        resolveAll(root);
        return toYaml(root);
      });
    expect(resolved("1.4")).toBe("INTERPOLATION_MISSING");
    expect(resolved("1.3")).toBe("INTERPOLATION_KEY");
  });
});
