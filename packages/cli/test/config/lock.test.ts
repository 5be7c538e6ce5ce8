import { describe, expect, it } from "vitest";
import { createWorld, type World } from "../fixtures/world.js";

const SHORT = ["episodes=1", "max_steps=2", "agent=random", "visualization=debug_off"];

interface Lock {
  readonly config_hash: string;
  readonly overrides: readonly string[];
  readonly origins: Readonly<Record<string, string>>;
  readonly config: {
    readonly storage: Readonly<Record<string, unknown>>;
    readonly visualization: Readonly<Record<string, unknown>>;
    readonly note?: string;
  };
}

const RUN = "outputs/dev_episodes/run";

function lockOf(world: World, run: string): Lock {
  return JSON.parse(String(world.fs.readFileSync(`${run}/.episcope/config.lock.json`))) as Lock;
}

async function recorded(...words: string[]): Promise<World> {
  const world = createWorld({
    files: { "mine/storage/mine.yaml": "defaults: [development, _self_]\nmin_free_gb: 0.25\n" },
  });
  const { status, messages } = await world.run("play", ...SHORT, "storage.run_name=run", ...words);
  expect([status, messages]).toEqual([0, expect.any(String)]);
  return world;
}

describe("the lock of a run", () => {
  it("says of every value where it came from", async () => {
    const { origins } = lockOf(await recorded(), `/project/${RUN}`);
    expect(origins).toMatchObject({
      "storage.max_storage_gb": "episcope/conf/storage/development.yaml:5",
      max_steps: "override max_steps=2",
    });
  });

  it("agrees with the same words, and else --locked names each value that differs and what causes it", async () => {
    const world = await recorded("storage=mine", "--config-dir", "mine");
    const words = [...SHORT, "storage.run_name=run", "storage=mine", "--config-dir", "mine", "--locked", RUN];
    const same = await world.run("config", "--config-name", "play", ...words);
    expect([same.status, same.messages]).toEqual([0, ""]);
    world.fs.writeFileSync(
      "/project/mine/storage/mine.yaml",
      "defaults: [development, _self_]\n\nmin_free_gb: 0.75\n",
    );
    const drifted = await world.run("play", ...words, "max_steps=3");
    expect([drifted.status, drifted.out]).toEqual([1, ""]);
    expect(drifted.messages).toContain("[CLI_CONFIG_DRIFTED]");
    expect(drifted.messages).toContain(
      "  storage.min_free_gb\n    locked 0.25   mine/storage/mine.yaml:2\n    now    0.75   mine/storage/mine.yaml:3\n",
    );
    expect(drifted.messages).toContain(
      "max_steps\n    locked 2   override max_steps=2\n    now    3   override max_steps=3\n",
    );
    // A comparison of the two says the same.
    const { out } = await world.run(
      "config",
      "diff",
      RUN,
      "visualization=debug_off storage=mine",
      "--config-dir",
      "mine",
    );
    expect(out).toContain("  - 0.25   mine/storage/mine.yaml:2\n  + 0.75   mine/storage/mine.yaml:3\n");
  });

  it("does not drift with the clock, nor with the environment", async () => {
    const note = ["+note=${now:%H-%M-%S}-${oc.env:TOKEN,none}", "+when=${now:%S}"];
    const world = await recorded(...note);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const words = [...SHORT, "storage.run_name=run", ...note, "--config-name", "play", "--locked", RUN];
    const { status } = await world.with({ env: { TOKEN: "other" } }).run("config", ...words);
    expect(status).toBe(0);
  });

  it("can be made without a run", async () => {
    const world = createWorld();
    const made = await world.run("config", "lock", "--config-name", "play", ...SHORT, "--in", "my.lock.json");
    expect([made.status, made.out]).toEqual([0, "my.lock.json\n"]);
    expect((await world.run("play", ...SHORT, "--locked", "my.lock.json")).status).toBe(0);
    const { status } = await world.run("rerun", "my.lock.json");
    expect(status).toBe(0);
    const printed = await world.run("config", "lock");
    expect(JSON.parse(printed.out)).toMatchObject({ version: 1, overrides: [] });
  });

  it("is missed by name, and refused where it cannot be read", async () => {
    const world = createWorld({ files: { "odd.json": "{}", "newer.json": '{"version": 99, "config": {}}' } });
    const messages = async (file: string) => (await world.run("config", "--locked", file)).messages;
    expect(await messages("none")).toContain("[CLI_LOCK_MISSING]");
    expect(await messages("odd.json")).toContain("[RUN_CONFIG_MISSING]");
    expect(await messages("newer.json")).toContain("newer");
    const sweep = await world.run("play", "-m", "seed=1,2", "--locked", "odd.json");
    expect([sweep.status, sweep.messages]).toEqual([2, expect.stringContaining("--locked")]);
  });
});

describe("episcope rerun", () => {
  it("makes the run again, under a name of its own, and the same config", async () => {
    const world = await recorded("seed=7");
    const { status, out, messages } = await world.run("rerun", RUN);
    expect([status, messages]).toEqual([0, expect.stringContaining("Played 1 episode")]);
    const [before, after] = [lockOf(world, `/project/${RUN}`), lockOf(world, out.trim())];
    expect(out.trim()).not.toBe(`/project/${RUN}`);
    expect(after.config_hash).toBe(before.config_hash);
    expect(after.origins).toEqual(before.origins);
    const compared = await world.run("compare", RUN, out.trim());
    expect(compared.status).toBe(0);
  });

  it("has again the numbers that JSON does not know, and neither --locked nor config diff finds another", async () => {
    const words = ["+own.inf=inf", "+own.low=-inf", "+own.nan=nan", "+own.zero=-0.0", "+own.list=[inf,1]"];
    const world = await recorded(...words, "storage.max_storage_gb=inf");
    const { out, messages } = await world.run("rerun", RUN, "--locked");
    expect(messages).toContain("Played 1 episode");
    const [before, after] = [lockOf(world, `/project/${RUN}`), lockOf(world, out.trim())];
    expect(before.config).toMatchObject({
      storage: { max_storage_gb: "${oc.decode:'inf'}" },
      own: { low: "${oc.decode:'-inf'}", list: ["${oc.decode:'inf'}", 1] },
    });
    expect(after.config).toMatchObject({ ...before.config, storage: expect.anything() });
    expect(after.config_hash).toBe(before.config_hash);
    const diff = await world.run("config", "diff", RUN, out.trim());
    expect(diff.out).not.toMatch(/own\.|max_storage_gb/);
  });

  it("takes overrides, and choices of groups that keep what the run's overrides had set in them", async () => {
    const world = await recorded("visualization.color_scheme=arc3");
    const words = ["visualization=debug_minimal", "seed=3", "storage.run_name=again"];
    const { status, out, messages } = await world.run("rerun", RUN, ...words);
    expect([status, messages]).toEqual([0, expect.any(String)]);
    const lock = lockOf(world, out.trim());
    expect(lock.config.visualization).toMatchObject({ debug_level: "minimal", color_scheme: "arc3" });
    expect(lock.config.storage).toMatchObject({ run_name: "again", max_storage_gb: 1 });
    expect(lock.overrides).toEqual([
      ...SHORT.filter((word) => !word.startsWith("visualization=")),
      "visualization.color_scheme=arc3",
      ...words,
    ]);
  });

  it("is not moved by what the files say today, unless --locked refuses it", async () => {
    const world = await recorded("storage=mine", "--config-dir", "mine");
    expect((await world.run("rerun", RUN, "--locked")).status).toBe(0);
    world.fs.writeFileSync(
      "/project/mine/storage/mine.yaml",
      "defaults: [development, _self_]\nmin_free_gb: 0.75\n",
    );
    const { out } = await world.run("rerun", RUN);
    expect(lockOf(world, out.trim()).config.storage).toMatchObject({ min_free_gb: 0.25 });
    const refused = await world.run("rerun", RUN, "--locked");
    expect([refused.status, refused.messages]).toEqual([
      1,
      expect.stringContaining("mine/storage/mine.yaml:2"),
    ]);
  });

  it("records again what is in the input", async () => {
    const world = await recorded();
    const stream = await world.run("replay", RUN);
    world.fs.writeFileSync("/project/stream.ndjson", stream.out);
    const first = await world.run("record", "input=stream.ndjson", "visualization=debug_off");
    const again = await world.run("rerun", first.out.trim());
    expect([again.status, again.messages]).toEqual([0, expect.any(String)]);
    expect((await world.run("compare", first.out.trim(), again.out.trim())).status).toBe(0);
  });

  it("keeps secrets and texts that look like interpolations as they were written", async () => {
    const world = await recorded("+note='\\${a}'", "+again=${note}");
    const { out } = await world.run("rerun", RUN);
    expect(lockOf(world, out.trim()).config.note).toBe(lockOf(world, `/project/${RUN}`).config.note);
    expect(lockOf(world, out.trim()).config.note).toBe("\\${a}");
  });

  it("says what it needs", async () => {
    const world = await recorded();
    expect((await world.run("rerun")).messages).toContain("[CLI_RUN_MISSING]");
    expect((await world.run("rerun", "nothing")).messages).toContain("[CLI_LOCK_MISSING]");
    world.fs.writeFileSync("/project/own.json", '{"version": 1, "config": {"a": 1}}');
    expect((await world.run("rerun", "own.json")).messages).toContain("[CLI_RERUN_UNKNOWN]");
  });
});
