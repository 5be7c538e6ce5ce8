import { describe, expect, it } from "vitest";
import { createWorld } from "../fixtures/world.js";

const config = (...words: string[]) => createWorld().run("config", ...words);
const withEnv = (env: Record<string, string>, ...words: string[]) =>
  createWorld({ env }).run("config", ...words);

describe("episcope config", () => {
  const combinations = ["off", "minimal", "standard", "verbose", "full"].flatMap((level) =>
    ["local_only", "wandb_basic", "wandb_full"].flatMap((logging) =>
      ["development", "research", "production"].map((storage) => [`debug_${level}`, logging, storage]),
    ),
  );

  it.each(combinations)("composes and validates %s, %s, %s", async (visualization, logging, storage) => {
    const { status, out, messages } = await config(
      `visualization=${visualization}`,
      `logging=${logging}`,
      `storage=${storage}`,
    );
    expect([status, messages]).toEqual([0, ""]);
    expect(out).toMatch(/^visualization:\n {2}debug_level: [\s\S]*^logging:\n[\s\S]*^storage:\n/m);
  });

  it("prints the program's config, Hydra's, or both", async () => {
    const [job, hydra, all] = await Promise.all(
      ["job", "hydra", "all"].map(async (part) => (await config("-c", part)).out),
    );
    expect(job).toMatch(/^visualization:/m);
    expect(job).not.toMatch(/^hydra:/m);
    expect(hydra).toMatch(/^hydra:/m);
    expect(hydra).not.toMatch(/^visualization:/m);
    expect(all).toMatch(/^hydra:[\s\S]*^visualization:/m);
  });

  it("prints what is installed, as Hydra does, and what each node names and why it runs where it does", async () => {
    const { status, out } = await config("--info", "plugins", "storage=production", "logging=wandb_basic");
    expect(status).toBe(0);
    expect(out).toMatch(/^Installed Hydra Plugins\n\*{23}\n\tConfigSource:\n\t-{13}\n\t\tfile\n\t\tpkg\n/);
    expect(out).toContain("\tRenderer:\n\t---------\n\t\tgif\n\t\thtml\n\t\tpdf\n\t\tpng\n\t\tsvg\n");
    const rows = out.split("Plugins of this config")[1]!.trim().split("\n").slice(2);
    const column = (at: number) => rows.map((row) => row.split(/ {2,}/)[at]);
    expect(column(0)).toEqual([
      "logging.wandb",
      ...["svg", "png", "html", "gif", "pdf"].map((name) => `visualization.renderers.${name}`),
      ...["json", "hdf5", "pickle"].map((name) => `logging.formats.${name}`),
      ...["oldest_first", "size_based", "manual"].map((name) => `storage.policies.${name}`),
    ]);
    expect(column(3).slice(0, 3)).toEqual([
      "thread of the program: the file system is the program's own",
      "thread of the program: the file system is the program's own",
      "- (not in visualization.output_formats: draws only what a sink accepts)",
    ]);
    expect(column(3)[8]).toBe("- (not used: logging.log_format is json)");
    expect(column(3)[9]).toBe("thread of the program: the file system is the program's own");
  });

  it("names a plugin that is not installed, and goes on", async () => {
    const { status, out } = await config(
      "--info",
      "plugins",
      "+visualization.renderers.terminal._target_=terminal",
      "visualization.output_formats=[terminal]",
    );
    expect(status).toBe(0);
    expect(out).toMatch(/visualization\.renderers\.terminal +terminal +renderer +- \(.*not installed/);
  });

  it("refuses other words after --info with 2", async () => {
    const { status, messages } = await config("--info", "nothing");
    expect([status, messages]).toEqual([2, expect.stringContaining("plugins")]);
  });

  it("refuses a part that there is not, with 2 and the parts", async () => {
    const { status, messages } = await config("-c", "nope");
    expect(status).toBe(2);
    expect(messages).toContain("job, hydra, all");
  });

  it("keeps interpolations as they are written, and resolves them with --resolve", async () => {
    const added = "+dir=${storage.base_output_dir}/x";
    expect((await config(added)).out).toContain("dir: ${storage.base_output_dir}/x\n");
    expect((await config(added, "--resolve")).out).toContain("dir: outputs/dev_episodes/x\n");
  });

  it.each(["hydra", "all"])("resolves Hydra's own node too: -c %s --resolve", async (part) => {
    const { status, out } = await config("-c", part, "--resolve");
    expect(status).toBe(0);
    // The number of a job is not known outside a sweep; Hydra prints its missing value.
    expect(out).toContain("subdir: ???\n");
  });

  it("prints one part with -p", async () => {
    const { out } = await config("-p", "storage.policies");
    expect(out).toBe(
      "# @package storage.policies\noldest_first:\n  _target_: oldest_first\nsize_based:\n  _target_: size_based\nmanual:\n  _target_: manual\n",
    );
  });

  it("says that there is no part of that name", async () => {
    const { status, messages } = await config("-p", "nope");
    expect([status, messages]).toEqual([1, expect.stringContaining("'nope'")]);
  });

  it("shows what play and record compose", async () => {
    expect((await config("--config-name", "play")).out).toMatch(/^agent: search$/m);
    expect((await config("-cn", "record")).out).toMatch(/^input: ['"]?-['"]?$/m);
  });

  it("composes the user's own config over the presets from --config-dir", async () => {
    const files = { "my/mine.yaml": "defaults: [config, _self_]\nstorage: {run_name: mine}\n" };
    const world = createWorld({ files });
    const { out } = await world.run("config", "-cd", "my", "-cn", "mine", "-p", "storage");
    expect(out).toMatch(/^run_name: mine$/m);
    const missing = await world.run("config", "--config-dir", "nope");
    expect([missing.status, missing.messages]).toEqual([
      1,
      expect.stringContaining("CLI_CONFIG_DIR_MISSING"),
    ]);
  });
});

describe("episcope config --explain", () => {
  it("names the file, its line, and what the value replaced", async () => {
    const { out } = await config("storage=production", "--explain", "storage.base_output_dir");
    expect(out).toMatch(
      /^storage\.base_output_dir = "outputs\/prod_episodes"\n {2}from {6}episcope\/conf\/storage\/production\.yaml:\d+:1\n {2}replaced {2}"outputs\/episodes" from episcope\/conf\/storage\/base\.yaml:\d+:1\n$/,
    );
  });

  it("says what the key means, in the words of the presets' comments", async () => {
    const { out } = await config("--explain", "storage.max_episodes_per_run");
    expect(out).toMatch(/\n {2}means {5}.*past it drawing stops/);
  });

  it("names the override, and writes numbers as numbers", async () => {
    const { out } = await config("storage.max_storage_gb=7", "--explain", "storage.max_storage_gb");
    expect(out).toMatch(/= 7\n {2}from {6}override storage.max_storage_gb=7\n {2}replaced {2}1\.0 from /);
  });

  it("names the environment variable", async () => {
    const { out } = await withEnv(
      { EPISCOPE__STORAGE__MAX_STORAGE_GB: "50" },
      "--explain",
      "storage.max_storage_gb",
    );
    expect(out).toContain("(environment variable EPISCOPE__STORAGE__MAX_STORAGE_GB)");
  });

  it("works on a config that is not valid, where it is needed most", async () => {
    const { status, out } = await config(
      "visualization.color_scheme=xx",
      "--explain",
      "visualization.color_scheme",
    );
    expect([status, out]).toEqual([0, expect.stringContaining('= "xx"')]);
  });

  it("tells every value of a group, mappings within it too", async () => {
    const group = await config("storage=production", "storage.run_name=a", "--explain", "storage");
    expect([group.status, group.messages]).toEqual([0, ""]);
    expect(group.out).toMatch(
      /^storage\.base_output_dir = "outputs\/prod_episodes"\n {2}from .*production\.yaml:/,
    );
    expect(group.out).toContain('storage.run_name = "a"\n  from      override storage.run_name=a\n');
    expect(group.out).toContain('storage.policies.manual._target_ = "manual"\n');
    const sinks = await config("--explain", "logging.sinks");
    expect(sinks.out).toMatch(/^logging\.sinks = \{\}\n/);
  });

  it("says that there is no such key", async () => {
    const { status, messages } = await config("--explain", "storage.nope");
    expect([status, messages]).toEqual([1, expect.stringContaining("CLI_CONFIG_KEY_UNKNOWN")]);
    expect(messages).toMatch(/no key 'storage\.nope'\. 'storage' has: base_output_dir, run_name, /);
    const part = await config("-p", "stor");
    expect([part.status, part.out]).toEqual([1, ""]);
    expect(part.messages).toMatch(/no key 'stor'\. It has: [\s\S]*storage[\s\S]*CLI_CONFIG_KEY_UNKNOWN/);
  });
});

describe("a wrong config", () => {
  it("that asks for a sweep says how to go on, with words that this program knows", async () => {
    const { status, messages } = await config("storage=production,research");
    expect([status, messages]).toEqual([1, expect.stringContaining("episcope play --multirun")]);
  });

  it("names a config group's options, the nearest one and where was looked", async () => {
    const { status, messages } = await config("visualization=debug_ful");
    expect(status).toBe(1);
    expect(messages).toContain("config group 'visualization' has no option 'debug_ful'");
    expect(messages).toContain("debug_full, debug_minimal, debug_off, debug_standard, debug_verbose");
    expect(messages).toContain("Did you mean 'debug_full'?");
    expect(messages).toContain("pkg://episcope/conf");
    expect(messages).toContain("[OPTION_NOT_FOUND]");
  });

  it("names the key that an unknown one is near to, and how to add it", async () => {
    const { status, messages } = await config("storage.max_storage=3");
    expect(status).toBe(1);
    expect(messages).toMatch(
      /'storage\.max_storage'[\s\S]*Did you mean 'storage\.max_storage_gb'\?[\s\S]*\+storage\.max_storage=3 \[OVERRIDE_KEY\]/,
    );
  });

  it.each([
    [
      "an unknown value",
      "visualization.color_scheme=xx",
      "default, arcprize, arc3, colorblind, high_contrast",
    ],
    ["a near value", "visualization.color_scheme=colorblnd", "did you mean 'colorblind'?"],
    ["a wrong type", "storage.max_storage_gb=abc", "must be of type number"],
    ["an unknown key that was added", "+storage.max_storage=3", "did you mean 'max_storage_gb'?"],
    ["a value out of range", "storage.max_storage_gb=-1", "must be > 0"],
    ["a level that YAML reads as a boolean", "visualization.debug_level=false", "write 'off' in quotes"],
  ])("with %s names the key, what is allowed, and the override", async (_, override, allowed) => {
    const { status, messages } = await config(override);
    expect(status).toBe(1);
    expect(messages).toContain(`'${override.replace(/^\+/, "").split("=")[0]}'`);
    expect(messages).toContain(allowed);
    expect(messages).toContain(`override ${override}`);
    expect(messages).toContain("[CONFIG_INVALID]");
  });

  it("names the file and line where the wrong value stands", async () => {
    const files = { "my/mine.yaml": "defaults: [config, _self_]\nstorage:\n  max_episodes_per_run: none\n" };
    const { messages } = await createWorld({ files }).run("config", "-cd", "my", "-cn", "mine");
    expect(messages).toContain("my/mine.yaml:3");
  });

  it("is told with all its problems at once", async () => {
    const { messages } = await config("visualization.color_scheme=xx", "storage.max_storage_gb=abc");
    expect(messages).toContain("color_scheme");
    expect(messages).toContain("max_storage_gb");
  });

  it("that no schema can find names the keys and the way out", async () => {
    const { status, messages } = await config("storage.fallback_dir=outputs/dev_episodes/spare");
    expect([status, messages]).toEqual([1, expect.stringContaining("CONFIG_COMBINATION")]);
  });

  it.each(["a=[", "a=1,2 storage.x", "a b"])("refuses what is no override: %s", async (word) => {
    const { status, messages } = await config(word);
    expect(status).toBe(1);
    expect(messages).toMatch(/OVERRIDE_SYNTAX|SWEEP_WITHOUT_MULTIRUN/);
  });

  it.each([
    ["play", "episodes=abc"],
    ["play", "episodes=-1"],
    ["play", "max_steps=0"],
    ["play", "seed=1.5"],
    ["record", "input=3"],
    ["record", "input=[a]"],
  ])("is refused by %s before anything is made: %s", async (verb, override) => {
    const world = createWorld();
    const { status, messages } = await world.run(verb, override);
    expect([status, messages]).toEqual([1, expect.stringContaining("CONFIG_INVALID")]);
    expect(world.files(".")).toEqual([]);
  });

  it.each([
    [
      "a renderer without a node",
      ["visualization.output_formats=[jpg]"],
      /html, pdf, png, svg[\s\S]*NODE_UNKNOWN/,
    ],
    ["a format without a node", ["logging.log_format=xml"], /hdf5, json, pickle[\s\S]*NODE_UNKNOWN/],
    ["a policy without a node", ["storage.cleanup_policy=newest"], /manual[\s\S]*NODE_UNKNOWN/],
    ["a plugin that is not there", ["+logging.sinks.mine._target_=nope"], /nope[\s\S]*PLUGIN_UNKNOWN/],
    ["a renderer among the sinks", ["+logging.sinks.mine._target_=svg"], /mine[\s\S]*PLUGIN_KIND_MISMATCH/],
  ])("with %s is refused by play before anything is made", async (_, overrides, message) => {
    const world = createWorld();
    const { status, messages } = await world.run("play", ...overrides);
    expect([status, messages]).toEqual([1, expect.stringMatching(message)]);
    expect(world.files(".")).toEqual([]);
  });

  it("lets no two renderers write the same files", async () => {
    const words = ["+visualization.renderers.other._target_=svg", "visualization.output_formats=[svg,other]"];
    const { status, messages } = await createWorld().run("play", ...words);
    expect([status, messages]).toEqual([1, expect.stringMatching(/other[\s\S]*EXTENSION_CONFLICT/)]);
  });

  it("names the agents where there is none of that name", async () => {
    const world = createWorld();
    const { status, messages } = await world.run("play", "agent=serch");
    expect([status, messages]).toEqual([1, expect.stringMatching(/random, search[\s\S]*UNKNOWN_AGENT/)]);
    expect(world.files(".")).toEqual([]);
  });

  it("says which folder holds no tasks", async () => {
    const world = createWorld();
    const { status, messages } = await world.run("play", "task_dir=nope");
    expect([status, messages]).toEqual([1, expect.stringMatching(/nope[\s\S]*TASK_NOT_READABLE/)]);
    expect(world.files(".")).toEqual([]);
  });
});

describe("the environment of a deployment", () => {
  it("selects an option and sets a key", async () => {
    const { out } = await withEnv(
      { EPISCOPE__STORAGE: "production", EPISCOPE__STORAGE__MAX_STORAGE_GB: "50" },
      "-p",
      "storage",
    );
    expect(out).toContain("base_output_dir: outputs/prod_episodes\n");
    expect(out).toContain("max_storage_gb: 50\n");
  });

  it("stands before the command line, which wins", async () => {
    const env = { EPISCOPE__STORAGE: "production", EPISCOPE__STORAGE__MAX_STORAGE_GB: "50" };
    const { out } = await withEnv(env, "storage=research", "storage.max_storage_gb=7", "-p", "storage");
    expect(out).toContain("base_output_dir: outputs/research_episodes\n");
    expect(out).toContain("max_storage_gb: 7\n");
  });

  it("is saved with the run's overrides", async () => {
    const world = createWorld({ env: { EPISCOPE__STORAGE__RUN_NAME: "mine" } });
    await world.run("play", "visualization=debug_off", "episodes=0");
    expect(world.read("outputs/dev_episodes/mine/.hydra/overrides.yaml").toString()).toContain(
      "storage.run_name=mine",
    );
  });

  it.each([
    ["an unknown key", "EPISCOPE__STORAGE__NOPE", "3", "OVERRIDE_KEY"],
    ["an unknown option", "EPISCOPE__STORAGE", "prod", "OPTION_NOT_FOUND"],
    ["what is no override", "EPISCOPE__STORAGE__RUN_NAME", "[", "OVERRIDE_SYNTAX"],
    ["a sweep", "EPISCOPE__STORAGE__RUN_NAME", "choice(a,b)", "SWEEP_WITHOUT_MULTIRUN"],
    ["a wrong type", "EPISCOPE__STORAGE__MAX_STORAGE_GB", "much", "CONFIG_INVALID"],
  ])("names the variable that brings %s", async (_, name, value, code) => {
    const { status, messages } = await withEnv({ [name]: value });
    expect(status).toBe(1);
    expect(messages).toContain(`environment variable ${name}`);
    expect(messages).toContain(code);
  });

  it.each(["/data/epoch=3", "/data/été", "~/runs", "/data/a,b"])(
    "gives a path as it stands: %s",
    async (path) => {
      const { out } = await withEnv({ EPISCOPE__STORAGE__BASE_OUTPUT_DIR: path }, "-p", "storage");
      expect(out).toContain(`base_output_dir: ${path}\n`);
    },
  );

  it("shows how to quote inside of a variable", async () => {
    const { messages } = await withEnv({ EPISCOPE__STORAGE__BASE_OUTPUT_DIR: "'a" });
    expect(messages).toContain(`EPISCOPE__STORAGE__BASE_OUTPUT_DIR="'a=b'"`);
  });

  it("may set a key of another verb", async () => {
    expect((await withEnv({ EPISCOPE__EPISODES: "2" })).status).toBe(0);
    const { out } = await withEnv({ EPISCOPE__EPISODES: "2" }, "--config-name", "play");
    expect(out).toContain("episodes: 2\n");
  });

  it("is not asked about variables of others", async () => {
    expect((await withEnv({ EPISCOPE_STORAGE: "x", HOME: "/" })).status).toBe(0);
  });
});
