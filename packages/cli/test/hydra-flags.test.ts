import { describe, expect, it } from "vitest";
import { createWorld } from "./fixtures/world.js";

const QUICK = ["visualization=debug_off", "episodes=1", "agent=random", "max_steps=1"];

describe("Hydra's flags", () => {
  it.each([
    [["play", "--cfg", "job", "-p", "seed"], /^\d+\n$/],
    [
      ["play", "-c=job", "-p=storage", "storage=research"],
      /^# @package storage\n(?:.*\n)*base_output_dir: outputs\/research_episodes\n/,
    ],
    [["record", "--cfg", "job", "-p", "input"], /^'?-'?\n$/],
    [["config", "-p", "storage.base_output_dir"], /^outputs\/dev_episodes\n$/],
    [["play", "--info", "defaults"], /^\nDefaults List\n\*+\n\| Config path/],
    [["play", "--info", "defaults-tree"], /\n {2}play:\n {4}/],
    [["config", "-i", "searchpath"], /\| main {5}\| pkg:\/\/episcope\/conf/],
    [["play", "--info", "config"], /\nConfig\n\*+\n/],
  ])("%j", async (argv, out) => {
    const world = createWorld();
    const outcome = await world.run(...argv);
    expect([outcome.status, outcome.messages]).toEqual([0, ""]);
    expect(outcome.out).toMatch(out);
    expect(world.fs.existsSync("/project/outputs")).toBe(false);
  });

  it("--hydra-help prints Hydra's flags and groups", async () => {
    const { status, out } = await createWorld().run("play", "--hydra-help", "nope=1", "hydra.verbose=true");
    expect([status, out]).toEqual([0, expect.stringContaining("Hydra (1.3.")]);
    expect(out).toContain("hydra/launcher: basic\n");
  });

  it("--experimental-rerun makes a run again from its lock, and passes over the rest", async () => {
    const world = createWorld();
    await world.run("play", ...QUICK, "seed=5", "storage.run_name=a");
    const { status, out, messages } = await world.run(
      "play",
      "--experimental-rerun",
      "outputs/dev_episodes/a",
      "seed=6",
    );
    expect([status, messages]).toEqual([0, expect.stringContaining("are passed over")]);
    const lock = (run: string) =>
      JSON.parse(String(world.fs.readFileSync(`${run}/.episcope/config.lock.json`)));
    expect(lock(out.trim()).config.seed).toBe(5);
    const unknown = await world.run("play", "--experimental-rerun", "nowhere");
    expect([unknown.status, unknown.messages]).toEqual([2, expect.stringContaining("CLI_LOCK_MISSING")]);
  });

  it("-cp takes another folder in place of the presets", async () => {
    const world = createWorld({ files: { "mine/config.yaml": "a: 1\n" } });
    const { out } = await world.run("play", "-cp", "mine", "-cn", "config", "--cfg", "job");
    expect(out).toBe("a: 1\n");
  });

  it("a key that is written as a flag is shown as a key", async () => {
    const { status, messages } = await createWorld().run("play", "--episodes", "3");
    expect(status).toBe(2);
    expect(messages).toContain("A key of the config is set without dashes: episodes=3");
  });

  it("a file that is given to record is asked about", async () => {
    const world = createWorld({ files: { "stream.ndjson": "" } });
    const { status, messages } = await world.run("record", "stream.ndjson");
    expect([status, messages]).toEqual([2, expect.stringContaining("Did you mean input=stream.ndjson?")]);
  });
});

describe("hydra.output_subdir", () => {
  it.each([
    ["null", false, false],
    ["meta", false, true],
    [".hydra", true, false],
  ])("%s", async (value, hydra, meta) => {
    const world = createWorld();
    await world.run("play", ...QUICK, `hydra.output_subdir=${value}`, "storage.run_name=a");
    const files = world.files("outputs/dev_episodes/a");
    expect(files.includes(".hydra/config.yaml")).toBe(hydra);
    expect(files.includes("meta/hydra.yaml")).toBe(meta);
    expect(files).toContain(".episcope/config.lock.json");
  });
});

it.each([
  "hydra.job.chdir=true",
  "hydra.verbose=true",
  "hydra/job_logging=disabled",
  "hydra.job_logging.root.level=DEBUG",
  "+hydra.job.env_set.X=1",
  "+hydra.callbacks.x._target_=a.B",
])("%s, which would do nothing, is refused", async (override) => {
  const { status, messages } = await createWorld().run("play", ...QUICK, override);
  expect([status, messages]).toEqual([1, expect.stringContaining("CLI_HYDRA_KEY_UNUSED")]);
});

describe("a sweep of play", () => {
  it("makes a run for each combination", async () => {
    const world = createWorld();
    const { status, out, messages } = await world.run(
      "play",
      "-m",
      ...QUICK,
      "seed=range(2)",
      "max_steps=1,2",
    );
    expect(status).toBe(0);
    const runs = out.trimEnd().split("\n");
    expect(new Set(runs).size).toBe(4);
    expect(messages).toContain("#3: visualization=debug_off episodes=1 agent=random max_steps=2 seed=1\n");
    expect(messages).toContain("4 runs: 4 done, 0 failed.");
  });

  it("lies where hydra.sweep.dir says", async () => {
    const world = createWorld();
    const { status, out } = await world.run("play", "-m", ...QUICK, "seed=1,2", "hydra.sweep.dir=sweep");
    expect(status).toBe(0);
    expect(out).toContain("sweep/0\n");
    expect(world.files("sweep/1")).toContain(".hydra/config.yaml");
  });

  it("goes on after a run that failed, unless it is to stop, and ends with 1", async () => {
    const world = createWorld();
    const argv = ["play", "-m", ...QUICK, "task_dir=nowhere,null"];
    const gone = await world.run(...argv);
    expect([gone.status, gone.messages]).toEqual([1, expect.stringContaining("2 runs: 1 done, 1 failed.")]);
    const stopped = await world.run(...argv, "--on-error=stop");
    expect(stopped.messages).toContain("2 runs: 0 done, 1 failed, 1 not begun.");
  });

  it("is refused where its launcher is unknown, or its pool has no size", async () => {
    const sweep = ["play", "-m", ...QUICK, "seed=1,2"];
    const unknown = await createWorld().run(...sweep, "hydra.launcher._target_=a.B");
    expect([unknown.status, unknown.messages]).toEqual([1, expect.stringContaining("HYDRA_TARGET")]);
    const empty = await createWorld().run(...sweep, "hydra/launcher=pool", "hydra.launcher.n_jobs=0");
    expect([empty.status, empty.messages]).toEqual([1, expect.stringContaining("POOL_SIZE")]);
  });

  it("is refused as a whole where one config is wrong", async () => {
    const { status, messages } = await createWorld().run("play", "-m", ...QUICK, "seed=1,many");
    expect([status, messages]).toEqual([1, expect.stringContaining("CONFIG_INVALID")]);
    expect(messages).not.toContain("Launching");
  });
});

describe("a sweep of record", () => {
  const stream = '{"type":"hello","version":1,"producer":"x"}\n';

  it("records each file, and one file as often as the sweep says", async () => {
    const world = createWorld({ files: { "a.ndjson": stream, "b.ndjson": stream } });
    const words = ["visualization=debug_off", "input=a.ndjson,b.ndjson", "storage=research,development"];
    const { status, out, messages } = await world.run("record", "-m", ...words);
    expect([status, messages]).toEqual([0, expect.stringContaining("4 runs: 4 done, 0 failed.")]);
    expect(new Set(out.trimEnd().split("\n")).size).toBe(4);
  });

  it.each(["-", "unix:socket"])(
    "of %s, which can be read only once, is refused: CLI_STREAM_ONCE",
    async (input) => {
      const world = createWorld({ stdin: [stream] });
      const { status, messages } = await world.run(
        "record",
        "-m",
        `input=${input}`,
        "storage=research,development",
      );
      expect([status, messages]).toEqual([2, expect.stringContaining("CLI_STREAM_ONCE")]);
      expect(world.fs.existsSync("/project/outputs")).toBe(false);
    },
  );
});

describe("a mistake on the command line", () => {
  it("a file where an override stands is told from one: CLI_FILE_AS_OVERRIDE", async () => {
    const world = createWorld({ files: { "stream.ndjson": "" } });
    const { status, messages } = await world.run("record", "stream.ndjson");
    expect(status).toBe(2);
    expect(messages).toMatch(/Did you mean input=stream\.ndjson\?[\s\S]*CLI_FILE_AS_OVERRIDE/);
  });

  it("in one run of a sweep is named, the others are done, and the sweep says how many failed: CLI_SWEEP_FAILED", async () => {
    const world = createWorld();
    const words = ["episodes=1", "visualization=debug_off", "task_dir=null,nowhere", "--on-error=continue"];
    const { status, messages } = await world.run("play", "-m", ...words);
    expect(status).toBe(1);
    expect(messages).toMatch(/nowhere[\s\S]*1 of 2 runs of the sweep failed[\s\S]*CLI_SWEEP_FAILED/);
  });
});
