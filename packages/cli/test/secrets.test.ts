import { describe, expect, it } from "vitest";
import { CWD, createWorld } from "./fixtures/world.js";

const CANARY = "canary-5b1d9e";
const ENV = { TOKEN: CANARY, KEY_FILE: "key.txt" };

function world() {
  return createWorld({ env: ENV, files: { "key.txt": `${CANARY}-file\n` } });
}

describe("what a config takes from the environment, or as a secret,", () => {
  it("stands in no file of a run and in no message", async () => {
    const place = world();
    const outcome = await place.run(
      ...["play", "episodes=1", "agent=random", "max_steps=2", "storage.run_name=run"],
      ...["visualization=debug_verbose", "logging=wandb_full", "logging.log_format=json"],
      ...["+note=${oc.env:TOKEN}", "+again=x-${note}", "+deep.list=[${secret:TOKEN},${secret:KEY}]"],
    );
    expect(outcome.status).toBe(0);
    expect(outcome.messages + outcome.out).not.toContain(CANARY);
    const files = place.files(".").filter((name) => name !== "key.txt");
    const holders = files.filter((name) => {
      const path = `${CWD}/${name}`;
      return place.fs.statSync(path).isFile() && place.fs.readFileSync(path).includes(CANARY);
    });
    expect(files.length).toBeGreaterThan(20);
    expect(holders).toEqual([]);
    const lock = JSON.parse(place.read("outputs/dev_episodes/run/.episcope/config.lock.json").toString()) as {
      config: Record<string, unknown>;
    };
    expect(lock.config).toMatchObject({
      note: "${oc.env:TOKEN}",
      again: "x-${note}",
      deep: { list: ["${secret:TOKEN}", "${secret:KEY}"] },
    });
    const drawn = await place.run(
      "replay",
      "outputs/dev_episodes/run",
      "--format",
      "svg",
      "--episode",
      "1",
      "--step",
      "0",
    );
    expect([drawn.status, drawn.messages]).toEqual([0, expect.not.stringContaining(CANARY)]);
  });

  it.each([
    ["play", "storage.max_storage_gb=${oc.env:TOKEN}"],
    ["play", "storage.max_storage_gb=${secret:KEY}"],
    ["play", "storage.cleanup_policy=${secret:TOKEN}"],
    ["config", "+a=${secret:TOKEN}", "--resolve"],
    ["config", "+a=${secret:KEY}", "--resolve"],
  ])("is not printed: %s %s", async (...words) => {
    const outcome = await world().run(...words);
    expect(outcome.messages + outcome.out).not.toContain(CANARY);
    expect(outcome.messages + outcome.out).toMatch(/\*\*\*|TOKEN|KEY/);
  });

  it("is missed by name", async () => {
    const outcome = await world().run("config", "+a=${secret:NOPE}", "--resolve");
    expect([outcome.status, outcome.messages]).toEqual([1, expect.stringContaining("NOPE")]);
  });
});

describe("an output that is not where it was asked for", () => {
  const words = ["play", "episodes=1", "agent=random", "max_steps=1", "visualization=debug_off"];

  it("ends with status 3, or with storage.on_unwritable=fail does not begin", async () => {
    const place = createWorld({ files: { outputs: "a file is in the way" } });
    const moved = await place.run(...words);
    expect([moved.status, moved.messages]).toEqual([3, expect.stringContaining("instead")]);
    const failed = await place.run(...words, "storage.on_unwritable=fail");
    expect([failed.status, failed.out]).toEqual([1, ""]);
    expect(failed.messages).toContain("OUTPUT_UNWRITABLE");
  });
});

it("a secret that is not there is named", async () => {
  const { status, messages } = await world().run("config", "+a=${secret:NOBODY}", "--resolve");
  expect(status).toBe(1);
  expect(messages).toContain("the secret 'NOBODY' is not there");
});

describe("a secret of awkward characters, and what is made of it,", () => {
  const awkward = `p"a's\\s wö\nrd 🔑 ${CANARY} ${"long ".repeat(30)}end`;
  const env = { TOKEN: awkward, PAIR: `{user: ${CANARY}-u, password: ${CANARY}-p}`, PORT: "70991" };
  const given = [
    "+a=${secret:TOKEN}",
    "+b='Bearer ${a}'",
    "+c='${oc.decode:${secret:PAIR}}'",
    "+d='${oc.decode:${secret:PORT}}'",
    "+e='${c}'",
  ];

  it("is in no output of the verbs that print configs, and in no file that they write", async () => {
    const place = createWorld({ env });
    const played = await place.run(
      ...["play", ...given, "episodes=1", "agent=random", "max_steps=1", "storage.run_name=run"],
      ...["visualization=debug_full", "visualization.output_formats=[svg,html]", "logging.log_format=pickle"],
    );
    expect([played.status, played.messages]).toEqual([0, expect.any(String)]);
    const run = "outputs/dev_episodes/run";
    const lines: string[][] = [
      ["config", ...given],
      ["config", ...given, "--resolve"],
      ["config", ...given, "--resolve", "--cfg", "all"],
      ["config", ...given, "--provenance"],
      ["config", ...given, "--provenance", "--resolve"],
      ...["a", "b", "c", "d", "e", "c.password"].flatMap((key) => [
        ["config", ...given, "--explain", key],
        ["config", ...given, "-p", key],
        ["config", ...given, "-p", key, "--resolve"],
      ]),
      ["config", ...given, "--explain", ""],
      ...["all", "config", "defaults", "defaults-tree", "searchpath", "plugins"].map((info) => [
        ...["config", ...given, "--info", info],
      ]),
      ["config", "lock", ...given],
      ["config", "lock", ...given, "--in", "x.lock.json"],
      ["config", "diff", ".", given.join(" ").replaceAll("'", "")],
      ["config", "diff", run, "."],
      ["config", "validate", ...given],
      ["config", "schema"],
      ["config", "--locked", run],
      ["config", "save", "storage/x", "storage.base_output_dir=${secret:TOKEN}", "--config-dir", "mine"],
      ["config", "storage.max_storage_gb=${secret:TOKEN}"],
      ["config", "storage.max_storage_gb='${oc.decode:${secret:PAIR}}'"],
      ["config", "storage.cleanup_policy=${secret:TOKEN}"],
      ["config", "storage.episode_dir_format=${secret:TOKEN}"],
      ["config", "+x='${oc.decode:${secret:TOKEN}}'", "--resolve"],
      ["play", "task_dir=${secret:TOKEN}"],
      ["play", "agent=${secret:TOKEN}"],
      ["record", "input=${secret:TOKEN}"],
      ["rerun", run],
      ["rerun", run, "--locked"],
      ["report", run, "--output", "report.html"],
      ["list", run],
    ];
    for (const words of lines) {
      const { out, messages } = await place.run(...words);
      const told = out + messages;
      expect([words.join(" "), told.includes(CANARY), told.includes("70991")]).toEqual([
        words.join(" "),
        false,
        false,
      ]);
    }
    const holders = place.files(".").filter((name) => {
      const path = `${CWD}/${name}`;
      return place.fs.statSync(path).isFile() && place.fs.readFileSync(path).includes(CANARY);
    });
    expect(holders).toEqual([]);
  });
});
