import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createWorld } from "./fixtures/world.js";

const DIR = "outputs/dev_episodes/run";

async function play(...words: string[]) {
  const world = createWorld();
  const outcome = await world.run("play", "episodes=1", "storage.run_name=run", ...words);
  const made = () => world.files(DIR).map((name) => name.replace(/^episode_0001\//, ""));
  return { world, outcome, made };
}

describe("what play leaves in a run's directory", () => {
  it("is with debug_off the records, the export and the config, and no picture", async () => {
    const { outcome, made } = await play("visualization=debug_off");
    expect(outcome.messages).not.toContain("pictures");
    expect(made()).toEqual([
      ".episcope",
      ".episcope/config.lock.json",
      ".hydra",
      ".hydra/config.yaml",
      ".hydra/hydra.yaml",
      ".hydra/overrides.yaml",
      "episode_0001",
      "episode.json.gz",
      "journal.epi",
      "manifest.json",
      "run.epi",
    ]);
  });

  it("is with debug_standard a picture of each key step and a summary", async () => {
    const { made } = await play("visualization=debug_standard");
    expect(made()).toEqual(expect.arrayContaining(["step_000.svg", "summary.svg"]));
    expect(made().some((name) => name.endsWith(".png"))).toBe(false);
  });

  it("is with debug_full every step in every format, a page, and states", async () => {
    const { made } = await play("visualization=debug_full");
    const pictures = made().filter((name) => /^step_\d+\.svg$/.test(name));
    expect(pictures.length).toBeGreaterThan(2);
    expect(made()).toEqual(
      expect.arrayContaining([
        ...pictures.map((name) => name.replace("svg", "png")),
        "summary.svg",
        "summary.png",
      ]),
    );
    expect(made().some((name) => name.endsWith(".html"))).toBe(true);
    expect(made().some((name) => /^step_000.*\.json/.test(name))).toBe(true);
  });

  it("is an HDF5 export with logging.log_format=hdf5", async () => {
    const { world, outcome, made } = await play("visualization=debug_off", "logging.log_format=hdf5");
    expect(outcome.status).toBe(0);
    expect(made()).toContain("episode.h5");
    expect(world.read(`${DIR}/episode_0001/episode.h5`).subarray(0, 8)).toEqual(
      Buffer.from("\u0089HDF\r\n\u001a\n", "latin1"),
    );
  });

  it("is a plain JSON export with logging.compression=false, of the same content", async () => {
    const packed = await play("visualization=debug_off");
    const plain = await play("visualization=debug_off", "logging.compression=false");
    const content = (bytes: Uint8Array) =>
      (JSON.parse(Buffer.from(bytes).toString()) as { steps: unknown[] }).steps.length;
    expect(content(plain.world.read(`${DIR}/episode_0001/episode.json`))).toBe(
      content(gunzipSync(packed.world.read(`${DIR}/episode_0001/episode.json.gz`))),
    );
  });

  it("is no log with logging.structured_logging=false, and the message names none", async () => {
    const { outcome, made } = await play("visualization=debug_minimal", "logging.structured_logging=false");
    expect(outcome.status).toBe(0);
    expect(made().filter((name) => name.endsWith("journal.epi"))).toEqual([]);
    expect(outcome.messages).not.toMatch(/^log /m);
  });

  it("is an offline W&B run with logging=wandb_full, and the message says where", async () => {
    const { outcome, made } = await play("visualization=debug_minimal", "logging=wandb_full");
    expect(outcome.status).toBe(0);
    expect(outcome.messages).toMatch(/^W&B {7}outputs\/dev_episodes\/run\/wandb\/offline-run-/m);
    expect(made().some((name) => /^wandb\/offline-run-[^/]+\/run-[^/]+\.wandb$/.test(name))).toBe(true);
  });

  it("says what was composed, so that it can be composed again", async () => {
    const { world } = await play("visualization=debug_off", "storage.max_storage_gb=3");
    expect(world.read(`${DIR}/.hydra/overrides.yaml`).toString()).toContain("- storage.max_storage_gb=3\n");
    const config = world.read(`${DIR}/.hydra/config.yaml`).toString();
    const again = await world.run(
      "config",
      "--config-name=play",
      "episodes=1",
      "storage.run_name=run",
      "visualization=debug_off",
      "storage.max_storage_gb=3",
    );
    expect(again.out).toBe(config);
  });

  it("is nothing where a node needs a plugin that is not there", async () => {
    const { world, outcome } = await play(
      "visualization.output_formats=[terminal]",
      "+visualization.renderers.terminal._target_=terminal",
    );
    expect(outcome.status).toBe(1);
    expect(outcome.messages).toMatch(/plugin-terminal[\s\S]*PLUGIN_NOT_INSTALLED/);
    expect(world.files(".")).toEqual([]);
  });

  it("is named as the config says, with storage=production", async () => {
    const world = createWorld();
    await world.run("play", "episodes=1", "storage=production", "storage.run_name=run");
    const files = world.files("outputs/prod_episodes/run");
    expect(files).toEqual(
      expect.arrayContaining(["episode_000001/step_0000.svg", "episode_000001/journal.epi"]),
    );
  });

  it("is no picture past storage.max_episodes_per_run, which is said once; the log goes on", async () => {
    const world = createWorld();
    const { status, messages } = await world.run(
      "play",
      "episodes=3",
      "storage.run_name=run",
      "storage.max_episodes_per_run=1",
    );
    expect(status).toBe(0);
    expect(messages.match(/max_episodes_per_run=1 is reached/g)).toHaveLength(1);
    const files = world.files(DIR);
    expect(files.filter((name) => name.endsWith("journal.epi"))).toHaveLength(3);
    expect(
      files.filter((name) => name.endsWith(".svg")).every((name) => name.startsWith("episode_0001/")),
    ).toBe(true);
  });
});

describe("text of others in messages", () => {
  it.each([
    ["a task file that is no JSON", "\u001b]0;owned\u0007\u001b[2J", "bad.json"],
    ["the name of a task file", "{", "\u001b[31mbad\u202e.json"],
  ])("cannot steer the terminal: %s", async (_, content, name) => {
    const world = createWorld({ files: { [`tasks/${name}`]: content } });
    const outcome = await world.run("play", "task_dir=tasks", "visualization=debug_off");
    expect([outcome.status, outcome.messages]).toEqual([1, expect.stringContaining("TASK_NOT_JSON")]);
    expect(outcome.messages).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(outcome.messages).toContain("\ufffd");
  });

  it("cannot steer it from an argument either", async () => {
    const outcome = await createWorld().run("play", "task_dir=\u001b[2J", "\u001b[31mx=1");
    expect(outcome.status).not.toBe(0);
    expect(outcome.messages).not.toContain("\u001b");
  });
});

describe("a folder with files that are no tasks", () => {
  it("is played without them; all are named, and a broken one makes the status 3", async () => {
    const task = '{"train": [{"input": [[1]], "output": [[2]]}], "test": []}';
    const files = { "tasks/a.json": task, "tasks/package.json": '{"name": "x"}' };
    const words = ["task_dir=tasks", "agent=random", "max_steps=1", "visualization=debug_off"];
    const fine = await createWorld({ files }).run("play", ...words);
    expect([fine.status, fine.messages]).toEqual([0, expect.stringContaining("package.json")]);
    const world = createWorld({ files: { ...files, "tasks/b.json": '{"train": [', "tasks/c.json": "?" } });
    const lossy = await world.run("play", ...words);
    expect(lossy.status).toBe(3);
    expect(lossy.messages).toContain("3 files of the folder are no tasks and are left out");
    expect(lossy.messages.match(/TASK_NOT_JSON/g)).toHaveLength(2);
  });
});
