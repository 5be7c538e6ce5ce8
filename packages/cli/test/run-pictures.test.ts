import { dirname, join } from "node:path";
import { RunReader, RunViews } from "@episcope/records/store";
import { describe, expect, it } from "vitest";
import { createWorld } from "./fixtures/world.js";

const DIR = "outputs/dev_episodes/run";
const PLAY = ["play", "episodes=2", "storage.run_name=run"];

/** Pictures that show no single episode. */
const ofRun = (files: readonly string[]) =>
  files.filter((name) => /\.(svg|png|html)$/.test(name) && !name.startsWith("episode_"));

describe("the overview of a run", () => {
  it("is drawn when the run is over: a page, the run, its tasks", async () => {
    const world = createWorld();
    const { messages } = await world.run(...PLAY);
    expect(ofRun(world.files(DIR))).toEqual([
      "index.html",
      "run.svg",
      "tasks/task_change-of-paint.svg",
      "tasks/task_cut-it-out.svg",
    ]);
    expect(messages).toContain(`overview  ${DIR}/index.html`);
    const page = world.read(join(DIR, "index.html")).toString();
    const links = [...page.matchAll(/href="([^"#]+)"/g)].map(([, path]) => path as string);
    expect(links).toContain("episode_0001/summary.svg");
    for (const link of links) expect(world.fs.existsSync(join("/project", DIR, link)), link).toBe(true);
    expect(page).not.toContain("<script");
  });

  it("is as much as the level asks for, and in the formats of the config", async () => {
    const drawn = async (...words: string[]) => {
      const world = createWorld();
      await world.run(...PLAY, ...words);
      return ofRun(world.files(DIR));
    };
    expect(await drawn("visualization=debug_off")).toEqual([]);
    expect(await drawn("visualization=debug_minimal")).toEqual(["index.html"]);
    expect(await drawn("visualization.output_formats=[png]")).toContain("run.png");
    expect(await drawn("logging.structured_logging=false")).toEqual([]);
  });

  it("is drawn again by 'render', to the byte, and shows the producer's metrics where there are any", async () => {
    const world = createWorld();
    await world.run(...PLAY);
    const { status, out } = await world.run("render", DIR, "--output", "again");
    expect([status, out]).toEqual([0, "/project/again/index.html\n"]);
    expect(world.read("again/index.html").equals(world.read(join(DIR, "index.html")))).toBe(true);
    expect(world.read("again/run.svg").equals(world.read(join(DIR, "run.svg")))).toBe(true);

    const whole = (await world.run("replay", DIR)).out;
    const stream = whole.slice(0, whole.lastIndexOf("\n", whole.length - 2) + 1);
    const metrics = `${JSON.stringify({ type: "metrics", seq: 1e6, time: 1, step: 3, values: { loss: 0.5 } })}\n`;
    const other = createWorld({ stdin: [stream, metrics] });
    await other.run("record", "storage.run_name=run");
    expect(other.files(DIR)).toContain("metrics.svg");
  });

  it("--missing draws the pictures of steps and episodes that are not there, to the byte", async () => {
    const world = createWorld();
    await world.run(...PLAY, "visualization=debug_verbose", "visualization.output_formats=[svg,html]");
    const files = ["step_001.svg", "summary.svg", "summary.html"].map((name) =>
      join("/project", DIR, "episode_0002", name),
    );
    const live = files.map((file) => world.fs.readFileSync(file, "utf8"));
    for (const file of files) world.fs.rmSync(file);
    const { status, messages } = await world.run("render", DIR, "--missing");
    expect([status, messages]).toEqual([
      0,
      expect.stringContaining("Drew 3 pictures that had been missing."),
    ]);
    expect(files.map((file) => world.fs.readFileSync(file, "utf8"))).toEqual(live);
    expect((await world.run("render", DIR, "--missing")).messages).toContain("Drew 0 pictures");
    for (const word of ["visualization.color_scheme=colorblind", "--output=again"]) {
      const refused = await world.run("render", DIR, "--missing", word);
      expect([refused.status, refused.messages]).toEqual([2, expect.stringContaining("CLI_WORD_UNUSED")]);
    }
  });

  it("costs nothing but itself where it cannot be written", async () => {
    const world = createWorld({
      disk: (fs) => ({
        ...fs,
        writeFileSync: ((path: string, ...rest: [never]) => {
          if (String(path).endsWith("run.svg")) throw new Error("no space");
          return fs.writeFileSync(path, ...rest);
        }) as typeof fs.writeFileSync,
      }),
    });
    const { status, messages } = await world.run(...PLAY);
    expect(status).toBe(0);
    expect(messages).toContain("The overview of the run could not be drawn: no space");
    expect(messages).toContain("episcope render");
  });
});

describe("the views of a run", () => {
  it("are built from its journals, one for each picture", async () => {
    const world = createWorld();
    await world.run(...PLAY);
    const views = new RunViews(new RunReader(join("/project", DIR), { fs: world.fs }));
    expect(views.run().episodes.map(({ number, task_id }) => [number, task_id])).toEqual([
      [1, "change-of-paint"],
      [2, "cut-it-out"],
    ]);
    expect(views.comparison("similarity", [2]).episodes.map(({ label }) => label)).toEqual(["episode 2"]);
    expect(views.tasks().map(({ train, test }) => train.length + test.length)).toEqual([1, 1]);
    expect(views.metrics().curves).toEqual([]);
  });

  it("name the data set that the episodes' starts name, and the overview has its colours", async () => {
    const world = createWorld();
    await world.run(...PLAY);
    const whole = (await world.run("replay", DIR)).out;
    const named = whole.replaceAll(/("type":"episode-start".*?"meta":)\{/g, '$1{"dataset":"ARC-AGI-3",');
    const other = createWorld({ stdin: [named] });
    expect((await other.run("record", "storage.run_name=run")).status).toBe(0);
    const views = new RunViews(new RunReader(join("/project", DIR), { fs: other.fs }));
    expect(views.run().episodes.map(({ dataset }) => dataset)).toEqual(["ARC-AGI-3", "ARC-AGI-3"]);
    expect(views.tasks().map(({ dataset }) => dataset)).toEqual(["ARC-AGI-3", "ARC-AGI-3"]);
    const [two, classicTwo] = ["#999999", "#ff4136"];
    for (const name of ["run.svg", "tasks/task_cut-it-out.svg", "episode_0001/summary.svg", "index.html"]) {
      const picture = other.read(join(DIR, name)).toString();
      expect(picture, name).toContain(two);
      expect(picture, name).not.toContain(classicTwo);
    }
  });

  it("of a comparison or an episode that does not exist are an error that names those that do", async () => {
    const world = createWorld();
    await world.run(...PLAY);
    const views = new RunViews(new RunReader(join("/project", DIR), { fs: world.fs }));
    expect(() => views.comparison("rewards" as "similarity")).toThrow(
      expect.objectContaining({ code: "COMPARISON_UNKNOWN", hint: expect.stringContaining("performance") }),
    );
    expect(() => views.comparison("similarity", [9])).toThrow(
      expect.objectContaining({ code: "EPISODE_NOT_FOUND" }),
    );
  });
});

describe("export", () => {
  it("writes an episode as an animated picture of the asked width", async () => {
    const world = createWorld();
    await world.run(...PLAY);
    const gif = await world.run("export", DIR, "--format", "gif", "--episode", "1", "--width", "480");
    expect([gif.status, gif.out]).toEqual([0, `/project/${DIR}/episode_0001/episode.gif\n`]);
    const bytes = world.read(join(DIR, "episode_0001/episode.gif"));
    expect([bytes.toString("latin1", 0, 6), bytes.readUInt16LE(6)]).toEqual(["GIF89a", 480]);
    const apng = await world.run(
      "export",
      DIR,
      "--format",
      "apng",
      "--output",
      "out",
      "--panels",
      "after,target",
    );
    expect(
      apng.out
        .trim()
        .split("\n")
        .map((path) => dirname(path)),
    ).toEqual(["/project/out/episode_0001", "/project/out/episode_0002"]);
    expect(world.read("out/episode_0001/episode.png").includes("acTL")).toBe(true);
  });

  it("refuses panels and formats that it does not know", async () => {
    const world = createWorld();
    await world.run(...PLAY);
    expect((await world.run("export", DIR, "--format", "gif", "--panels", "before")).status).toBe(2);
    expect((await world.run("export", DIR, "--format", "mp4")).status).toBe(2);
  });
});
