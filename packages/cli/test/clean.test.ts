import { describe, expect, it } from "vitest";
import { createWorld, type World } from "./fixtures/world.js";

/** Three runs of one episode each, made one after another. */
async function worldOfRuns(): Promise<World> {
  const world = createWorld();
  for (const name of ["a", "b", "c"]) {
    const { status } = await world.run(
      "play",
      "episodes=1",
      "visualization=debug_minimal",
      `storage.run_name=${name}`,
      "storage.cleanup_policy=manual",
    );
    expect(status).toBe(0);
  }
  return world;
}

const BASE = "outputs/dev_episodes";
const episodesOf = (world: World) => world.files(BASE).filter((name) => name.endsWith("journal.epi"));
const FULL = ["storage.max_storage_gb=0.000001", "storage.cleanup_policy=oldest_first"];

describe("clean", () => {
  it("--dry-run prints what would go, in its order, and deletes nothing", async () => {
    const world = await worldOfRuns();
    const before = world.files(BASE);
    const { status, out, messages } = await world.run("clean", "--dry-run", ...FULL);
    expect(status).toBe(0);
    expect(out).toMatch(/^run +episode +deletes +bytes +reason\na +1 /);
    expect(messages).toMatch(/^\d+ deletions would free \d+ bytes/m);
    expect(world.files(BASE)).toEqual(before);
  });

  it("deletes what its dry run has announced", async () => {
    const world = await worldOfRuns();
    world.fs.writeFileSync("/project/outputs/dev_episodes/a/mine.txt", "not ours");
    const announced = await world.run("clean", "--dry-run", ...FULL);
    const done = await world.run("clean", ...FULL);
    expect([done.status, done.out]).toEqual([0, announced.out]);
    expect(episodesOf(world)).not.toContain("a/episode_0001/journal.epi");
    // What no manifest lists is nobody's to delete.
    expect(world.read(`${BASE}/a/mine.txt`).toString()).toBe("not ours");
  });

  it("has nothing to do below the limit, and with the policy manual", async () => {
    const world = await worldOfRuns();
    for (const words of [["storage.max_storage_gb=1"], [FULL[0]!, "storage.cleanup_policy=manual"]]) {
      const { status, out, messages } = await world.run("clean", ...words);
      expect([status, out]).toEqual([0, ""]);
      expect(messages).toMatch(/^There is nothing to delete below /m);
    }
    expect(episodesOf(world)).toHaveLength(3);
  });

  it("takes a folder in place of storage.base_output_dir, and no second one", async () => {
    const world = await worldOfRuns();
    const named = await world.run("clean", BASE, "--dry-run", ...FULL);
    expect(named).toEqual(await world.run("clean", "--dry-run", ...FULL));
    expect((await world.run("clean", BASE, "outputs")).status).toBe(2);
  });

  it("leaves runs that verify finds intact", async () => {
    const world = await worldOfRuns();
    await world.run("clean", ...FULL);
    for (const name of ["a", "b", "c"]) {
      const verdict = await world.run("verify", `${BASE}/${name}`);
      expect([name, verdict.status, verdict.out]).toEqual([name, 0, expect.stringContaining("intact")]);
    }
  });

  it("says what is used, which limit holds, and what no policy touches", async () => {
    const world = await worldOfRuns();
    const { messages } = await world.run("clean", "--dry-run", FULL[0]!, "storage.cleanup_policy=manual");
    expect(messages).toMatch(
      /Below \/project\/outputs\/dev_episodes: [\d.]+ (bytes|kB) of the episodes of finished runs, which storage\.max_storage_gb=0\.000001 \(1000 bytes\) counts; [\d.]+ (bytes|kB) more that no policy touches/,
    );
    expect(messages).toMatch(/cleanup_policy=manual leaves [\d.]+ (bytes|kB), more than the limit/);
  });

  it("--empty deletes runs without an episode and without metrics, and nothing else", async () => {
    const world = await worldOfRuns();
    world.fs.writeFileSync("/project/nothing.ndjson", "no record\n");
    const numbers = '{"type":"metrics","seq":0,"time":1,"step":0,"values":{"loss":1}}\n';
    world.fs.writeFileSync("/project/numbers.ndjson", numbers);
    for (const [input, name] of [
      ["nothing", "empty"],
      ["nothing", "with_notes"],
      ["numbers", "numbers"],
    ]) {
      await world.run("record", `input=${input}.ndjson`, `storage.run_name=${name}`);
    }
    world.fs.writeFileSync(`/project/${BASE}/with_notes/mine.txt`, "mine");
    const before = await world.run("clean");
    expect(before.messages).toMatch(/1 run without an episode is there too; --empty deletes such/);
    expect((await world.run("clean", "--empty", "--dry-run")).out).toBe("empty: no episode, no metrics\n");
    const done = await world.run("clean", "--empty");
    expect(done).toMatchObject({ status: 0, out: "empty: no episode, no metrics\n" });
    expect(done.messages).toMatch(/1 empty run deleted/);
    const runs = world.fs.readdirSync(`/project/${BASE}`);
    expect(runs).toEqual(["a", "b", "c", "numbers", "with_notes"]);
  });
});
