import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  encodeMessagePack,
  encodeSteps,
  MessageSplitter,
  PADDING,
  type RecorderMessage,
  type StepColumns,
} from "@episcope/records";
import { describe, expect, it } from "vitest";
import { episodeRecords, episodesOf, HELLO, recordsOf } from "./fixtures/streams.js";
import { CWD, createWorld, type World } from "./fixtures/world.js";

const QUIET = ["visualization=debug_off", "storage.run_name=run"];
const golden = (name: string) =>
  fileURLToPath(new URL(`../../records/test/golden/steps-v1/${name}`, import.meta.url));

async function record(stdin: Uint8Array[], ...words: string[]) {
  const world = createWorld({ stdin });
  return { world, outcome: await world.run("record", ...QUIET, ...words) };
}

/** The records of a run by episode, without what every run has anew. */
async function replayed(world: World): Promise<Map<unknown, Record<string, unknown>[]>> {
  return byEpisode(episodesOf((await world.run("replay", "outputs/dev_episodes/run")).out));
}

function byEpisode(records: readonly Record<string, unknown>[]): Map<unknown, Record<string, unknown>[]> {
  const episodes = new Map<unknown, Record<string, unknown>[]>();
  for (const one of records) {
    const key = one["episode"];
    if (key !== undefined) episodes.set(key, [...(episodes.get(key) ?? []), one]);
  }
  return episodes;
}

const grid = (value: number): number[] => [value, value, PADDING, value, value, PADDING];

/** Two rows of two environments of 2x3; both start before row 0, the first ends with row 1. */
function columnsOf(change: Partial<StepColumns> = {}): StepColumns {
  return {
    shape: [2, 2, 2, 3],
    envs: [4, 7],
    time: 1700000000,
    tasks: ["a"],
    starts: {
      t: [0, 0],
      env: [0, 1],
      task: [0, 0],
      pair: [0, 0],
      initial: Uint8Array.from([...grid(1), ...grid(2)]),
    },
    after: Uint8Array.from([...grid(4), ...grid(5), ...grid(6), ...grid(7)]),
    operation: [0, 1, 2, 3],
    reward: [0.5, 1, 1.5, 2],
    terminated: [0, 0, 1, 0],
    ...change,
  };
}

const { starts: _, ...going } = columnsOf();
const stepsMessage = (columns: StepColumns, seq: number): Uint8Array => encodeSteps(columns, { seq }).bytes;
const hello = encodeMessagePack(HELLO);
/** Bytes as a text to look in. */
const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

describe("episcope record, of `steps` messages", () => {
  const bytes = readFileSync(golden("steps.msgpack"));
  const told = byEpisode(recordsOf(readFileSync(golden("steps.ndjson"), "utf8")));

  it("records what numpy sent, among other records", async () => {
    const { world, outcome } = await record([bytes]);
    expect([outcome.status, outcome.messages]).toEqual([0, expect.not.stringContaining("refused")]);
    const made = await replayed(world);
    expect([...made.keys()].sort()).toEqual([...told.keys()].sort());
    for (const [key, records] of told) {
      const own = made.get(key)!;
      expect(own.slice(0, records.length)).toEqual(records);
      // What was open at the end of the stream is aborted.
      if (own.length > records.length)
        expect(own.at(-1)).toMatchObject({ type: "episode-end", outcome: "aborted" });
    }
  });

  it("reads them from a file, and from pieces of any size", async () => {
    const whole = await record([bytes]);
    const expected = await replayed(whole.world);
    const file = createWorld({ files: { "steps.msgpack": bytes } });
    expect((await file.run("record", ...QUIET, "input=steps.msgpack")).status).toBe(0);
    expect(await replayed(file)).toEqual(expected);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 97) }, (_, at) =>
      bytes.subarray(at * 97, at * 97 + 97),
    );
    expect(await replayed((await record(pieces)).world)).toEqual(expected);
  });

  it("leaves out the records that are wrong, says where, and ends with loss", async () => {
    const after = columnsOf().after.with(6, 99);
    const { world, outcome } = await record([hello, stepsMessage(columnsOf({ after }), 0)]);
    expect(outcome.status).toBe(3);
    expect(outcome.messages).toContain("message 2 of the input, environment 7, row 0: 1 record refused: ");
    expect(outcome.messages).toMatch(/the cell in row 0, column 0 is 99.*\[GRID_INVALID\]/);
    expect(outcome.messages).toContain("1 record of the input was refused and is not in the run.");
    const made = await replayed(world);
    expect(made.get("4-0")).toHaveLength(4);
    expect(made.get("7-0")?.map(({ step }) => step)).toEqual([undefined, 1, undefined]);
  });

  it("leaves out a message that is wrong as a whole, ends what it went on with, and waits for starts", async () => {
    const wrong = stepsMessage(columnsOf(), 100).slice();
    const name = Buffer.from(wrong).indexOf("reward");
    wrong[name] = 0x78;
    const { world, outcome } = await record([
      hello,
      stepsMessage(columnsOf(), 0),
      wrong,
      stepsMessage({ ...going, terminated: [0, 0, 0, 0] }, 107),
    ]);
    expect(outcome.status).toBe(3);
    expect(outcome.messages).toMatch(
      /message 3 of the input is refused: .*'arrays.xeward'.*\[STEPS_INVALID\]/,
    );
    expect(outcome.messages).toContain("Before message 4 of the input 100 records are missing");
    expect(outcome.messages).toContain(
      "1 message and 4 records of the input were refused and are not in the run.",
    );
    const made = await replayed(world);
    expect(made.get("7-0")?.map(({ type, outcome: end }) => end ?? type)).toEqual([
      "episode-start",
      "step",
      "step",
      "aborted",
    ]);
  });

  it("goes on with the episodes of a message behind other records", async () => {
    const [first] = episodeRecords("other", 7);
    const { world, outcome } = await record([
      ...[hello, stepsMessage(columnsOf(), 0), encodeMessagePack(first!)],
      stepsMessage({ ...going, envs: [7, 9], shape: [2, 2, 2, 3], terminated: [0, 0, 1, 0] }, 8),
    ]);
    // Environment 9 has never started an episode.
    expect(outcome.messages).toContain("environment 9, row 0: 2 records refused");
    expect((await replayed(world)).get("7-0")).toHaveLength(1 + 4 + 1);
  });

  it("tells its producer which message, row and environment were refused, and what is acknowledged", async () => {
    const after = columnsOf().after.with(6, 99);
    const wrong = stepsMessage(columnsOf(), 27).slice();
    wrong[Buffer.from(wrong).indexOf("reward")] = 0x78;
    const world = createWorld({
      stdin: [
        ...[hello, stepsMessage(columnsOf({ after }), 20)],
        ...[encodeMessagePack({ type: "flush", id: 5 }), encodeMessagePack({ type: "ack" }), wrong],
      ],
    });
    const fd = world.fs.openSync(`${CWD}/answers`, "w");
    const outcome = await world.run("record", ...QUIET, `--ack-fd=${fd}`);
    world.fs.closeSync(fd);
    expect(outcome.status).toBe(3);
    const [cell, flushed, ack, whole, ...more] = new MessageSplitter().push(world.read("answers")).map(latin);
    expect(more).toEqual([]);
    const refusal = /: 1 record refused: (.*) \[GRID_INVALID\]/.exec(outcome.messages)![1]!;
    const message: RecorderMessage = {
      ...{ type: "error", seq: 20, t: 0, env: 7, records: 1 },
      ...{ code: "GRID_INVALID", message: refusal },
    };
    expect(cell).toBe(latin(encodeMessagePack(message).subarray(4)));
    expect(flushed).toContain("flushed");
    // Two starts, four steps and an end.
    expect(ack).toBe(latin(encodeMessagePack({ type: "ack", seq: 26 }).subarray(4)));
    expect(whole).toContain("STEPS_INVALID");
    const place = encodeMessagePack({
      type: "error",
      seq: 27,
      code: "",
      message: "",
    } as RecorderMessage).subarray(5, 17);
    expect(whole).toContain(latin(place));
  });
});

describe("a grid of text", () => {
  it("is taken wherever NDJSON has one", async () => {
    const lines = [
      JSON.stringify(HELLO),
      '{"type":"episode-start","seq":0,"episode":"a","time":0,"task_id":"t","pair_index":0,"mode":"train","initial":["00","00"],"target":["0a","00"]}',
      '{"type":"step","seq":1,"episode":"a","step":0,"time":1,"action":{"operation":10},"after":["0a","0."],"reward":1,"terminated":true,"truncated":false}',
      '{"type":"step","seq":2,"episode":"a","step":1,"time":1,"action":{"operation":10},"after":["0a","0"],"reward":1,"terminated":true,"truncated":false}',
    ];
    const { world, outcome } = await record([Buffer.from(lines.join("\n"))]);
    expect(outcome.status).toBe(3);
    expect(outcome.messages).toMatch(
      /line 4 of the input is refused: .*row 1 is no text of 2 characters.*\[GRID_INVALID\]/,
    );
    expect((await replayed(world)).get("a")?.[1]).toMatchObject({
      after: { shape: [2, 2], data: [0, 10, 0, 0], mask: [1, 1, 1, 0] },
    });
  });
});

it("a `steps` message in NDJSON is refused with the way out", async () => {
  const { outcome } = await record([Buffer.from(`${JSON.stringify(HELLO)}\n{"type":"steps","seq":0}\n`)]);
  expect(outcome.status).toBe(3);
  expect(outcome.messages).toContain("only a MessagePack stream can carry");
});
