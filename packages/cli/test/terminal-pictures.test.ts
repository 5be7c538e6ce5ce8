import { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
// Inside: a real terminal's answer cannot be had in a test; its input and output are stood in for.
import { askTerminal } from "../src/terminal/ask-terminal.js";
import { createWorld, type World } from "./fixtures/world.js";

const DIR = "outputs/dev_episodes/run";
const LIGHT = "\u001b]11;rgb:ffff/ffff/ffff\u001b\\\u001b[?62;c";
const DARK = "\u001b]11;rgb:1e1e/1e1e/1e1e\u0007\u001b[?62;c";
const env = { COLORTERM: "truecolor", TERM: "xterm" };

describe("pictures on a terminal", () => {
  let world: World;
  beforeAll(async () => {
    const grid = Array.from({ length: 30 }, (_, row) =>
      Array.from({ length: 30 }, (_, column) => (row * column) % 7),
    );
    const pair = { input: grid, output: grid.toReversed() };
    const files = { "tasks/large.json": JSON.stringify({ train: [pair], test: [pair] }) };
    world = createWorld({ files });
    const words = ["task_dir=tasks", "agent=random", "seed=5", "max_steps=2", "visualization=debug_off"];
    expect((await world.run("play", ...words, "storage.run_name=run")).status).toBe(0);
  });

  const shown = async (screen: { rows: number; answer?: string; asked?: string[] }, environment = {}) =>
    (await world.with({ screen, env: { ...env, ...environment } }).run("show", DIR, "--step", "0")).out;

  it("are drawn for the ground that COLORFGBG names, else that the terminal answers, else a dark one", async () => {
    const [light, dark] = [
      await shown({ rows: 50 }, { COLORFGBG: "0;15" }),
      await shown({ rows: 50 }, { COLORFGBG: "15;0" }),
    ];
    expect(light).not.toBe(dark);
    expect(await shown({ rows: 50, answer: LIGHT })).toBe(light);
    expect(await shown({ rows: 50, answer: DARK })).toBe(dark);
    expect(await shown({ rows: 50, answer: "\u001b[?62;c" })).toBe(dark);
    expect(await shown({ rows: 50, answer: LIGHT }, { COLORFGBG: "15;0" })).toBe(dark);
  });

  it("ask no terminal that shows no colours, nor a pipe", async () => {
    const asked: string[] = [];
    await shown({ rows: 50, asked }, { NO_COLOR: "1" });
    await shown({ rows: 50, asked }, { COLORFGBG: "15;0" });
    expect(asked).toEqual([]);
    await shown({ rows: 50, asked });
    expect(asked).toEqual(["\u001b]11;?\u001b\\\u001b[c"]);
    expect((await world.with({ env: { ...env } }).run("show", DIR)).out).not.toContain("\u001b");
  });

  it("are cropped where the terminal is too low, and whole with --full", async () => {
    const low = world.with({ screen: { rows: 24 }, env });
    const lines = async (...flags: string[]) => (await low.run("show", DIR, "--step", "0", ...flags)).out;
    expect(await lines()).toMatch(/: only rows \d/);
    expect(await lines("--full")).not.toMatch(/: only rows \d/);
    const replayed = await low.run("replay", DIR, "--format", "terminal", "--episode", "1", "--full");
    expect(replayed.out).not.toMatch(/: only rows \d/);
  });
});

describe("a question to a terminal", () => {
  class Keyboard extends EventEmitter {
    readonly isTTY = true;
    readonly told: string[] = [];
    setRawMode(raw: boolean): void {
      this.told.push(raw ? "raw" : "cooked");
    }
    resume(): void {
      this.told.push("resume");
    }
    pause(): void {
      this.told.push("pause");
    }
  }
  const until = { end: /\u001b\[\?[\d;]*c/, milliseconds: 10_000 };

  it("is answered as soon as the last answer is there, in however many parts", async () => {
    const keyboard = new Keyboard();
    const written: string[] = [];
    const asked = askTerminal("?", until, keyboard, (text) => written.push(text), expect.unreachable);
    for (const part of [LIGHT.slice(0, 9), LIGHT.slice(9)]) keyboard.emit("data", Buffer.from(part));
    expect(await asked).toBe(LIGHT);
    expect([written, keyboard.told]).toEqual([["?"], ["raw", "resume", "cooked", "pause"]]);
    expect(keyboard.listenerCount("data")).toBe(0);
  });

  it("gives up after its time, and leaves the terminal as it was", async () => {
    const keyboard = new Keyboard();
    const asked = askTerminal("?", { ...until, milliseconds: 1 }, keyboard, () => 0, expect.unreachable);
    await delay(5);
    expect(await asked).toBe("");
    expect(keyboard.told.at(-2)).toBe("cooked");
  });

  it("passes Ctrl+C on, and asks nothing where the input is no terminal", async () => {
    const keyboard = new Keyboard();
    let interrupts = 0;
    const asked = askTerminal(
      "?",
      until,
      keyboard,
      () => 0,
      () => interrupts++,
    );
    keyboard.emit("data", Buffer.from("\u0003"));
    await asked;
    expect(interrupts).toBe(1);
    const pipe = Object.assign(new Keyboard(), { isTTY: false });
    expect(await askTerminal("?", until, pipe, expect.unreachable, expect.unreachable)).toBe("");
  });
});
