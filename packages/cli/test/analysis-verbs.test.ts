import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readText, shellWords } from "./documentation/repository.js";
import { CWD, createWorld, type World } from "./fixtures/world.js";

const FOLDER = "outputs/dev_episodes";
const RUN = `${FOLDER}/first`;
const OTHER = `${FOLDER}/second`;

let world: World;

beforeAll(async () => {
  world = createWorld();
  const play = (name: string, ...words: string[]) =>
    world.run("play", "episodes=4", "visualization=debug_off", `storage.run_name=${name}`, ...words);
  await play("first", "agent=random", "seed=3", "max_steps=12");
  await play("second");
});

describe("the ten questions of docs/analysis.md", () => {
  const questions = [
    ...readText("docs/analysis.md").matchAll(/^\| ([A-Z][^|]*\?) \| `npx episcope ([^`]*)`/gm),
  ];

  it("are ten", () => {
    expect(questions.length).toBe(10);
  });

  it.each(questions.map(([, question, command]) => [question!, command!]))("%s", async (_, command) => {
    const words = shellWords(command).map((word) => word.replace(/\bRUN\b/, RUN).replace(/\bOTHER\b/, OTHER));
    const { status, out, messages } = await world.run(...words);
    expect([
      status,
      messages === "" || messages === "Nothing matches.\n" || messages === "Nothing matches.",
    ]).toEqual([0, true]);
    if (messages === "") expect(out.length).toBeGreaterThan(40);
  });
});

describe("list", () => {
  it("of a folder, of several, or of nothing has the runs below it, with what they have come to", async () => {
    const { out, status } = await world.run("list", FOLDER);
    expect(status).toBe(0);
    expect(out).toMatch(/^run +state +episodes +success +95 % +return +steps +began/);
    expect(out).toMatch(/^outputs\/dev_episodes\/first +complete +4 +0 \(0 %\) +0 to 49 +-/m);
    expect(out).toMatch(/^outputs\/dev_episodes\/second +complete +4 +4 \(100 %\) +51 to 100 +\d/m);
    expect((await world.run("list")).out).toBe(out);
    expect((await world.run("list", "outputs")).out).toBe(out);
    expect((await world.run("list", "nowhere")).status).toBe(2);
  });

  it("chooses by --where, adds --columns, sorts and cuts", async () => {
    const chosen = await world.run(
      "list",
      FOLDER,
      "--where",
      "success_rate > 0.5",
      "--columns",
      "run_steps,count(steps > 3)",
    );
    expect(chosen.out.split("\n").length).toBe(3);
    expect(chosen.out).toContain("count(steps > 3)");
    const sorted = await world.run("list", FOLDER, "--sort", "steps", "--reverse", "--limit", "1", "--json");
    expect(sorted.out.trim().split("\n").length).toBe(1);
    const episodes = await world.run(
      "list",
      RUN,
      "--where",
      "steps > 2",
      "--columns",
      "meta.agent",
      "--sort",
      "reward",
    );
    expect(episodes.out).toMatch(/^first: \d of 4 episodes\n/);
    expect(episodes.out).toContain("random");
    expect((await world.run("list", FOLDER, "--sort", "nonsense")).status).toBe(2);
    expect((await world.run("list", FOLDER, "--where", "reward > 0")).messages).toContain(
      "QUERY_LEVEL_WRONG",
    );
  });

  it("of a folder --json has an object per run", async () => {
    const { out } = await world.run("list", FOLDER, "--json");
    const runs = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(runs).toContainEqual(
      expect.objectContaining({ name: "second", state: "complete", success_rate: 1, episodes: 4 }),
    );
  });
});

describe("search", () => {
  it("prints a table, JSON lines, a count, or words for show", async () => {
    const query = 'op != "submit" and changed == 0';
    const { out } = await world.run("search", RUN, query);
    const [head, ...rows] = out.trimEnd().split("\n");
    expect(head).toMatch(/^run +episode +step +task +op +reward +similarity +changed/);
    expect((await world.run("search", RUN, query, "--count")).out).toBe(`${rows.length}\n`);
    const lines = (await world.run("search", RUN, query, "--json")).out.trimEnd().split("\n");
    expect(lines.length).toBe(rows.length);
    expect(JSON.parse(lines[0]!)).toMatchObject({ run: RUN, changed: 0 });
    const ids = (await world.run("search", RUN, query, "--ids")).out.trimEnd().split("\n");
    expect(ids.length).toBe(rows.length);
    const shown = await world.run("show", ...ids[0]!.split(" "));
    expect([shown.status, shown.messages]).toEqual([0, ""]);
  });

  it("without a query, with two, or with a wrong one is refused", async () => {
    expect(await world.run("search", RUN)).toMatchObject({
      status: 2,
      messages: expect.stringContaining("CLI_QUERY_NEEDED"),
    });
    expect((await world.run("search", RUN, "step > 1", "reward > 1")).status).toBe(2);
    const wrong = await world.run("search", RUN, "rewardd > 1");
    expect(wrong.status).toBe(1);
    expect(wrong.messages).toContain("  rewardd > 1\n  ^");
    expect(wrong.messages).toContain("Did you mean 'reward'?");
  });

  it("--fields lists what docs/search.md lists", async () => {
    const { out } = await world.run("search", "--fields");
    const listed = out
      .split("\n")
      .slice(1)
      .map((line) => line.split(" ")[0]!.replace("(…)", ""))
      .filter((name) => name !== "" && name !== "function");
    const page = readText("docs/search.md");
    for (const name of listed) expect(page, name).toMatch(new RegExp(`\`${name}[\`(]`));
    expect(listed.length).toBeGreaterThan(40);
  });
});

describe("report", () => {
  it("writes one page that loads nothing and runs nothing, with pictures", async () => {
    const { status, out } = await world.run("report", FOLDER, "--output", "page.html");
    expect([status, out]).toEqual([0, `${CWD}/page.html\n`]);
    const html = world.read("page.html").toString();
    expect(html).toContain("data:image/svg+xml;base64,");
    expect(html).not.toMatch(/<script|src="http|href="http/);
    expect((await world.run("report", FOLDER, "--output", "-")).out).toBe(html);
  });
});

describe("compare", () => {
  it("of a run and an episode, of one, or of three is refused", async () => {
    expect((await world.run("compare", RUN, `${OTHER}/episode_0001`)).messages).toContain("CLI_SIDES_DIFFER");
    for (const words of [[RUN], [RUN, OTHER, RUN], [RUN, "nowhere"]])
      expect((await world.run("compare", ...words)).status).toBe(2);
  });

  it("--json is the comparison as data", async () => {
    const runs = JSON.parse((await world.run("compare", RUN, OTHER, "--json")).out) as { tasks: object[] };
    expect(runs.tasks.length).toBe(4);
    const episodes = await world.run(
      "compare",
      join(RUN, "episode_0001"),
      join(OTHER, "episode_0001"),
      "--json",
    );
    expect(JSON.parse(episodes.out)).toMatchObject({ same_start: true });
  });
});

describe("show", () => {
  it("says what the producer said of the run, the episode and the step, and takes RUN/episode_0001", async () => {
    const stream = [
      { type: "hello", version: 1, producer: "test" },
      { type: "run-start", seq: 0, run: "lr-0.9", time: 1, config_hash: "", meta: { lr: 0.9 } },
      {
        ...{
          type: "episode-start",
          seq: 1,
          episode: "e",
          time: 2,
          task_id: "t",
          pair_index: 0,
          mode: "train",
        },
        ...{ initial: { shape: [1, 1], data: [0] }, target: null, meta: { worker: "w7" } },
      },
      {
        ...{ type: "step", seq: 2, episode: "e", step: 0, time: 3, action: { operation: 1 }, reward: 0 },
        ...{
          after: { shape: [1, 1], data: [1] },
          terminated: true,
          truncated: false,
          info: { why: "gave up" },
        },
      },
    ];
    const told = createWorld({ stdin: [stream.map((record) => `${JSON.stringify(record)}\n`).join("")] });
    await told.run("record", "visualization=debug_off", "storage.run_name=told");
    const dir = "outputs/dev_episodes/told";
    const summary = await told.run("show", `${dir}/episode_0001`);
    expect(summary.status).toBe(0);
    expect(summary.out).toMatch(/^run\.lr +0\.9$/m);
    expect(summary.out).toMatch(/^meta\.worker +w7$/m);
    expect((await told.run("show", dir, "--step", "0")).out).toMatch(/^info\.why +gave up$/m);
    expect((await told.run("list", dir, "--columns", "meta.worker,meta.lr")).out).toMatch(/w7 +0\.9/);
    expect((await told.run("list", "--columns", "meta.lr")).out).toMatch(/lr-0\.9 +0\.9$/m);
    expect((await told.run("search", dir, 'info.why ~ "gave"', "--ids")).out).toBe(
      `${dir} --episode 1 --step 0\n`,
    );
  });
});
