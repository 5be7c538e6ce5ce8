import { Command } from "commander";
import { describe, expect, it } from "vitest";
// Inside: the list of all verbs, to go through it.
import { VERBS as ENTRIES } from "../src/program/verbs.js";
import { createWorld, type World } from "./fixtures/world.js";

const VERBS = [
  "play",
  "record",
  "import",
  "fork",
  "rerun",
  "replay",
  "show",
  "list",
  "search",
  "analyze",
  "report",
  "compare",
  "verify",
  "recover",
  "clean",
  "send",
  "config",
];
const READING = ["replay", "show", "list", "verify", "recover"];

/** A world with one recorded run of two short episodes. */
async function recordedWorld(): Promise<{ world: World; dir: string }> {
  const world = createWorld();
  const played = await world.run("play", "episodes=2", "visualization=debug_off", "storage.run_name=run");
  expect(played.status).toBe(0);
  return { world, dir: "outputs/dev_episodes/run" };
}

describe("episcope", () => {
  it.each(["--help", "-h"])("%s prints the verbs to standard output and ends with 0", async (flag) => {
    const { status, out, messages } = await createWorld().run(flag);
    expect([status, messages]).toEqual([0, ""]);
    for (const verb of VERBS) expect(out).toMatch(new RegExp(`^ {2}${verb}\\b`, "m"));
  });

  it.each(VERBS)("%s --help prints its flags and what its words are", async (verb) => {
    const { status, out, messages } = await createWorld().run(verb, "--help");
    expect([status, messages]).toEqual([0, ""]);
    expect(out).toContain(`Usage: episcope ${verb}`);
  });

  it.each(ENTRIES)("says of $name, without loading it, whether it has flags", async ({ load, hasFlags }) => {
    const command = new Command();
    (await load()).declare(command);
    expect(command.options.length > 0).toBe(hasFlags);
  });

  it("--version prints the version alone", async () => {
    const { status, out } = await createWorld().run("--version");
    expect([status, out]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
  });

  it("without a verb says how it is used and ends with 2", async () => {
    const { status, out, messages } = await createWorld().run();
    expect([status, out]).toEqual([2, ""]);
    expect(messages).toContain("Usage: episcope");
  });

  it("names the verb that an unknown one is near to", async () => {
    const { status, messages } = await createWorld().run("confg");
    expect(status).toBe(2);
    expect(messages).toContain("Did you mean config?");
  });

  it.each(VERBS)("%s refuses a flag that it does not have, with 2", async (verb) => {
    const { status, out, messages } = await createWorld().run(verb, "--nope");
    expect([status, out]).toEqual([2, ""]);
    expect(messages).toContain("unknown option '--nope'");
  });

  it("names the flag that an unknown one is near to", async () => {
    const { messages } = await createWorld().run("replay", ".", "--epsode", "1");
    expect(messages).toContain("Did you mean --episode?");
  });

  it.each([
    ["replay", "--episode"],
    ["config", "--explain"],
    ["play", "--allow-plugins"],
    ["record", "--config-dir"],
  ])("%s %s without its value ends with 2", async (verb, flag) => {
    expect((await createWorld().run(verb, flag)).status).toBe(2);
  });

  it("takes flags after words, as Hydra does", async () => {
    const { out } = await createWorld().run("config", "storage=production", "--package", "storage");
    expect(out).toMatch(/^base_output_dir: outputs\/prod_episodes$/m);
  });
});

describe("a reading verb", () => {
  // `list` looks below `outputs` then.
  it.each(READING.filter((verb) => verb !== "list"))(
    "%s without a run says what to name, with 2",
    async (verb) => {
      const { status, out, messages } = await createWorld().run(verb);
      expect([status, out]).toEqual([2, ""]);
      expect(messages).toMatch(/needs a run directory[\s\S]*CLI_RUN_MISSING/);
    },
  );

  it.each(READING)("%s of a directory that does not exist names it, with 2", async (verb) => {
    const { status, messages } = await createWorld().run(verb, "outputs/nope");
    expect(status).toBe(2);
    expect(messages).toMatch(/'outputs\/nope'[\s\S]*CLI_RUN_NOT_FOUND/);
  });

  it.each(READING)("%s of a directory that holds no run names it, with 1", async (verb) => {
    const world = createWorld({ files: { "folder/notes.txt": "" } });
    const { status, messages } = await world.run(verb, "folder");
    expect(status).toBe(1);
    expect(messages).toMatch(/folder[\s\S]*RUN_NOT_FOUND/);
  });

  it.each(["replay", "show"])(
    "%s of an episode that the run does not have names those it has, with 1",
    async (verb) => {
      const { world, dir } = await recordedWorld();
      const { status, messages } = await world.run(verb, dir, "--episode", "9");
      expect(status).toBe(1);
      expect(messages).toMatch(/no episode 9. Episodes: 1 to 2[\s\S]*EPISODE_NOT_FOUND/);
    },
  );

  it.each(["replay", "show"])(
    "%s of a step that the episode does not have names those it has, with 1",
    async (verb) => {
      const { world, dir } = await recordedWorld();
      const { status, messages } = await world.run(verb, dir, "--episode", "1", "--step", "99");
      expect(status).toBe(1);
      expect(messages).toMatch(/no step 99. Steps: 0 to \d+[\s\S]*STEP_NOT_FOUND/);
    },
  );

  it.each(["x", "0", "-1", "1.5", "1e99"])("replay --episode %s is wrong use", async (number) => {
    const { world, dir } = await recordedWorld();
    const { status, messages } = await world.run("replay", dir, `--episode=${number}`);
    expect(status).toBe(2);
    expect(messages).toContain("CLI_FLAG_INVALID");
  });

  it("replay --step without --episode is wrong use", async () => {
    const { world, dir } = await recordedWorld();
    const { status, messages } = await world.run("replay", dir, "--step", "1");
    expect(status).toBe(2);
    expect(messages).toMatch(/--episode is needed[\s\S]*CLI_FLAG_NEEDED/);
  });

  it.each(["show", "verify", "list", "recover"])(
    "%s refuses words that it would not use, with 2",
    async (verb) => {
      const { world, dir } = await recordedWorld();
      const { status, messages } = await world.run(verb, dir, "nope");
      expect(status).toBe(2);
      expect(messages).toContain("'nope'");
    },
  );

  it("replay refuses a second run, which it would not read, with 2", async () => {
    const { world, dir } = await recordedWorld();
    expect((await world.run("replay", dir, dir)).status).toBe(2);
  });
});
