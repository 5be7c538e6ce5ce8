import { describe, expect, it } from "vitest";
import { StatusLines } from "../src/terminal/status-lines.js";
import { Tally } from "../src/terminal/tally.js";
import { episodeRecords, ndjsonOf } from "./fixtures/streams.js";
import { createWorld, type WorldOptions } from "./fixtures/world.js";

/** What a terminal shows: only the sequences that the status lines use. */
function screen(): { write(text: string): void; readonly lines: string[] } {
  let rows = [""];
  return {
    write(text) {
      for (const [part] of text.matchAll(/\u001b\[(\d+)A|\u001b\[0J|[\r\n]|[^\u001b\r\n]+/g)) {
        if (part === "\n") rows.push("");
        else if (part === "\r" || part === "\u001b[0J") rows[rows.length - 1] = "";
        else if (part.startsWith("\u001b["))
          rows = [...rows.slice(0, rows.length - 1 - Number(part.slice(2, -1))), ""];
        else rows[rows.length - 1] += part;
      }
    },
    get lines() {
      return rows;
    },
  };
}

describe("status lines", () => {
  it("stand in one place, however often they change", () => {
    const terminal = screen();
    const status = new StatusLines(terminal.write);
    status.show("1 step\nmore\n");
    status.show("2 steps\nmore\n");
    expect(terminal.lines).toEqual(["2 steps", "more", ""]);
  });

  it("let messages pass above them", () => {
    const terminal = screen();
    const status = new StatusLines(terminal.write);
    status.show("3 steps\n");
    status.around(() => terminal.write("a message\n"));
    expect(terminal.lines).toEqual(["a message", "3 steps", ""]);
  });

  it("leave nothing behind", () => {
    const terminal = screen();
    const status = new StatusLines(terminal.write);
    terminal.write("before\n");
    status.show("one\ntwo\n");
    status.show("");
    expect(terminal.lines).toEqual(["before", ""]);
  });
});

describe("the progress of a recording", () => {
  it.each([
    ["play", ["episodes=1"], []],
    ["record", ["input=-"], [ndjsonOf(episodeRecords()).join("\n")]],
  ] as const)("of %s is gone before anything is printed below it", async (verb, words, stdin) => {
    const terminal: NonNullable<WorldOptions["terminal"]> = [];
    const world = createWorld({ terminal, stdin });
    const { status } = await world.run(verb, ...words, "visualization=debug_off");
    expect(status).toBe(0);
    expect(terminal.slice(terminal.indexOf("no status"))).toEqual([
      "no status",
      ...(verb === "play" ? ["message"] : []),
      "message",
      "out",
    ]);
  });
});

describe("the tally", () => {
  it("counts what a recorder is told, and passes it on", async () => {
    const told: string[] = [];
    const tally = new Tally();
    const recorder = tally.counting({
      startEpisode: () => ({ step: () => told.push("step"), end: ({ outcome }) => told.push(outcome) }),
    });
    const grid = { shape: [1, 1] as const, data: Uint8Array.of(0) };
    const start = {
      taskId: "t",
      pairIndex: 0,
      mode: "train" as const,
      initial: grid,
      input: grid,
      target: null,
      meta: {},
    };
    const episode = recorder.startEpisode(start);
    const step = {
      action: { operation: 34 },
      after: grid,
      reward: 2,
      terminated: true,
      truncated: false,
      state: {},
    };
    episode.step({ ...step, info: { similarity: 1 } });
    await episode.end({ outcome: "success" });
    expect(told).toEqual(["step", "success"]);
    expect(tally).toMatchObject({
      episodes: 1,
      solved: 1,
      steps: 1,
      recentRewards: [2],
      recentSimilarities: [1],
    });
  });
});
