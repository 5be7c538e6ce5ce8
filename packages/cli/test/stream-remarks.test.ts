import { describe, expect, it } from "vitest";
import { HELLO, ndjsonOf } from "./fixtures/streams.js";
import { createWorld } from "./fixtures/world.js";

const GRID = { shape: [2, 2], data: [0, 1, 2, 3] };
const TARGET = { shape: [2, 2], data: [3, 3, 3, 3] };
const START = {
  ...{
    type: "episode-start",
    seq: 1,
    episode: "e1",
    time: 1.7e9,
    task_id: "t1",
    pair_index: 0,
    mode: "train",
  },
  ...{ initial: GRID, target: TARGET },
};
type Plain = Record<string, unknown>;

function step(number: number, change: Plain = {}): Plain {
  return {
    ...{ type: "step", seq: number + 2, episode: "e1", step: number, time: 1.7e9 + number },
    ...{ action: { operation: 3, selection: { kind: "point", point: [0, 0] } }, after: GRID },
    ...{ reward: 0.5, terminated: false, truncated: false },
    ...change,
  };
}

function end(seq: number, steps: number, change: Plain = {}, totals: Plain = {}): Plain {
  return {
    ...{ type: "episode-end", seq, episode: "e1", time: 1.7e9 + 9, outcome: "truncated" },
    totals: { steps, reward: steps / 2, final_similarity: 0.25, best_similarity: 0.25, ...totals },
    ...change,
  };
}

/** Records a stream as a Python producer would send it, and verifies the run. */
async function recorded(records: readonly (Plain | string)[]) {
  const start = { type: "run-start", seq: 0, time: 1.7e9 };
  const text = [HELLO, start, START, ...records]
    .map((record) => (typeof record === "string" ? record : JSON.stringify(record)))
    .join("\n");
  const world = createWorld({ stdin: [text] });
  const outcome = await world.run("record", "visualization=debug_off", "storage.run_name=run");
  const verdict = await world.run("verify", "outputs/dev_episodes/run");
  const replay = await world.run("replay", "outputs/dev_episodes/run");
  return { outcome, verdict, steps: replay.out.match(/"type":"step"/g)?.length ?? 0 };
}

describe("a stream that contradicts itself is recorded whole, told of once for each kind, and found by verify:", () => {
  it.each([
    [
      "steps after the one that ended the episode",
      [step(0), step(1, { terminated: true }), step(2), step(3), end(6, 4)],
      /step 2 comes after step 1, which ended the episode \(terminated\)/,
      /step 3 comes after step 1/,
    ],
    [
      "steps after a truncation",
      [step(0, { truncated: true }), step(1), end(4, 2)],
      /\(truncated\)/,
      /\(truncated\)/,
    ],
    [
      "a step that is missing",
      [step(0), step(2, { seq: 3 }), end(4, 2)],
      /step 2 comes after step 0/,
      /1 step is missing/,
    ],
    [
      "a step that comes twice",
      [step(0), step(0, { seq: 3 }), end(4, 2)],
      /step 0 comes after step 0/,
      /step 0 comes again/,
    ],
    [
      "a gap in seq",
      [step(0), step(1, { seq: 7 }), end(8, 2)],
      /line 5.*4 records are missing/,
      /4 records are missing/,
    ],
    [
      "a seq that comes again",
      [step(0), step(1, { seq: 2 }), end(3, 2)],
      /line 5.*seq 2 comes where 3/,
      /1 × seq_again/,
    ],
    [
      "an outcome of success without the target",
      [step(0), end(3, 1, { outcome: "success" })],
      /the last grid is not the target/,
      /the last grid is not the target/,
    ],
    [
      "an outcome of failure with the target",
      [step(0, { after: TARGET }), end(3, 1, { outcome: "failure" }, { final_similarity: 1 })],
      /the last grid is the target/,
      /the last grid is the target/,
    ],
    [
      "totals of other steps",
      [step(0), end(3, 7)],
      /totals.steps is 7, and the steps give 1/,
      /'totals.steps' is 7/,
    ],
    [
      "a point outside the grid",
      [step(0, { action: { operation: 3, selection: { kind: "point", point: [2, -1] } } }), end(3, 1)],
      /step 0 lies outside the grid of 2x2/,
      /step 0 lies outside the grid of 2x2/,
    ],
    [
      "times in milliseconds",
      [step(0, { time: 1.7e12 }), end(3, 1)],
      /step 0 has the time 1700000000000, as if it were in milliseconds/,
      /milliseconds/,
    ],
    [
      "a name that an object has twice",
      [JSON.stringify(step(0)).replace("{", '{"reward":9,'), end(3, 1)],
      /line 4, an object has 'reward' twice/,
      /1 × duplicate_name/,
    ],
    [
      "a number out of range",
      [
        JSON.stringify(step(0)).replace('"reward":0.5', '"reward":1e999'),
        end(3, 1, {}, { reward: "Infinity" }),
      ],
      /line 4, 1e999 is beyond the largest number/,
      /1 × number_out_of_range/,
    ],
    [
      "values that could not be kept",
      [step(0, { info: { metrics: { loss: "low" }, success: "yes" } }), end(3, 1)],
      /line 4, info.success: "yes" is not true or false; a text stands for it/,
      /2 × value_as_text/,
    ],
  ])("%s", async (_, records, told, found) => {
    const { outcome, verdict, steps } = await recorded(records);
    expect(outcome.status).toBe(0);
    expect(outcome.messages).toMatch(told);
    expect(outcome.messages.match(/The stream contradicts itself/g)).toHaveLength(1);
    expect(outcome.messages).toContain("Kept as they came: ");
    expect(verdict.out + verdict.messages).toMatch(found);
    expect(steps).toBe(records.filter((record) => JSON.stringify(record).includes("step")).length - 1);
  });

  it("bytes that are no UTF-8", async () => {
    const text = [
      HELLO,
      { type: "run-start", seq: 0, time: 1 },
      { ...START, task_id: "donnXes" },
      step(0),
      end(3, 1),
    ]
      .map((record) => JSON.stringify(record))
      .join("\n");
    const bytes = Buffer.from(text);
    bytes[bytes.indexOf("donnX") + 4] = 0xe9;
    const world = createWorld({ stdin: [bytes] });
    const outcome = await world.run("record", "visualization=debug_off", "storage.run_name=run");
    expect([outcome.status, outcome.messages]).toEqual([
      0,
      expect.stringContaining("line 3, bytes are no UTF-8"),
    ]);
    expect((await world.run("verify", "outputs/dev_episodes/run")).out).toContain("1 × text_not_utf8");
  });
});

it("a stream that is right is not remarked on", async () => {
  const { outcome, verdict } = await recorded([step(0), step(1, { terminated: true }), end(4, 2)]);
  expect([outcome.status, verdict.status]).toEqual([0, 0]);
  expect(outcome.messages).not.toMatch(/contradicts|Kept as they came/);
  expect(verdict.out).toMatch(/^run: intact, 1 episode, 2 steps$/m);
  expect(ndjsonOf([])).toHaveLength(1);
});

it("what was refused is found by verify", async () => {
  const { outcome, verdict } = await recorded([step(0), "?", step(1, { reward: null }), end(4, 2)]);
  expect(outcome.status).toBe(3);
  expect(verdict.out).toMatch(
    /2 messages of the input were refused \(1 RECORD_LINE_INVALID, 1 RECORD_INVALID\)/,
  );
});
