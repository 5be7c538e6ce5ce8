import fs, { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultyFs } from "@episcope/testing/faulty-fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { main } from "../src/index.js";
import { CWD, createWorld, refusing, runDirOf } from "./fixtures/world.js";

const PLAY = ["play", "episodes=1", "visualization=debug_minimal"];

describe("an output directory that cannot be written", () => {
  it.each(["EROFS", "ENOSPC"] as const)(
    "sends the run to fallback_dir with one message: %s",
    async (code) => {
      const world = createWorld({ disk: refusing(code, [`${CWD}/outputs`]) });
      const { status, out, messages } = await world.run(...PLAY, "storage.fallback_dir=spare");
      expect(status).toBe(3);
      expect(out).toMatch(/^\/project\/spare\/run_/);
      expect(messages.match(/instead\./g)).toHaveLength(1);
      expect(messages).toContain("outputs/dev_episodes");
      expect((await world.run("verify", out.trim())).status).toBe(0);
      expect(world.files(out.trim()).some((name) => name.endsWith("summary.svg"))).toBe(true);
    },
  );

  it("sends the run to a temporary directory where no fallback is given", async () => {
    const world = createWorld({ disk: refusing("EROFS", [`${CWD}/outputs`]) });
    const { status, out } = await world.run(...PLAY);
    expect(status).toBe(3);
    expect(out.startsWith(tmpdir())).toBe(true);
    expect((await world.run("verify", out.trim())).status).toBe(0);
  });

  it("ends the program with 1 where there is no place at all, and names those it tried", async () => {
    const world = createWorld({ disk: refusing("EROFS", [CWD, tmpdir()]) });
    const { status, out, messages } = await world.run(...PLAY, "storage.fallback_dir=spare");
    expect([status, out]).toEqual([1, ""]);
    expect(messages).toMatch(/outputs\/dev_episodes[\s\S]*spare[\s\S]*OUTPUT_UNWRITABLE/);
  });
});

describe("a disk that becomes full in the middle", () => {
  it("loses nothing that was recorded before, and says what it dropped", async () => {
    let full = false;
    const takesRoom = /^(?:write|writeFile|mkdir)Sync$/;
    const rule = (call: string, [path]: readonly unknown[]) => {
      if (String(path).includes("episode_0002")) full = true;
      return full && takesRoom.test(call) ? "ENOSPC" : undefined;
    };
    const world = createWorld({ disk: (inner) => faultyFs(inner, rule).fs });
    // Another policy would delete the first episode to make room.
    const words = [
      "episodes=3",
      "visualization=debug_off",
      "storage.run_name=run",
      "storage.cleanup_policy=manual",
    ];
    const { messages } = await world.run("play", ...words);
    expect(messages).toMatch(/no space|DISK_SPACE/i);
    expect(messages).toMatch(/dropped/);
    const replayed = await world
      .with({ disk: (inner) => inner })
      .run("replay", "outputs/dev_episodes/run", "--episode=1");
    expect(replayed.status).toBe(0);
    expect(replayed.out).toContain('"type":"episode-end"');
  });
});

// The loader of TypeScript compiles what a plugin imports, here the sources of core.
describe("a sink in a TypeScript file", () => {
  // Plugins are imported by Node, so they need a real disk.
  let dir: string;
  const sink = `
    import { appendFileSync } from "node:fs";
    import { join } from "node:path";
    import { isMainThread } from "node:worker_threads";
    import { definePlugin, type SinkItem } from "@episcope/core";
    enum Heading { Step = "step" }
    export default definePlugin({
      kind: "sink",
      name: "mine",
      options: { type: "object", additionalProperties: false, properties: { file: { type: "string", default: "out.txt" } } },
      create: ({ file }: { file: string }, { paths }) => ({
        accepts: [Heading.Step],
        write: (batch: readonly SinkItem[]) =>
          appendFileSync(join(paths.runDir, file), (isMainThread ? "m" : "w").repeat(batch.length)),
      }),
    });
  `;
  beforeEach(() => {
    // Inside the package, so that the plugin finds its own imports as an installed project would.
    const scratch = join(import.meta.dirname, "../node_modules/.cache");
    mkdirSync(scratch, { recursive: true });
    dir = mkdtempSync(join(scratch, "episcope-cli-"));
    writeFileSync(join(dir, "mine.ts"), sink);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const SINK = "+logging.sinks.mine._target_=./mine.ts";
  const play = (...words: string[]) =>
    program("play", "episodes=1", "visualization=debug_off", SINK, ...words);

  async function program(...argv: string[]) {
    const messages: string[] = [];
    let out = "";
    const status = await main(argv, {
      out: (data) => {
        out += String(data);
        return Promise.resolve();
      },
      message: (text) => void messages.push(text),
      status: () => {},
      stdin: (async function* () {})(),
      env: {},
      cwd: dir,
      fs,
      stdoutIsTerminal: false,
      stderrIsTerminal: false,
      columns: 80,
    });
    return { status, out, messages: messages.join("\n"), bytes: Buffer.alloc(0) };
  }
  const steps = (runDir: string, file = "out.txt") => readFileSync(join(runDir, file), "utf8").length;

  it("is refused unless the program allows it, whatever the config says", async () => {
    const { status, messages } = await play();
    expect([status, messages]).toEqual([
      1,
      expect.stringMatching(/--allow-plugins[\s\S]*PLUGIN_NOT_ALLOWED/),
    ]);
    expect(readdirSync(dir)).toEqual(["mine.ts"]);
  });

  it("is allowed by --allow-plugins and gets every step", async () => {
    const outcome = await play("--allow-plugins", "./mine.ts");
    expect(outcome.status).toBe(0);
    expect(steps(runDirOf(outcome))).toBeGreaterThan(1);
  });

  it("runs in a worker thread, and here where the config wants none, as --info plugins says", async () => {
    const allow = ["--allow-plugins", "./mine.ts"];
    const row = async (...words: string[]) => {
      const { status, out } = await program("config", "--info", "plugins", SINK, ...allow, ...words);
      expect(status).toBe(0);
      return out.split("\n").find((line) => line.startsWith("logging.sinks.mine"));
    };
    expect(await row()).toMatch(/ \.\/mine\.ts +sink +worker thread$/);
    expect(readFileSync(join(runDirOf(await play(...allow)), "out.txt"), "utf8")).toMatch(/^w+$/);
    const none = "logging.async_logger.worker_threads=0";
    expect(await row(none)).toMatch(/ thread of the program: logging\.async_logger\.worker_threads is 0$/);
    expect(readFileSync(join(runDirOf(await play(...allow, none)), "out.txt"), "utf8")).toMatch(/^m+$/);
    expect((await program("config", "-i", "plugins", SINK)).out).toMatch(
      /mine\.ts +sink +- \(.*does not allow/,
    );
  });

  it("is allowed by the list episcope.plugins of the project's package.json", async () => {
    writeFileSync(join(dir, "package.json"), '{"episcope": {"plugins": ["./mine.ts"]}}');
    const outcome = await play();
    expect(outcome.status).toBe(0);
    expect(steps(runDirOf(outcome))).toBeGreaterThan(1);
  });

  it("gets its options from its node, checked before anything is made", async () => {
    const wrong = await play("--allow-plugins", ".", "+logging.sinks.mine.fil=a.txt");
    expect([wrong.status, wrong.messages]).toEqual([1, expect.stringContaining("PLUGIN_OPTIONS_INVALID")]);
    expect(readdirSync(dir)).toEqual(["mine.ts"]);
    const right = await play("--allow-plugins", ".", "+logging.sinks.mine.file=a.txt");
    expect(steps(runDirOf(right), "a.txt")).toBeGreaterThan(1);
  });

  it.each(['"./mine.ts"', "[3]", "{}"])("says that a list episcope.plugins of %s is none", async (value) => {
    writeFileSync(join(dir, "package.json"), `{"episcope": {"plugins": ${value}}}`);
    const { status, messages } = await play();
    expect([status, messages]).toEqual([1, expect.stringContaining("CLI_PROJECT_PLUGINS_INVALID")]);
  });
});
