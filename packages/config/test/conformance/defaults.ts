import { type DefaultsTree, listDefaults } from "../../src/index.js";
import type { Adapter } from "./adapter.js";
import type { Json } from "./cases.js";
import { compareOutcome } from "./compare.js";
import { versionBaseOf, World } from "./world.js";

export const runDefaultsCase: Adapter = (testCase, trees) => {
  const { input } = testCase;
  const world = new World(trees);
  return compareOutcome(testCase, () => {
    const prependHydra = input["prepend_hydra"] === true;
    const info = listDefaults({
      source: world.sources(input, versionBaseOf(testCase)),
      store: world.store(input),
      name: (input["config_name"] ?? undefined) as string | undefined,
      overrides: world.overrides(input),
      skipMissing: input["skip_missing"] === true,
      prependHydra,
      versionBase: versionBaseOf(testCase),
    });
    const roots = info.trees.map(encodeTree);
    return world.leave({
      defaults: info.defaults.map((item) => ({
        config_path: item.configPath,
        package: item.package,
        parent: item.parent ?? null,
        is_self: item.isSelf,
        primary: item.primary,
        override_key: item.overrideKey ?? null,
      })),
      choices: Object.fromEntries(info.choices),
      config_overrides: info.configOverrides,
      tree: prependHydra ? { node: "root", children: roots } : roots[0]!,
    });
  });
};

function encodeTree(tree: DefaultsTree): Json {
  if (tree.kind === "self") return { node: "self" };
  const own: Json =
    tree.kind === "config"
      ? { node: "config", path: tree.path }
      : { node: "group", group: tree.overrideKey, value: tree.value };
  // The cases leave out children where there are none.
  return tree.children.length === 0 ? own : { ...own, children: tree.children.map(encodeTree) };
}
