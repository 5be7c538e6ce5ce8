import { type Default, type DefaultsNode, listDefaults } from "@episcope/config";
import type { Adapter } from "./adapter.js";
import type { Json } from "./cases.js";
import { compareOutcome } from "./compare.js";
import { type VersionBase, versionBaseOf, World } from "./world.js";

export const runDefaultsCase: Adapter = (testCase, trees) => {
  const { input } = testCase;
  const world = new World(trees);
  return compareOutcome(testCase, () => {
    const prependHydra = input["prepend_hydra"] === true;
    const versionBase = versionBaseOf(input);
    const list = listDefaults({
      source: world.sources(input),
      store: world.store(input),
      name: (input["config_name"] ?? undefined) as string | undefined,
      overrides: world.overrides(input),
      skipMissing: input["skip_missing"] === true,
      prependHydra,
      versionBase,
    });
    const roots = list.roots.map((root) => encodeNode(root, versionBase));
    return world.leave({
      defaults: list.defaults.map((item) => ({
        config_path: item.configPath,
        package: item.package,
        parent: item.parent ?? null,
        is_self: item.isSelf,
        primary: item.primary,
        override_key: item.overrideKey ?? null,
      })),
      choices: Object.fromEntries(list.choices),
      config_overrides: list.configOverrides.map(({ text }) => text),
      tree: prependHydra ? { node: "root", children: roots } : roots[0]!,
    });
  });
};

function encodeNode(node: DefaultsNode | Default, versionBase: VersionBase): Json {
  if ("isSelf" in node) return encodeEntry(node, versionBase);
  const own = encodeEntry(node.entry, versionBase) as Record<string, Json>;
  if (node.children === undefined) return own;
  return { ...own, children: node.children.map((child) => encodeNode(child, versionBase)) };
}

function encodeEntry(entry: Default, versionBase: VersionBase): Json {
  if (entry.isSelf) return { node: "self" };
  if (entry.kind === "config") return { node: "config", path: entry.configPath };
  return { node: "group", group: entry.overrideKey(versionBase), value: entry.value };
}
