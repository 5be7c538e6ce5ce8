import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { recordsOf } from "./fixtures/streams.js";
import { CWD, createWorld, refusing, type World } from "./fixtures/world.js";

const DIR = "outputs/dev_episodes/run";
const PLAY = ["episodes=2", "visualization=debug_verbose", "storage.run_name=run"];

let world: World;

beforeAll(async () => {
  world = createWorld();
  const played = await world.run("play", ...PLAY);
  expect([played.status, played.out]).toEqual([0, `${CWD}/${DIR}\n`]);
  expect(played.messages).toMatch(/Played 2 episodes of 8 tasks, solved 2\./);
  expect(played.messages).toMatch(/^run {7}outputs\/dev_episodes\/run$/m);
  expect(played.messages).toContain(`${DIR}/episode_*/*.{png,svg}`);
  expect(played.messages).toContain(`${DIR}/episode_*/journal.epi`);
});

describe("play", () => {
  it("--emit ndjson writes the stream that record makes the same run of", async () => {
    const emitted = await createWorld().run("play", "episodes=2", "--emit", "ndjson");
    expect([emitted.status, emitted.messages]).toEqual([0, ""]);
    const other = createWorld({ stdin: [emitted.bytes] });
    expect((await other.run("record", ...PLAY.slice(1))).status).toBe(0);
    const [recorded, played] = await Promise.all([other.run("replay", DIR), world.run("replay", DIR)]);
    const keyless = (text: string) => recordsOf(text).map(({ episode: _, seq: __, ...record }) => record);
    const ofEpisodes = (text: string) =>
      keyless(text).filter((record) => !/^(hello|run)/.test(String(record["type"])));
    expect(ofEpisodes(recorded.out)).toEqual(ofEpisodes(played.out));
    const pictures = world.files(DIR).filter((name) => /\.(svg|png)$/.test(name));
    expect(pictures.length).toBeGreaterThan(10);
    expect(other.files(DIR).filter((name) => /\.(svg|png)$/.test(name))).toEqual(pictures);
    for (const name of pictures) {
      expect(other.read(join(DIR, name)).equals(world.read(join(DIR, name))), name).toBe(true);
    }
  });

  it("plays a folder of tasks, with a seed and a limit of steps that are the episode's", async () => {
    const task = {
      train: [{ input: [[1, 2]], output: [[2, 1]] }],
      test: [{ input: [[3, 4]], output: [[4, 3]] }],
    };
    const other = createWorld({ files: { "tasks/mine.json": JSON.stringify(task) } });
    const words = ["task_dir=tasks", "agent=random", "seed=5", "max_steps=3", "storage.run_name=run"];
    const played = await other.run("play", ...words, "visualization=debug_off");
    expect(played.status).toBe(0);
    const [start, ...rest] = recordsOf((await other.run("replay", DIR, "--episode", "1")).out);
    expect(start).toMatchObject({ task_id: "mine", meta: { agent: "random", seed: 5, max_steps: 3 } });
    expect(rest.filter(({ type }) => type === "step").length).toBeLessThanOrEqual(3);
  });

  it("keeps states only where the config says so", async () => {
    const other = createWorld();
    const words = ["episodes=1", "visualization=debug_off"];
    await other.run("play", ...words, "storage.run_name=run", "logging.include_full_states=true");
    await other.run("play", ...words, "storage.run_name=without");
    const steps = async (dir: string) =>
      recordsOf((await other.run("replay", dir)).out).filter(({ type }) => type === "step");
    expect((await steps(DIR)).every((step) => step["state"] !== undefined)).toBe(true);
    expect((await steps("outputs/dev_episodes/without")).every((step) => step["state"] === undefined)).toBe(
      true,
    );
  });

  it("writes nothing into a directory that holds a run already", async () => {
    const before = world.files(DIR);
    const { status, messages } = await world.run("play", ...PLAY);
    expect([status, messages]).toEqual([1, expect.stringContaining("RUN_EXISTS")]);
    expect(world.files(DIR)).toEqual(before);
  });

  it("records into the directory that hydra.run.dir names", async () => {
    const other = createWorld();
    const { out } = await other.run(
      "play",
      "hydra.run.dir=elsewhere/here",
      "episodes=1",
      "visualization=debug_off",
    );
    expect(out).toBe(`${CWD}/elsewhere/here\n`);
    expect(other.files("elsewhere/here")).toContain("manifest.json");
  });
});

describe("replay", () => {
  it("gives one episode, and one step of it", async () => {
    const all = (await world.run("replay", DIR)).out;
    const second = (await world.run("replay", DIR, "--episode", "2")).out;
    expect(all).toContain(second);
    const step = (await world.run("replay", DIR, "--episode", "2", "--step", "1")).out;
    // One step stands alone, so it says its grid before.
    expect(recordsOf(step)[0]).toMatchObject(recordsOf(second)[2] as object);
  });

  it.each(["svg", "png"])(
    "draws every %s again, to the byte",
    async (format) => {
      const { status, out } = await world.run(
        "replay",
        DIR,
        "--format",
        format,
        "--output",
        `again-${format}`,
      );
      expect([status, out]).toEqual([0, `${CWD}/again-${format}\n`]);
      const live = world.files(DIR).filter((name) => /^episode/.test(name) && name.endsWith(`.${format}`));
      const again = world.files(`again-${format}`).filter((name) => name.endsWith(`.${format}`));
      expect(again).toEqual(live);
      expect(live.length).toBeGreaterThan(5);
      for (const name of live) {
        expect(world.read(join(`again-${format}`, name)).equals(world.read(join(DIR, name))), name).toBe(
          true,
        );
      }
    },
    60_000,
  );

  it("into a folder that cannot be written names it, without a stack", async () => {
    const words = ["replay", DIR, "--format", "svg", "--output", "sealed"];
    const { status, out, messages } = await world
      .with({ disk: refusing("EROFS", [`${CWD}/sealed`]) })
      .run(...words);
    expect([status, out]).toEqual([1, ""]);
    expect(messages).toMatch(
      /^episcope: The system refuses a file: EROFS[^\n]*\n {2}Check [^\n]*\[CLI_FILE_REFUSED\]$/,
    );
  });

  it("of an unknown format lists the formats, before it asks for a folder", async () => {
    const { status, out, messages } = await world.run("replay", DIR, "--format", "docx");
    expect([status, out]).toEqual([1, ""]);
    expect(messages).toMatch(/docx[\s\S]*html, pdf, png, svg|docx[\s\S]*svg, png, html/);
    expect((await world.run("replay", DIR, "--format", "svg")).messages).toContain("CLI_FLAG_NEEDED");
  });

  it("draws one step to standard output", async () => {
    const { bytes } = await world.run("replay", DIR, "--episode", "1", "--step", "2", "--format", "svg");
    expect(bytes.equals(world.read(`${DIR}/episode_0001/step_002.svg`))).toBe(true);
  });

  it("takes overrides of how pictures look", async () => {
    const words = ["replay", DIR, "visualization.color_scheme=colorblind"];
    const { status, bytes } = await world.run(...words, "--episode=1", "--step=2", "--format=svg");
    expect(status).toBe(0);
    expect(bytes.equals(world.read(`${DIR}/episode_0001/step_002.svg`))).toBe(false);
  });

  it("refuses overrides where nothing is drawn, rather than pass them over", async () => {
    const { status, messages } = await world.run("replay", DIR, "visualization.color_scheme=colorblind");
    expect([status, messages]).toEqual([2, expect.stringContaining("CLI_WORD_UNUSED")]);
  });

  it("needs a folder for the pictures of whole episodes", async () => {
    const { status, messages } = await world.run("replay", DIR, "--format", "svg");
    expect([status, messages]).toEqual([2, expect.stringContaining("CLI_FLAG_NEEDED")]);
  });

  it("names the renderers where there is none of that name", async () => {
    const { status, messages } = await world.run(
      "replay",
      DIR,
      "--format",
      "nope",
      "--episode=1",
      "--step=1",
    );
    expect([status, messages]).toEqual([1, expect.stringMatching(/html, pdf, png, svg[\s\S]*NODE_UNKNOWN/)]);
  });

  it("draws on a terminal", async () => {
    const { status, out } = await world.run("replay", DIR, "--format", "terminal", "--episode", "1");
    expect(status).toBe(0);
    expect(out).toContain("Solved");
  });

  it("gives the records of a run whose config is lost, and says why it cannot draw them", async () => {
    const other = createWorld();
    await other.run("play", "episodes=1", "visualization=debug_off", "storage.run_name=run");
    other.fs.rmSync(join(CWD, DIR, ".episcope"), { recursive: true });
    expect((await other.run("replay", DIR)).status).toBe(0);
    const drawn = await other.run("replay", DIR, "--format=svg", "--output=x");
    expect([drawn.status, drawn.messages]).toEqual([
      1,
      expect.stringContaining("CLI_RECORDED_CONFIG_MISSING"),
    ]);
  });
});

describe("list, show and verify", () => {
  it("list has a line per episode", async () => {
    const { status, out } = await world.run("list", DIR);
    expect(status).toBe(0);
    expect(out).toMatch(/^run: 2 episodes\n/);
    expect(out).toMatch(/^ +1 {2}change-of-paint +1 {2}train {2}success +\d/m);
  });

  it("list --json has an object per episode", async () => {
    const { out } = await world.run("list", DIR, "--json");
    expect(recordsOf(out)).toMatchObject([
      { run: "run", number: 1, task_id: "change-of-paint", outcome: "success" },
      { run: "run", number: 2 },
    ]);
  });

  it("show draws a summary, and a step", async () => {
    expect((await world.run("show", DIR)).out).toContain("change-of-paint");
    expect((await world.run("show", DIR, "--episode", "2", "--step", "0")).out).toContain("cut-it-out");
  });

  it("verify finds a whole run intact, and recover has nothing to lose there", async () => {
    expect(await world.run("verify", DIR)).toMatchObject({
      status: 0,
      out: expect.stringContaining("run: intact, 2 episodes"),
    });
    await world.run("recover", DIR);
    const again = await world.run("recover", DIR);
    expect([again.status, again.out]).toEqual([0, `${DIR}: 2 episodes; there was nothing to repair\n`]);
    expect((await world.run("verify", DIR)).status).toBe(0);
  });

  it("verify names the episode of a damaged journal, with 1; recover keeps what can be kept, with 3", async () => {
    const other = createWorld();
    await other.run("play", "episodes=2", "visualization=debug_off", "storage.run_name=run");
    const path = join(CWD, DIR, "episode_0002/journal.epi");
    const bytes = other.fs.readFileSync(path) as Buffer;
    other.fs.writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length / 2)));
    const verdict = await other.run("verify", DIR);
    expect(verdict.status).toBe(1);
    expect(verdict.out).toMatch(/NOT intact[\s\S]*episode 2/);
    const report = JSON.parse((await other.run("verify", DIR, "--json")).out) as { intact: boolean };
    expect(report.intact).toBe(false);
    expect((await other.run("recover", DIR)).status).toBe(3);
    expect((await other.run("replay", DIR, "--episode", "1")).status).toBe(0);
  });

  it("reads several runs in one call", async () => {
    const other = createWorld();
    for (const name of ["a", "b"])
      await other.run("play", "episodes=1", "visualization=debug_off", `storage.run_name=${name}`);
    const { out } = await other.run("verify", "outputs/dev_episodes/a", "outputs/dev_episodes/b");
    expect(out).toMatch(/^a: intact[\s\S]*^b: intact/m);
  });

  it("prints recorded names without what could steer a terminal", async () => {
    const task = { train: [{ input: [[1]], output: [[2]] }], test: [{ input: [[1]], output: [[2]] }] };
    const other = createWorld({ files: { "tasks/a\u001b[31mb.json": JSON.stringify(task) } });
    await other.run("play", "task_dir=tasks", "visualization=debug_off", "storage.run_name=run");
    for (const verb of ["list", "show", "verify"])
      expect((await other.run(verb, DIR)).out).not.toContain("\u001b");
  });
});

describe("replay of a whole run", () => {
  const again = "outputs/dev_episodes/again";

  async function recordedAgain(stream: string) {
    const other = createWorld({ stdin: [stream] });
    const outcome = await other.run("record", "input=-", "visualization=debug_off", "storage.run_name=again");
    return { outcome, stream: (await other.run("replay", again)).out };
  }

  it("begins with hello, has the run's own records, and numbers without gaps", async () => {
    const records = recordsOf((await world.run("replay", DIR)).out);
    expect(records[0]).toMatchObject({ type: "hello", version: 1 });
    expect(records[1]).toMatchObject({ type: "run-start", run: "run" });
    expect(records.at(-1)).toMatchObject({ type: "run-end" });
    expect(records.slice(1).map(({ seq }) => seq)).toEqual(records.slice(1).map((_, at) => at));
  });

  it("recorded again gives a run whose replay is the same, metrics and what the producer said included", async () => {
    const plain = (text: string) =>
      text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    const lines = plain((await createWorld().run("play", "episodes=2", "--emit", "ndjson")).out);
    const metrics = { type: "metrics", time: 5, step: 1, values: { loss: 0.5 } };
    const start = { type: "run-start", run: "lr-0.9", time: 1, config_hash: "c", meta: { lr: 0.9 } };
    const [hello, ...rest] = lines.map(({ state: _, ...record }) => record);
    const all = [start, ...rest, metrics].map((record, seq) => ({ ...record, seq }));
    const sent = [hello, ...all].map((record) => `${JSON.stringify(record)}\n`).join("");
    const once = await recordedAgain(sent);
    expect(once.outcome).toMatchObject({ status: 0, messages: expect.not.stringContaining("WARN") });
    const replayed = plain(once.stream);
    expect(replayed.slice(1, -1)).toEqual(all);
    const twice = await recordedAgain(once.stream);
    expect(twice.outcome.status).toBe(0);
    const accountless = (text: string) => plain(text).map(({ accounting: _, ...record }) => record);
    expect(accountless(twice.stream)).toEqual(accountless(once.stream));
  });
});

describe("verify --env arc-env", () => {
  it("runs the actions again, and names the first step that leads elsewhere", async () => {
    const same = await world.run("verify", DIR, "--env", "arc-env");
    expect(same).toMatchObject({
      status: 0,
      out: expect.stringContaining("arc-env: 2 of 2 episodes done again alike"),
    });
    const lines = (await createWorld().run("play", "episodes=2", "--emit", "ndjson")).out.split("\n");
    const step = lines.findIndex((line) => line.includes('"step":1,'));
    const changed = JSON.parse(lines[step]!) as { after: { data: number[] } };
    changed.after.data[0] = (changed.after.data[0]! + 1) % 10;
    lines[step] = JSON.stringify(changed);
    const other = createWorld({ stdin: [lines.join("\n")] });
    await other.run("record", "input=-", "visualization=debug_off", "storage.run_name=run");
    const { status, out } = await other.run("verify", DIR, "--env", "arc-env");
    expect(status).toBe(1);
    expect(out).toMatch(
      /arc-env: 1 of 2 episodes done again alike\n {2}error {2}episode 1: step 1 differs: 1 cell differs/,
    );
    expect((await other.run("verify", DIR, "--env", "atari")).status).toBe(2);
  });
});
