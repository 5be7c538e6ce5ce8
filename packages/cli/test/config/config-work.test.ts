import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type JsonSchema, validateConfig } from "@episcope/config";
import { createFromYaml, toPlain } from "@episcope/config/tree";
import { parseYaml } from "@episcope/config/yaml";
import { presetDirectory } from "@episcope/core";
import type { FileSystem } from "@episcope/records/store";
import { faultyFs } from "@episcope/testing/faulty-fs";
import { describe, expect, it } from "vitest";
import { createWorld } from "../fixtures/world.js";

const MINE = "# Mine.\nstorage:\n  max_storage_gb: 1.0 # small\n";

describe("episcope config set and unset", () => {
  it("change the value in a file and nothing else, and print what changed", async () => {
    const world = createWorld({ files: { "/project/mine.yaml": MINE } });
    const set = await world.run(
      "config",
      "set",
      "storage.max_storage_gb=2.5",
      "storage.new='off'",
      "--in",
      "mine.yaml",
    );
    expect([set.status, set.out]).toEqual([
      0,
      "mine.yaml:3\n-  max_storage_gb: 1.0 # small\n+  max_storage_gb: 2.5 # small\n+  new: 'off'\n",
    ]);
    expect(String(world.read("mine.yaml"))).toBe(
      "# Mine.\nstorage:\n  max_storage_gb: 2.5 # small\n  new: 'off'\n",
    );
    await world.run("config", "unset", "storage.new", "--in", "mine.yaml");
    expect(String(world.read("mine.yaml"))).toBe(MINE.replace("1.0", "2.5"));
  });

  it("say what is wrong: words, files and keys", async () => {
    const world = createWorld({ files: { "/project/mine.yaml": MINE } });
    const run = async (...words: string[]) => (await world.run("config", ...words)).messages;
    expect(await run("set", "a=1")).toContain("[CLI_CONFIG_WORDS]");
    expect(await run("set", "a=1", "--in", "none.yaml")).toContain("[CLI_EDIT_FILE_MISSING]");
    expect(await run("unset", "storage.nothing", "--in", "mine.yaml")).toContain("[EDIT_KEY_MISSING]");
    expect(await run("set", "storage.max_storage_gb.x=1", "--in", "mine.yaml")).toMatch(
      /mine\.yaml: .*\[EDIT_REFUSED\]/s,
    );
    expect(String(world.read("mine.yaml"))).toBe(MINE);
  });
});

describe("episcope config init and save", () => {
  it("copies the presets with their comments, to be changed, and never over a file", async () => {
    const world = createWorld();
    const { status, out } = await world.run("config", "init", "mine");
    expect([status, out]).toEqual([0, expect.stringContaining("Use them with --config-path mine.")]);
    expect(String(world.read("mine/storage/development.yaml"))).toMatch(/^# /);
    await world.run("config", "set", "max_storage_gb=77", "--in", "mine/storage/development.yaml");
    const { out: value } = await world.run("config", "--config-path", "mine", "-p", "storage.max_storage_gb");
    expect(value).toBe("77\n");
    expect((await world.run("config", "init", "mine")).messages).toContain("[CLI_FILE_EXISTS]");
  });

  it("saves overrides as a new option of a group, on top of the option that is chosen", async () => {
    const world = createWorld();
    const words = ["storage/small", "storage=research", "storage.max_storage_gb=0.5", "--config-dir", "mine"];
    const { status, messages } = await world.run("config", "save", ...words);
    expect([status, messages]).toEqual([0, ""]);
    const { out } = await world.run("config", "storage=small", "--config-dir", "mine", "-p", "storage");
    const research = await world.run("config", "storage=research", "-p", "storage");
    expect(out).toBe(research.out.replace(/max_storage_gb: .*/, "max_storage_gb: 0.5"));
  });

  it("saves no option that would never be found, as the presets have one of that name", async () => {
    const world = createWorld();
    const words = ["storage/research", "storage.max_storage_gb=0.5", "--config-dir", "mine"];
    const { status, messages } = await world.run("config", "save", ...words);
    expect([status, messages]).toEqual([1, expect.stringContaining("'storage=research' is there already")]);
    expect(world.fs.existsSync("/project/mine")).toBe(false);
  });
});

describe("episcope config diff", () => {
  it("names the keys that differ, and the files and lines that cause it", async () => {
    const { status, out } = await createWorld().run(
      "config",
      "diff",
      ".",
      "storage=production storage.max_episodes_per_run=7",
    );
    expect(status).toBe(0);
    expect(out).toMatch(
      /^storage.max_storage_gb\n {2}- \S+ {3}\S*storage\/development.yaml:\d+\n {2}\+ \S+ {3}\S*storage\/base.yaml:\d+$/m,
    );
    expect(out).toMatch(
      /^storage.max_episodes_per_run\n.*\n {2}\+ 7 {3}override storage.max_episodes_per_run=7$/m,
    );
  });

  it("says when there is nothing", async () => {
    const { out } = await createWorld().run("config", "diff", ".", ".");
    expect(out).toBe("The configs are the same.\n");
  });
});

describe("episcope config validate --all", () => {
  /** How many options each group of the presets has, besides `base`. */
  const [logging, storage, visualization] = ["logging", "storage", "visualization"].map(
    (group) => readdirSync(join(presetDirectory(), group)).length - 1,
  ) as [number, number, number];

  it("checks every combination of the options", async () => {
    const { status, out } = await createWorld().run("config", "validate", "--all");
    expect([status, out]).toEqual([
      0,
      `${logging * storage * visualization} combinations of 3 groups are valid.\n`,
    ]);
  });

  it("reads each file of the presets a few times, however many combinations there are", async () => {
    const reads = new Map<string, number>();
    const disk = (fs: FileSystem): FileSystem =>
      faultyFs(fs, (call, [path]) => {
        const file = String(path);
        if (call === "readFileSync" && file.endsWith(".yaml")) reads.set(file, (reads.get(file) ?? 0) + 1);
        return undefined;
      }).fs;
    const { status } = await createWorld({ disk }).run("config", "validate", "--all");
    expect(status).toBe(0);
    expect(reads.size).toBeGreaterThan(10);
    // Once for the first config, once for all others.
    expect([...reads].filter(([, count]) => count > 2)).toEqual([]);
  });

  it("checks groups below groups, and those that nothing chooses", async () => {
    const files = {
      "mine/storage/deep/a.yaml": "# @package storage\nmax_storage_gb: 2.0\n",
      "mine/extra/wrong.yaml": "# @package storage\nmax_storage_gb: much\n",
    };
    const world = createWorld({ files });
    const { status, messages } = await world.run("config", "validate", "--all", "--config-dir", "mine");
    expect([status, messages]).toEqual([1, expect.stringContaining("+extra=wrong")]);
    // With storage/deep the value is another one: the mistake shows without it.
    expect(messages).not.toContain("+storage/deep=a");
  });

  it("names the combinations that are not valid, and why", async () => {
    const files = { "/project/mine/storage/wrong.yaml": "defaults: [base, _self_]\nmax_storage_gb: much\n" };
    const world = createWorld({ files });
    const { status, out, messages } = await world.run("config", "validate", "--all", "--config-dir", "mine");
    expect([status, out]).toEqual([
      1,
      `${logging * visualization} of ${logging * (storage + 1) * visualization} are not valid.\n`,
    ]);
    expect(messages).toContain(
      `${logging * visualization} times, first with logging=local_only storage=wrong visualization=debug_full: the config is not valid:\n  'storage.max_storage_gb' is 'much'`,
    );
  });
});

describe("episcope config --provenance", () => {
  it("prints where every value comes from behind it, and is the same YAML", async () => {
    const words = ["storage.max_storage_gb=3"];
    const plain = await createWorld().run("config", ...words);
    const { out } = await createWorld().run("config", ...words, "--provenance");
    expect(parseYaml(out)).toEqual(parseYaml(plain.out));
    expect(out).toMatch(/max_storage_gb: 3 {2}# override storage.max_storage_gb=3$/m);
    expect(out).toMatch(/base_output_dir: .* {2}# \S*storage\/development.yaml:3$/m);
  });
});

describe("episcope config schema", () => {
  const files = async () => {
    const world = createWorld();
    await world.run("config", "init", "mine");
    return world;
  };

  it("prints the schema of the files of a group, the presets' comments as its descriptions", async () => {
    const { status, out } = await createWorld().run("config", "schema", "storage");
    expect(status).toBe(0);
    const schema = JSON.parse(out) as { properties: Record<string, { description: string }> };
    expect(schema.properties["max_episodes_per_run"]?.description).toContain("past it drawing stops");
    expect((await createWorld().run("config", "schema", "nothing")).messages).toContain("[CLI_CONFIG_WORDS]");
  });

  it("accepts every file of the presets, and refuses wrong keys and values", async () => {
    const world = await files();
    let refused = 0;
    for (const name of world.files("mine").filter((file) => file.endsWith(".yaml"))) {
      const group = name.includes("/") ? name.split("/")[0]! : "config";
      const schema = JSON.parse((await world.run("config", "schema", group)).out) as JsonSchema;
      const data = (text: string) => toPlain(createFromYaml(text), {}) as object;
      const problems = (text: string) => validateConfig(schema, data(text), { missing: false });
      const text = String(world.read(`mine/${name}`));
      expect([name, problems(text)]).toEqual([name, []]);
      if (group === "config") continue;
      for (const line of text
        .split("\n")
        .filter((one) => /^\w+: *[^ #{]/.test(one) && !one.startsWith("defaults"))) {
        const [key] = line.split(":") as [string];
        const wrongKey = text.replace(line, line.replace(key, `${key}s_`));
        const wrongValue = text.replace(line, `${key}: {a: [1]}`);
        for (const mutated of [wrongKey, wrongValue]) {
          expect([name, line, problems(mutated).length > 0]).toEqual([name, line, true]);
          refused += 1;
        }
      }
    }
    expect(refused).toBeGreaterThan(50);
  });

  it("writes the schemas into a config folder, and before each file the line by which editors find them", async () => {
    const world = await files();
    const { status } = await world.run("config", "schema", "--write", "mine");
    expect(status).toBe(0);
    expect(String(world.read("mine/storage/base.yaml"))).toMatch(
      /^# yaml-language-server: \$schema=\.\.\/\.schema\/storage\.json\n/,
    );
    expect(String(world.read("mine/config.yaml"))).toMatch(
      /^# yaml-language-server: \$schema=\.schema\/config\.json\n/,
    );
    expect(JSON.parse(String(world.read("mine/.schema/logging.json")))).toMatchObject({ title: "logging" });
    const again = await world.run("config", "schema", "--write", "mine");
    expect(again.out).toContain("0 files name theirs");
    expect((await world.run("config", "--config-dir", "mine")).status).toBe(0);
  });
});
