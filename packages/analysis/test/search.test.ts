import { verifyRun } from "@episcope/records/store";
import { beforeAll, describe, expect, it } from "vitest";
import { openStepTable, type SearchOptions, search, TABLE_FILE } from "../src/index.js";
import { recordRun, SUBMIT } from "./invented-run.js";

const COPY = 28;
const PASTE = 29;

let recorded: Awaited<ReturnType<typeof recordRun>>;

beforeAll(async () => {
  recorded = await recordRun([
    {
      task: "05f2a901",
      initial: "0000",
      target: "1111",
      meta: { lr: 0.3, agent: { name: "greedy" } },
      outcome: "failure",
      steps: [
        { after: "1000", reward: 0.25, info: { why: "begin", metrics: { value: 0.5 } } },
        { after: "0000", operation: PASTE, reward: -2 },
        { after: "0000", operation: COPY },
        { after: "0000", operation: COPY },
        { after: "0000", operation: SUBMIT, reward: Number.NaN, terminated: true },
      ],
    },
    {
      task: "other",
      pair: 1,
      mode: "test",
      initial: "00",
      target: "11",
      meta: { lr: 0.01 },
      outcome: "success",
      steps: [{ after: "10" }, { after: "11", info: { success: true }, reward: 1 }],
    },
    {
      task: "hidden",
      initial: "0",
      target: null,
      outcome: "truncated",
      steps: [{ after: "1", name: "Sprüh" }],
    },
  ]);
});

/** Matches as "episode" or "episode:step". */
function found(query: string, options: Partial<SearchOptions> = {}): string[] {
  const matches = search([recorded.dir], query, { fs: recorded.disk.fs, ...options });
  return [...matches].map(({ run, episode, step }) =>
    step === null ? `${episode ?? run}` : `${episode}:${step}`,
  );
}

const failing = (query: string): { code: string; message: string; hint: string } => {
  try {
    found(query);
  } catch (error) {
    return error as { code: string; message: string; hint: string };
  }
  throw new Error("the query was taken");
};

describe("a query", () => {
  it.each([
    ['op == "paste" and dsim < 0', ["1:1"]],
    ["success == false and total_reward < -1", []],
    ["success == false", ["1", "3"]],
    ['task ~ "05f2*"', ["1"]],
    ['task ~ "THE"', ["2"]],
    ["meta.lr > 0.01", ["run"]],
    ["changed == 0 and repeated(3)", ["1:2", "1:3", "1:4"]],
    ["reward == 0.25 or reward == 1", ["1:0", "2:1"]],
    ["reward == null", ["1:4"]],
    ["reward != 0 and step >= 0", ["1:0", "1:1", "2:1"]],
    ['info.why == "begin"', ["1:0"]],
    ["info.value >= 0.5 and reward > 0", ["1:0"]],
    ["wrong == null", ["3:0"]],
    ['op in ["Copy", "Submit"]', ["1:2", "1:3", "1:4"]],
    ['previous(op) == "copy"', ["1:3", "1:4"]],
    ["next(similarity) < similarity", ["1:0"]],
    ["not (mode == 'train')", ["2"]],
    ["pair == 2", ["2"]],
    ["count(changed == 0) > 2", ["1"]],
    ["any(similarity == 1)", ["2"]],
    ["all(changed > 0)", ["2", "3"]],
    ["count(success) == 1 and episodes == 3", ["run"]],
    ["submitted and not terminated", []],
    ["-reward / 2 >= 1", ["1:1"]],
    ["op == 'sprüh'", ["3:0"]],
    ["steps * 2 + 1 == 11", ["1"]],
    ['meta.agent.name == "greedy" and step == 0', ["1:0"]],
  ])("%s", (query, expected) => {
    const of = query.startsWith("meta.lr") ? ("runs" as const) : undefined;
    // `meta` of the run is empty: nothing; of episodes it chooses one.
    if (of !== undefined) {
      expect(found(query)).toEqual([]);
      expect(found(query, { of: "episodes" })).toEqual(["1"]);
    } else expect(found(query)).toEqual(expected);
  });

  it("gives the columns that were asked for, unknown ones as undefined", () => {
    const [first, , third] = search([recorded.dir], "steps > 0", {
      fs: recorded.disk.fs,
      columns: ["task", "meta.lr", "count(changed > 0)", "final_similarity"],
    });
    expect(first!.values).toEqual(["05f2a901", 0.3, 2, 0]);
    expect(third!.values).toEqual(["hidden", undefined, 1, Number.NaN]);
  });

  it("is refused with a caret below the place, and a name that is near", () => {
    expect(failing("succes == true")).toMatchObject({
      code: "QUERY_INVALID",
      message: "there is no field 'succes'\n  succes == true\n  ^",
      hint: expect.stringContaining("'success'"),
    });
    expect(failing("step > 3 and repeted(3)").message).toBe(
      "there is no function 'repeted'\n  step > 3 and repeted(3)\n               ^",
    );
    expect(failing("op == 3").message).toBe("a text is compared with a number\n  op == 3\n     ^");
    expect(failing("reward = 3").hint).toBe("Write '=='.");
    expect(failing("(reward > 1").message).toContain("')' is missing for the '(' in column 1");
    expect(failing('task ~ "abc').message).toContain("no closing quote");
    expect(failing("reward > 1 reward").message).toContain("'reward' was not expected here");
    expect(failing("reward").message).toContain("this is a number and no condition");
    expect(failing("").message).toContain("the query is empty");
    expect(failing("task ~ op").message).toContain("needs a pattern between quotes");
    expect(failing("a $ b").message).toContain("'$' has no meaning");
    expect(failing(`${"(".repeat(300)}1`).message).toContain("nested deeper");
  });

  it("about steps cannot choose episodes, and says how", () => {
    expect(() => found("reward < 0", { of: "episodes" })).toThrow(
      expect.objectContaining({ code: "QUERY_LEVEL_WRONG", hint: expect.stringContaining("count(") }),
    );
  });
});

describe("the table of a run's steps", () => {
  const path = (): string => `${recorded.dir}/${TABLE_FILE}`;

  it("is kept beside the run, and the same when it is read again", () => {
    const { run, disk } = recorded;
    disk.fs.rmSync(path(), { force: true });
    const made = openStepTable(run, { fs: disk.fs });
    expect(disk.fs.existsSync(path())).toBe(true);
    const kept = openStepTable(run, { fs: { ...disk.fs, openSync: undefined } as never });
    expect({ ...kept }).toEqual({ ...made });
    expect([...kept.wrong.subarray(5)]).toEqual([1, 0, 0xffff]);
  });

  it("is made again where it is damaged, anywhere", () => {
    const { run, disk } = recorded;
    const made = { ...openStepTable(run, { fs: disk.fs }) };
    const whole = Buffer.from(disk.fs.readFileSync(path()));
    for (let at = 0; at < whole.length; at += 7) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 0x10;
      disk.fs.writeFileSync(path(), damaged);
      expect({ ...openStepTable(run, { fs: disk.fs }) }, `byte ${at}`).toEqual(made);
    }
  });

  it("is no finding of verify", () => {
    expect(verifyRun(recorded.run, { fs: recorded.disk.fs })).toMatchObject({ intact: true, findings: [] });
  });
});
