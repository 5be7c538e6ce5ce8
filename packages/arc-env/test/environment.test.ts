import { grid, text } from "@episcope/testing/text-grids";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ArcEnvironment,
  createAgent,
  createRandom,
  DEFAULT_REWARD,
  OPERATION,
  stepReward,
} from "../src/index.js";
import { pair, task } from "./tasks.js";

const submit = { operation: OPERATION.submit };
const fillFirst = (operation: number) =>
  ({ operation, selection: { kind: "point", point: [0, 0] } }) as const;
const two = task([pair("11", "21"), pair("22", "32")], [pair("33", "43"), pair("44", null)]);
const coded = (code: string) => expect.objectContaining({ code });

describe("the environment", () => {
  it("starts on the input and reports the similarity of the start", () => {
    const { observation, info } = new ArcEnvironment().reset({ task: two, pairIndex: 1 });
    expect(text(observation.grid)).toBe("22");
    expect(info).toEqual({ taskId: "t", pairIndex: 1, mode: "train", similarity: 0.5 });
  });

  it("can start on a blank grid", () => {
    const { observation } = new ArcEnvironment({ initial: "blank" }).reset({ task: two, pairIndex: 0 });
    expect(text(observation.grid)).toBe("000/000/000");
  });

  it("rewards the change of similarity, and a right submission", () => {
    const environment = new ArcEnvironment();
    environment.reset({ task: two, pairIndex: 0 });
    const edit = environment.step(fillFirst(2));
    expect(edit).toMatchObject({ terminated: false, truncated: false, next: null });
    expect(edit.info).toEqual({ similarity: 1, success: true, metrics: { changed_cells: 1 } });
    expect(edit.reward).toBeCloseTo(0.49);
    const end = environment.step(submit);
    expect(end).toMatchObject({ terminated: true, truncated: false });
    expect(end.reward).toBeCloseTo(9.99);
  });

  it("counts a grid that is too large as unsolved, though its similarity is 1", () => {
    const environment = new ArcEnvironment({ reward: { unsolvedSubmissionPenalty: -1 } });
    environment.reset({ task: task([pair("12/34", "1")]), pairIndex: 0 });
    const end = environment.step(submit);
    expect(end.info).toMatchObject({ similarity: 1, success: false });
    expect(end.reward).toBeCloseTo(-1.01);
  });

  it("is truncated at the step limit, and not where the last step submits", () => {
    const environment = new ArcEnvironment({ maxSteps: 2 });
    environment.reset({ task: two, pairIndex: 0 });
    expect(environment.step(fillFirst(5)).truncated).toBe(false);
    expect(environment.step(fillFirst(6))).toMatchObject({ terminated: false, truncated: true });
    environment.reset({ task: two, pairIndex: 0 });
    environment.step(fillFirst(5));
    expect(environment.step(submit)).toMatchObject({ terminated: true, truncated: false });
  });

  it("hides target and similarity of a test pair until the submission tells success", () => {
    const environment = new ArcEnvironment();
    const start = environment.reset({ task: two, mode: "test", pairIndex: 0 });
    expect(start.observation.target).toBeNull();
    expect(start.info.similarity).toBeNull();
    const edit = environment.step(fillFirst(4));
    expect(edit.info).toEqual({ metrics: { changed_cells: 1 } });
    expect(edit.reward).toBe(-0.01);
    const end = environment.step(submit);
    expect(end.info).toEqual({ success: true, metrics: { changed_cells: 0 } });
    expect(end.reward).toBeCloseTo(9.99);
  });

  it("shows them where it is asked to", () => {
    const environment = new ArcEnvironment({ revealTestTarget: true });
    const { observation, info } = environment.reset({ task: two, mode: "test", pairIndex: 0 });
    expect(observation.target).toEqual(grid("43"));
    expect(info.similarity).toBe(0.5);
  });

  it("tells its state as plain data: the clipboard, the pair and the step", () => {
    const environment = new ArcEnvironment();
    environment.reset({ task: two, mode: "test", pairIndex: 1 });
    expect(environment.step(fillFirst(4)).state).toEqual({
      mode: "test",
      pair_index: 1,
      step_count: 1,
      clipboard: null,
    });
    const copied = environment.step({ operation: OPERATION.copy });
    expect(copied.state["clipboard"]).toEqual({ shape: [1, 2], data: [4, 4], mask: [1, 1] });
  });

  it("says nothing about success where the answer is not known", () => {
    const environment = new ArcEnvironment({ revealTestTarget: true });
    environment.reset({ task: two, mode: "test", pairIndex: 1 });
    const end = environment.step(submit);
    expect(end.info).toEqual({ metrics: { changed_cells: 0 } });
    expect(end.reward).toBe(-0.01);
  });

  it.each([
    [OPERATION.nextTrainPair, "train", 0, { mode: "train", pairIndex: 1 }],
    [OPERATION.nextTrainPair, "train", 1, { mode: "train", pairIndex: 0 }],
    [OPERATION.previousTrainPair, "train", 0, { mode: "train", pairIndex: 1 }],
    [OPERATION.nextTestPair, "train", 1, { mode: "test", pairIndex: 0 }],
    [OPERATION.previousTestPair, "train", 0, { mode: "test", pairIndex: 1 }],
    [OPERATION.previousTestPair, "test", 1, { mode: "test", pairIndex: 0 }],
    [OPERATION.nextTrainPair, "test", 1, { mode: "train", pairIndex: 0 }],
  ] as const)(
    "operation %i on %s pair %i ends the episode and asks for %o",
    (operation, mode, pairIndex, next) => {
      const environment = new ArcEnvironment();
      environment.reset({ task: two, mode, pairIndex });
      expect(environment.step({ operation })).toMatchObject({ terminated: false, truncated: true, next });
      expect(() => environment.step(submit)).toThrow(coded("EPISODE_OVER"));
    },
  );

  it("refuses a pair that the task has not", () => {
    const environment = new ArcEnvironment();
    expect(() => environment.reset({ task: two, pairIndex: 2 })).toThrow(
      /no train pair 2; its train pairs are 0 to 1/,
    );
    expect(() => environment.reset({ task: task([pair("1", "1")]), mode: "test" })).toThrow(
      coded("UNKNOWN_PAIR"),
    );
  });

  it("refuses a step before the first reset and after the end", () => {
    const environment = new ArcEnvironment();
    expect(() => environment.step(submit)).toThrow(coded("ENVIRONMENT_NOT_RESET"));
    environment.reset({ task: two, pairIndex: 0 });
    environment.step(submit);
    expect(() => environment.step(submit)).toThrow(coded("EPISODE_OVER"));
  });

  it.each([
    [{ operation: 39 }, "INVALID_ACTION"],
    [{ operation: -1 }, "INVALID_ACTION"],
    [{ operation: 1.5 }, "INVALID_ACTION"],
    [{ operation: 1, selection: { kind: "point", point: [0, Number.NaN] } }, "INVALID_ACTION"],
    [{ operation: 1, selection: { kind: "mask", mask: new Uint8Array(3) } }, "SELECTION_INVALID"],
  ] as const)("refuses the action %o and takes no step", (action, code) => {
    const environment = new ArcEnvironment({ maxSteps: 1 });
    environment.reset({ task: two, pairIndex: 0 });
    expect(() => environment.step(action)).toThrow(coded(code));
    expect(environment.step(submit).observation.step).toBe(1);
  });

  it("draws the same pair from the same seed", () => {
    const drawn = (seed: number) => new ArcEnvironment().reset({ task: two, seed }).info.pairIndex;
    const seeds = Array.from({ length: 32 }, (_, seed) => seed);
    expect(seeds.map(drawn)).toEqual(seeds.map(drawn));
    expect(new Set(seeds.map(drawn)).size).toBe(2);
  });

  it("keeps the similarity within 0 and 1 and repeats itself, whatever is done", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const play = () => {
          const environment = new ArcEnvironment({ maxSteps: 30 });
          const agent = createAgent("random");
          let { observation } = environment.reset({ task: two, seed });
          agent.begin({ task: two, mode: "train", pairIndex: 0, maxSteps: 30 }, seed);
          const seen: unknown[] = [];
          for (;;) {
            const { action } = agent.act(observation, { reward: 0, info: {} });
            const result = environment.step(action);
            observation = result.observation;
            seen.push(action.operation, text(observation.grid), result.reward);
            expect(result.info.similarity).toBeGreaterThanOrEqual(0);
            expect(result.info.similarity).toBeLessThanOrEqual(1);
            if (result.terminated || result.truncated) return seen;
          }
        };
        expect(play()).toEqual(play());
      }),
    );
  });
});

describe("the reward", () => {
  it("pays the bonus only for a right submission", () => {
    expect(stepReward({ similarityChange: 0.5, submitted: false, solved: true }, DEFAULT_REWARD)).toBeCloseTo(
      0.49,
    );
    expect(stepReward({ similarityChange: 0, submitted: true, solved: true }, DEFAULT_REWARD)).toBeCloseTo(
      9.99,
    );
    expect(stepReward({ similarityChange: 0, submitted: true, solved: false }, DEFAULT_REWARD)).toBeCloseTo(
      -0.01,
    );
  });
});

describe("random numbers", () => {
  it("are the same for the same seed, in range, and differ between seeds", () => {
    const numbers = (seed: number) => {
      const random = createRandom(seed);
      return Array.from({ length: 100 }, () => random.below(10));
    };
    expect(numbers(7)).toEqual(numbers(7));
    expect(numbers(7)).not.toEqual(numbers(8));
    expect(new Set(numbers(7))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  });
});
