import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { recordsOf } from "./fixtures/streams.js";
import { CWD, createWorld, type World } from "./fixtures/world.js";

const FOLDER = "outputs/dev_episodes";
const EXTENSIONS = { json: "json.gz", hdf5: "h5", pickle: "pkl.gz" } as const;
const FORMATS = ["json", "hdf5", "pickle"] as const;
const SMALL = ["episodes=3", "visualization=debug_off", "agent=random", "max_steps=9", "seed=3"];

let world: World;

beforeAll(async () => {
  world = createWorld();
  for (const format of FORMATS) {
    const words = [`logging.log_format=${format}`, "logging.include_full_states=true"];
    const { status } = await world.run("play", ...SMALL, ...words, `storage.run_name=${format}`);
    expect(status).toBe(0);
  }
});

/** The records of a run's episodes, without what the recorder of each run says anew. */
async function episodesOf(dir: string): Promise<unknown[]> {
  const { status, out } = await world.run("replay", dir);
  expect(status).toBe(0);
  return recordsOf(out)
    .filter(({ type }) => !/^(hello|run)/.test(String(type)))
    .map(({ seq: _, ...record }) => record);
}

describe("import", () => {
  it.each(FORMATS)("makes a run with equal records of the %s exports of another", async (format) => {
    const name = `imported_${format}`;
    const from = `${FOLDER}/${format}`;
    const { status, out, messages } = await world.run(
      "import",
      from,
      "visualization=debug_off",
      `storage.run_name=${name}`,
    );
    expect([status, messages]).toEqual([0, expect.stringContaining("Imported 3 episodes.")]);
    const dir = out.trim();
    expect(await episodesOf(dir)).toEqual(await episodesOf(from));
    expect((await world.run("verify", dir)).out).toMatch(/intact, 3 episodes/);
    const shown = await world.run("show", dir);
    expect(shown.out).toMatch(new RegExp(`run\\.origin\\.files +\\["${from}/episode_`));
    expect((await world.run("list", FOLDER)).out).toMatch(new RegExp(`${name} .* import of 3 episodes`));
  });

  it("takes files, in any order, and says which cannot be read: status 3", async () => {
    const good = `${FOLDER}/json/episode_0002/episode.json.gz`;
    const other = createWorld({ files: { "bad/episode.json": "{}" } });
    const recorded = await other.run("play", ...SMALL, "logging.log_format=json", "storage.run_name=json");
    expect(recorded.status).toBe(0);
    const one = await other.run("import", good, "bad", "visualization=debug_off");
    expect([one.status, one.messages]).toEqual([3, expect.stringContaining("EXPORT_UNREADABLE")]);
    expect(one.messages).toContain("Imported 1 episode.");
  });

  it("refuses what it cannot use, and makes no run of it", async () => {
    const other = createWorld({ files: { "notes.txt": "hello", "empty/a.txt": "", "x/episode.json": "{" } });
    const before = other.files(".");
    for (const [words, code, status] of [
      [[], "CLI_IMPORT_MISSING", 2],
      [["nowhere"], "CLI_FILE_MISSING", 2],
      [["x", "input=y"], "CLI_WORD_UNUSED", 2],
      [["empty"], "EXPORT_NOT_FOUND", 1],
      [["notes.txt"], "EXPORT_UNREADABLE", 1],
      [["x"], "EXPORT_UNREADABLE", 1],
    ] as const) {
      const outcome = await other.run("import", ...words);
      expect([outcome.status, outcome.messages], code).toEqual([status, expect.stringContaining(code)]);
    }
    expect(other.files(".")).toEqual(before);
  });
});

describe("a run whose journals are gone", () => {
  it.each(FORMATS)("is read, checked and mended from its %s exports", async (format) => {
    const name = `bare_${format}`;
    const dir = `${FOLDER}/${name}`;
    await world.run("play", ...SMALL, `logging.log_format=${format}`, `storage.run_name=${name}`);
    const episodes = await episodesOf(dir);
    for (const number of [1, 2, 3]) world.fs.rmSync(join(CWD, dir, `episode_000${number}`, "journal.epi"));
    expect(await episodesOf(dir)).toEqual(episodes);
    expect((await world.run("show", `${dir}/episode_0002`)).status).toBe(0);
    const checked = await world.run("verify", dir);
    expect([checked.status, checked.out]).toEqual([
      1,
      expect.stringContaining(`the records come from episode.${EXTENSIONS[format]}`),
    ]);
    const recovered = await world.run("recover", dir);
    expect([recovered.status, recovered.out]).toEqual([
      3,
      expect.stringContaining("3 made again from exports"),
    ]);
    expect(await episodesOf(dir)).toEqual(episodes);
    expect((await world.run("verify", dir)).out).toMatch(/: intact/);
    expect((await world.run("recover", dir)).status).toBe(0);
  });
});

describe("a run that has lost an episode", () => {
  it("is read, drawn and given back as far as it goes, and says what is gone: status 3", async () => {
    const dir = `${FOLDER}/lossy`;
    await world.run("play", ...SMALL, "storage.run_name=lossy");
    for (const name of ["journal.epi", "episode.json.gz"]) {
      world.fs.rmSync(join(CWD, dir, "episode_0002", name));
    }
    world.fs.writeFileSync(join(CWD, dir, "run.epi"), new Uint8Array(200));
    const replayed = await world.run("replay", dir);
    expect([replayed.status, replayed.messages]).toEqual([
      3,
      expect.stringContaining("of 1 episode are lost"),
    ]);
    expect((await world.run("recover", dir)).out).toContain("of 1 episode the records are lost");
    for (const words of [["show"], ["list"], ["analyze"], ["render"], ["search", "reward < 0"]]) {
      const [verb, ...rest] = words as [string, ...string[]];
      expect((await world.run(verb, dir, ...rest)).status, verb).toBe(0);
    }
    const shown = await world.run("show", `${dir}/episode_0002`);
    expect([shown.status, shown.messages]).toEqual([1, expect.stringContaining("EPISODE_NOT_KEPT")]);
  });
});

describe("fork", () => {
  it("lets an agent go on from a recorded step, as a run that names where it comes from", async () => {
    const origin = `${FOLDER}/json`;
    const { status, out, messages } = await world.run(
      "fork",
      origin,
      "--episode",
      "2",
      "--step",
      "3",
      "agent=search",
      "visualization=debug_off",
      "storage.run_name=forked",
    );
    expect([status, messages]).toEqual([
      0,
      expect.stringContaining("Went on behind step 3 of episode 2 of json"),
    ]);
    const dir = out.trim();
    const ofOrigin = recordsOf((await world.run("replay", origin, "--episode", "2")).out);
    const [start, ...rest] = recordsOf((await world.run("replay", dir, "--episode", "1")).out);
    const { task_id, pair_index, input, target } = ofOrigin[0]!;
    expect(start).toMatchObject({ task_id, pair_index, input, target, initial: ofOrigin[4]!["after"] });
    expect(start).toMatchObject({ meta: { origin: { verb: "fork", run: "json", episode: 2, step: 3 } } });
    expect(rest.at(-1)).toMatchObject({ type: "episode-end", outcome: "success" });
    expect((await world.run("verify", dir, "--env", "arc-env")).out).toContain(
      "1 of 1 episode done again alike",
    );
    expect((await world.run("list", FOLDER)).out).toMatch(/forked .* fork of json, episode 2, step 3/);
    const compared = await world.run("compare", `${origin}/episode_0002`, `${dir}/episode_0001`);
    expect([compared.status, compared.out]).toEqual([
      0,
      expect.stringContaining("begin with different grids"),
    ]);
  });

  it("begins where the episode began without --step, and needs one that is there", async () => {
    const origin = `${FOLDER}/json`;
    const whole = await world.run("fork", `${origin}/episode_0001`, "visualization=debug_off");
    expect([whole.status, whole.messages]).toEqual([0, expect.stringContaining("from the beginning")]);
    for (const [words, code] of [
      [[origin], "CLI_FLAG_NEEDED"],
      [[origin, "--episode", "9"], "EPISODE_NOT_FOUND"],
      [[origin, "--episode", "1", "--step", "400"], "STEP_NOT_FOUND"],
      [[origin, "--episode", "1", "agent=nobody"], "UNKNOWN_AGENT"],
      [["nowhere", "--episode", "1"], "CLI_RUN_NOT_FOUND"],
    ] as const) {
      const { messages } = await world.run("fork", ...words);
      expect(messages, code).toContain(code);
    }
  });
});
