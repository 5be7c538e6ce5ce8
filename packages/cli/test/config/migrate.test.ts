import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createWorld, type World } from "../fixtures/world.js";

const SMALL = {
  "old/config.yaml": `# Mine.
defaults:
  - _self_
  - reward: standard # the environment's
  - debug: "off"

seed: 42 # global
`,
  "old/debug/off.yaml": `# @package _global_
defaults:
  - /visualization: quiet
  - /storage: scratch

log_rl_steps: false # legacy
`,
  "old/visualization/quiet.yaml": `# @package visualization
# Nothing is drawn.

# How much
level: "off" # off | full
output_formats: []
lazy_loading: true # loads late
wandb:
  enabled: true
`,
  "old/storage/scratch.yaml": "# @package storage\nmax_storage_gb: 1.0   # small\nauto_cleanup: true",
  "old/logging/plain.yaml": `# @package _global_
defaults:
  - /storage: scratch

logging:
  log_level: "DEBUG" # loud
queue_size: 7
`,
  "old/wandb/off.yaml": "enabled: false\r\nsave_config: true\r\n",
  "old/reward/standard.yaml": "step_penalty: -0.01 # small\n",
};

const NEW = {
  "config.yaml": `# Mine.
defaults:
  - _self_
  - visualization: quiet
  - logging: plain
  - storage: scratch
  - reward: standard # the environment's
  - debug: "off"

seed: 42 # global
`,
  "debug/off.yaml": `# @package _global_
defaults:
  - override /visualization: quiet
  - override /storage: scratch
  - _self_

# (no such key) log_rl_steps: false # legacy
`,
  "visualization/quiet.yaml": `# @package visualization
# Nothing is drawn.

defaults:
  - base
  - _self_

# How much
debug_level: "off" # off | full
output_formats: []
# (no such key) lazy_loading: true # loads late
# (now logging.wandb, of another group) wandb:
#   enabled: true
`,
  "storage/scratch.yaml": `# @package storage

defaults:
  - base
  - _self_

max_storage_gb: 1.0   # small
# (no such key) auto_cleanup: true`,
  "logging/plain.yaml": `# @package logging
defaults:
  - base
  # (no group sets another's keys: choose storage=scratch beside it)
  - _self_

# logging:
log_level: "DEBUG" # loud
async_logger:
  queue_size: 7
`,
  "wandb/off.yaml": "# @package logging.wandb\r\nenabled: false\r\n# (always saved) save_config: true\r\n",
  "reward/standard.yaml": "step_penalty: -0.01 # small\n",
};

describe("episcope config migrate", () => {
  it("shows what would change as a diff, and writes nothing", async () => {
    const world = createWorld({ files: SMALL });
    const before = world.files(".");
    const { status, out, messages } = await world.run("config", "migrate", "old");
    expect([status, messages]).toEqual([0, expect.stringContaining("--write")]);
    expect(out).toContain(`--- a/visualization/quiet.yaml\n+++ b/visualization/quiet.yaml\n@@ `);
    expect(out).toContain('-level: "off" # off | full\n+debug_level: "off" # off | full\n');
    expect(out).toContain("--- /dev/null\n+++ b/storage/base.yaml\n");
    expect(out).not.toContain("reward/standard.yaml");
    expect(world.files(".")).toEqual(before);
  });

  it("writes a tree that composes, with every comment in it", async () => {
    const world = createWorld({ files: SMALL });
    const { status, out } = await world.run("config", "migrate", "old", "--write", "new");
    expect([status, out]).toEqual([0, expect.stringContaining("--config-path new")]);
    const written = Object.keys(NEW).map((file) => [file, String(world.read(`new/${file}`))]);
    expect(Object.fromEntries(written)).toEqual(NEW);
    const valid = await world.run("config", "validate", "--all", "--config-path", "new");
    expect([valid.status, valid.messages]).toEqual([0, ""]);
    const composed = await world.run(
      "config",
      "--config-path",
      "new",
      "+wandb=off",
      "--explain",
      "logging.wandb.enabled",
    );
    expect(composed.out).toContain("logging.wandb.enabled = false\n  from      new/wandb/off.yaml:2");
    const played = await world.run(
      "play",
      "--config-path",
      "new",
      "episodes=1",
      "max_steps=1",
      "storage.run_name=x",
    );
    expect([played.status, played.messages]).toEqual([0, expect.stringContaining("Played 1 episode")]);
  });

  it("changes nothing in what it has written, nor in the presets, and never writes over another tree", async () => {
    const world = createWorld({ files: SMALL });
    await world.run("config", "migrate", "old", "--write", "old");
    const again = await world.run("config", "migrate", "old");
    expect([again.status, again.out, again.messages]).toEqual([0, "", "old needs no change."]);
    await world.run("config", "init", "mine");
    expect((await world.run("config", "migrate", "mine")).messages).toBe("mine needs no change.");
    const over = await world.run("config", "migrate", "old", "--write", "mine");
    expect([over.status, over.messages]).toEqual([1, expect.stringContaining("[CLI_FILE_EXISTS]")]);
  });

  it("names the file that it cannot read, and the words that it needs", async () => {
    const world = createWorld({
      files: { "odd/storage/bad.yaml": "a: [\n", "odd/storage/list.yaml": "- 1\n" },
    });
    const messages = async (...words: string[]) => (await world.run("config", "migrate", ...words)).messages;
    expect(await messages("odd")).toMatch(/storage\/bad\.yaml.*\[EDIT_REFUSED\]/s);
    expect(await messages()).toContain("[CLI_CONFIG_WORDS]");
    expect(await messages("none")).toContain("[CLI_CONFIG_DIR_MISSING]");
  });
});

const REFERENCE = join(import.meta.dirname, "../../../../../shared/reference");
const present = existsSync(REFERENCE);

describe.skipIf(!present)(`the ancestor's trees${present ? "" : " (skipped: ../shared is absent)"}`, () => {
  it.each(["jaxarc-conf", "jaxarc-conf-later"])(
    "of %s compose after migration, each option of each group",
    async (name) => {
      const old = textsBelow(join(REFERENCE, name));
      const world = createWorld({
        files: Object.fromEntries([...old].map(([path, text]) => [`old/${path}`, text])),
      });
      expect((await world.run("config", "migrate", "old", "--write", "new")).status).toBe(0);
      for (const [path, text] of old) {
        const now = String(world.read(`new/${path}`));
        for (const comment of text.matchAll(/#.*/g))
          if (!comment[0].startsWith("# @package")) expect(now, path).toContain(comment[0].trimEnd());
        if (path.includes("/")) await composes(world, path);
      }
      expect((await world.run("config", "migrate", "new")).messages).toBe("new needs no change.");
    },
    120_000,
  );
});

async function composes(world: World, path: string): Promise<void> {
  const choice = path.replace(/\.yaml$/, "").replace("/", "=");
  const { status, messages } = await world.run("config", "validate", choice, "--config-path", "new");
  expect([path, status, messages]).toEqual([path, 0, ""]);
}

function textsBelow(root: string): Map<string, string> {
  const files = readdirSync(root, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith(".yaml"));
  return new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
}
