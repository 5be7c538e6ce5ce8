import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Callback, Job, Task } from "../src/application.js";
import { ApplicationWorld } from "./fixtures/application.js";

const CONFIG = { "config.yaml": "lr: 0.1\nseed: 0\nname: run-${seed}\n" };
const RUN = "outputs/2024-03-09/12-34-56";
const nothing: Task = () => undefined;

function world(files: Record<string, string> = CONFIG): ApplicationWorld {
  return new ApplicationWorld(files);
}

/** What a run of the task has seen of its job. */
async function seen<R>(of: ApplicationWorld, look: (job: Job) => R, ...argv: string[]): Promise<R> {
  let found: R | undefined;
  const { status, err } = await of.run((job) => {
    found = look(job);
  }, argv);
  expect([status, err]).toEqual([0, ""]);
  return found!;
}

describe("a job", () => {
  it("gets the resolved config", async () => {
    expect(await seen(world(), (job) => ({ ...job.config }), "seed=3")).toEqual({
      lr: 0.1,
      seed: 3,
      name: "run-3",
    });
  });

  it("leaves its config, Hydra's node and its overrides in its directory, as Hydra writes them", async () => {
    const here = world();
    await here.run(nothing, ["seed=3"]);
    expect(here.files()).toEqual([
      `${RUN}/.hydra/config.yaml`,
      `${RUN}/.hydra/hydra.yaml`,
      `${RUN}/.hydra/overrides.yaml`,
      `${RUN}/app.log`,
    ]);
    expect(here.read(`${RUN}/.hydra/config.yaml`)).toBe("lr: 0.1\nseed: 3\nname: run-${seed}\n");
    expect(here.read(`${RUN}/.hydra/overrides.yaml`)).toBe("- seed=3\n");
    expect(here.read(`${RUN}/.hydra/hydra.yaml`)).toContain(`output_dir: ${join(here.dir, RUN)}\n`);
  });

  it("knows its directory, also where its config refers to it", async () => {
    const here = world({ "config.yaml": "out: ${hydra:runtime.output_dir}/model\n" });
    expect(await seen(here, (job) => [job.config["out"], job.outputDir])).toEqual([
      join(here.dir, RUN, "model"),
      join(here.dir, RUN),
    ]);
  });

  it.each([
    ["hydra.output_subdir=null", [`${RUN}/app.log`]],
    ["hydra.output_subdir=meta", ["config", "hydra", "overrides"].map((name) => `${RUN}/meta/${name}.yaml`)],
    ["hydra.run.dir=here", ["here/.hydra/config.yaml"]],
    ["hydra.job.name=other", [`${RUN}/other.log`]],
  ])("does what %s says", async (override, files) => {
    const here = world();
    await here.run(nothing, [override]);
    expect(here.files()).toEqual(expect.arrayContaining(files));
    if (override.includes("subdir")) expect(here.files().join()).not.toContain(".hydra");
  });

  it("leaves the working directory alone unless it is asked", async () => {
    const before = process.cwd();
    const here = world();
    expect(await seen(here, () => process.cwd())).toBe(before);
    expect(await seen(here, () => process.cwd(), "hydra.job.chdir=true", "hydra.run.dir=there")).toBe(
      join(here.dir, "there"),
    );
    expect(process.cwd()).toBe(before);
  });

  it("has the variables of hydra.job.env_set for its own time", async () => {
    const here = world();
    expect(
      await seen(here, () => process.env["EPISCOPE_TEST_X"], "+hydra.job.env_set.EPISCOPE_TEST_X=7"),
    ).toBe("7");
    expect(process.env["EPISCOPE_TEST_X"]).toBeUndefined();
  });

  it("gets a directory of its own where another job has the clock's name", async () => {
    const here = world();
    const dirs = await Promise.all(Array.from({ length: 16 }, () => seen(here, (job) => job.outputDir)));
    expect(new Set(dirs).size).toBe(16);
    expect([
      await seen(here, (job) => job.outputDir, "hydra.run.dir=x"),
      await seen(here, (job) => job.outputDir, "hydra.run.dir=x"),
    ]).toEqual([join(here.dir, "x"), join(here.dir, "x")]);
  });

  it("that throws ends the program with status 1, and says with which overrides", async () => {
    const { status, err } = await world().run(() => {
      throw new Error("no memory");
    }, ["seed=3"]);
    expect(status).toBe(1);
    expect(err).toMatch(/^Error executing job with overrides: \['seed=3'\]\nError: no memory\n/);
  });

  it("may run with missing values until it reads its config", async () => {
    const here = world({ "config.yaml": "need: ???\n" });
    expect((await here.run(nothing)).status).toBe(0);
    const { status, err } = await here.run(({ config }) => config);
    expect([status, err]).toEqual([1, expect.stringContaining("VALUES_MISSING")]);
  });

  it("runs again from what it left", async () => {
    const here = world();
    await here.run(nothing, ["seed=3"]);
    const found: unknown[] = [];
    const { status } = await here.run(
      ({ config, outputDir }) => void found.push({ ...config }, outputDir),
      ["--experimental-rerun", RUN],
    );
    expect(status).toBe(0);
    expect(found).toEqual([{ lr: 0.1, seed: 3, name: "run-3" }, join(here.dir, RUN)]);
    expect((await here.run(nothing, ["--experimental-rerun", "nowhere"])).err).toContain("RERUN_NOT_FOUND");
  });
});

describe("a sweep", () => {
  it("runs each job in a directory of its own", async () => {
    const here = world();
    const seeds: unknown[] = [];
    const { status, out } = await here.run(
      ({ config, number }) => void seeds.push([number, config["seed"]]),
      ["-m", "seed=range(3)"],
    );
    expect(status).toBe(0);
    expect(seeds).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    expect(out).toContain("[HYDRA] Launching 3 jobs locally\n");
    expect(out).toContain("[HYDRA] \t#2 : seed=2\n");
    expect(here.files()).toContain("multirun/2024-03-09/12-34-56/multirun.yaml");
    expect(here.read("multirun/2024-03-09/12-34-56/2/.hydra/hydra.yaml")).toContain("    num: 2\n");
  });

  it("keeps away from a sweep that began in the same second", async () => {
    const here = world();
    await here.run(nothing, ["-m", "seed=1,2"]);
    await here.run(nothing, ["-m", "seed=1,2"]);
    expect(here.files()).toContain("multirun/2024-03-09/12-34-56-2/1/.hydra/config.yaml");
  });

  const failing: Task = ({ config }) => {
    if (config["seed"] === 1) throw new Error("one is bad");
  };

  it("goes on after a job that failed, tells of it, and ends with status 1", async () => {
    const { status, err } = await world().run(failing, ["-m", "seed=range(3)"]);
    expect(status).toBe(1);
    expect(err).toContain("Error executing job with overrides: ['seed=1']\nError: one is bad");
    expect(err).toMatch(
      /#0 {2}done .*seed=0\n#1 {2}failed .*seed=1\n#2 {2}done .*seed=2\n3 jobs: 2 done, 1 failed\n$/,
    );
  });

  it.each([
    ["--on-error=stop", "3 jobs: 1 done, 1 failed, 1 not finished"],
    ["--on-error=continue", "3 jobs: 2 done, 1 failed"],
  ])("does what %s says", async (flag, end) => {
    const { err } = await world().run(failing, ["-m", "seed=range(3)", flag]);
    expect(err).toContain(end);
  });

  it("ends with the batch in which a job failed, as Hydra does, unless it is to continue", async () => {
    const argv = ["-m", "seed=range(4)", "hydra.sweeper.max_batch_size=2"];
    expect((await world().run(failing, argv)).err).toContain("4 jobs: 1 done, 1 failed, 2 not finished");
    expect((await world().run(failing, [...argv, "--on-error", "continue"])).err).toContain(
      "4 jobs: 3 done, 1 failed",
    );
  });

  it("composes every job before the first begins", async () => {
    let begun = 0;
    const { status, err } = await world().run(() => void begun++, ["-m", "seed=1,2", "nope=1"]);
    expect([status, begun]).toEqual([1, 0]);
    expect(err).toContain("OVERRIDE_KEY");
  });

  it("that the user ends begins no further job and has status 130", async () => {
    const controller = new AbortController();
    let begun = 0;
    const { status } = await world().run(
      () => {
        begun++;
        controller.abort();
      },
      ["-m", "seed=range(5)"],
      {},
      controller.signal,
    );
    expect([status, begun]).toEqual([130, 1]);
  });

  it("names the launchers that there are where it knows none of a name", async () => {
    const { err } = await world().run(nothing, ["-m", "seed=1,2", "hydra.launcher._target_=a.B"]);
    expect(err).toContain("HYDRA_TARGET");
    expect(err).toContain("episcope.PoolLauncher");
  });

  it("says what takes the place of a plugin that Python has", async () => {
    const { err } = await world().run(nothing, ["-m", "hydra/launcher=joblib", "seed=1,2"]);
    expect(err).toContain("hydra-joblib-launcher");
    expect(err).toContain("hydra/launcher=pool");
  });
});

describe("callbacks", () => {
  const names = [
    "onRunStart",
    "onRunEnd",
    "onMultirunStart",
    "onMultirunEnd",
    "onJobStart",
    "onJobEnd",
  ] as const;
  const told: string[] = [];
  const callbacks = new Map([
    [
      "app.Tell",
      ({ tag }: Record<string, unknown>): Callback =>
        Object.fromEntries(names.map((name) => [name, () => void told.push(`${String(tag)} ${name}`)])),
    ],
    ["app.Bad", (): Callback => ({ onJobStart: () => Promise.reject(new TypeError("oh")) })],
  ]);
  const config = {
    "config.yaml":
      "seed: 0\nhydra:\n  callbacks:\n    a: {_target_: app.Tell, tag: a}\n    b: {_target_: app.Tell, tag: b}\n",
  };

  it.each([
    [[], "a onRunStart,b onRunStart,a onJobStart,b onJobStart,b onJobEnd,a onJobEnd,b onRunEnd,a onRunEnd"],
    [
      ["-m"],
      "a onMultirunStart,b onMultirunStart,a onJobStart,b onJobStart,b onJobEnd,a onJobEnd,b onMultirunEnd,a onMultirunEnd",
    ],
  ])("hear beginnings in order and ends in reverse: %j", async (argv, expected) => {
    told.length = 0;
    expect((await world(config).run(nothing, argv, { callbacks })).status).toBe(0);
    expect(told.join()).toBe(expected);
  });

  it("that fail are told of and stop nothing", async () => {
    const bad = { "config.yaml": "hydra: {callbacks: {bad: {_target_: app.Bad}}}\n" };
    const { status, err } = await world(bad).run(nothing, [], { callbacks });
    expect([status, err]).toEqual([0, "Callback Bad.onJobStart failed with TypeError: oh\n"]);
  });

  it("that the program does not know are refused", async () => {
    const { status, err } = await world(config).run(nothing);
    expect([status, err]).toEqual([1, expect.stringContaining("'hydra.callbacks.a' names 'app.Tell'")]);
  });

  it("of Hydra's own: what a job returned is written into its log", async () => {
    const own = {
      "config.yaml":
        "hydra: {callbacks: {log: {_target_: hydra.experimental.callbacks.LogJobReturnCallback}}}\n",
    };
    const here = world(own);
    await here.run(() => 42);
    expect(here.read(`${RUN}/app.log`)).toMatch(
      /LogJobReturnCallback\]\[INFO\] - Succeeded with return value: 42\n$/,
    );
  });
});

it("variables of the environment are overrides before those of the command line", async () => {
  const here = world();
  here.env["MYAPP__SEED"] = "5";
  here.env["MYAPP__LR"] = "0.5";
  const options = { environmentPrefix: "MYAPP" };
  const { out } = await here.run(nothing, ["--cfg", "job", "lr=0.7"], options);
  expect(out).toBe("lr: 0.7\nseed: 5\nname: run-${seed}\n");
  here.env["MYAPP__NOPE"] = "1";
  expect((await here.run(nothing, [], options)).err).toContain(
    "environment variable MYAPP__NOPE says nope=1",
  );
});

describe("by the rules of 1.4, an application", () => {
  const files = {
    "config.yaml": "defaults: [db: a, _self_]\nhydra:\n  aliases: {lr: opt.lr}\nopt: {lr: 1}\n",
    "db/a.yaml": "# @package _global_\nv: ${oc.env:TOLD,nothing}\n",
    "db/multi.yaml": "# @package _global_\nhydra: {mode: MULTIRUN}\n",
    "sweep.yaml": "hydra: {mode: MULTIRUN}\nx: 1\n",
  };
  const renewed = (name = "config") => {
    const here = world(files);
    const options = { versionBase: "1.4", configName: name } as const;
    return { here, run: (task: Task, argv: string[]) => here.run(task, argv, options) };
  };

  it("reads hydra.mode before it composes, and refuses a config that says otherwise", async () => {
    const { here, run } = renewed();
    expect((await run(nothing, ["lr=2"])).status).toBe(0);
    const hydra = here.read(`${RUN}/.hydra/hydra.yaml`);
    expect(hydra).toContain("  mode: RUN\n");
    expect(hydra).not.toContain("hydra.mode=RUN");
    const { status, err } = await run(nothing, ["db=multi"]);
    expect([status, err]).toEqual([1, expect.stringContaining("HYDRA_MODE_CHANGED")]);
    let jobs = 0;
    await renewed("sweep").run(() => void jobs++, ["x=1,2"]);
    expect(jobs).toBe(2);
  });

  it("sets variables for its job that its config can refer to", async () => {
    let told: unknown;
    const words = ["+hydra.job.env_set.TOLD='lr ${opt.lr}'"];
    await renewed().run((job) => {
      told = job.config["v"];
    }, words);
    expect(told).toBe("lr 1");
  });

  it("tells of its aliases", async () => {
    const { run } = renewed();
    const info = await run(nothing, ["--info", "aliases", "lr=2"]);
    expect(info.out).toBe(
      "== Override aliases ==\n\nlr -> opt.lr=<value>\nInput -> Expanded override\nlr=2 -> opt.lr=2\n",
    );
    const before = await world().run(nothing, ["--info", "aliases"]);
    expect([before.status, before.err]).toEqual([2, expect.stringContaining("--info")]);
  });
});
