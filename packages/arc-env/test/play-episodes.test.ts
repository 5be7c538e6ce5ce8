import fs from "node:fs";
import { join } from "node:path";
import type { Run } from "@episcope/core";
import { type Action, type Grid, gridsEqual } from "@episcope/records";
import { describe, expect, it } from "vitest";
import {
  type Agent,
  createAgent,
  type EpisodeRecorder,
  loadTasks,
  OPERATION,
  playEpisodes,
  sampleTaskDirectory,
} from "../src/index.js";
import { pair, task } from "./tasks.js";

const root = join(import.meta.dirname, "..", "..", "..");
const ownTasks = loadTasks(sampleTaskDirectory(), fs);
const realTasks = join(root, "..", "shared", "reference", "arc-tasks");

/** Checked by the compiler: core's run can be given to `playEpisodes` as it is. */
export const runIsRecorder = (run: Run): EpisodeRecorder => run;

type Started = Parameters<EpisodeRecorder["startEpisode"]>[0];
type Stepped = Parameters<ReturnType<EpisodeRecorder["startEpisode"]>["step"]>[0];
interface Recorded {
  start: Started;
  steps: Stepped[];
  outcome: string | null;
}

function createMemoryRecorder(): EpisodeRecorder & { readonly episodes: Recorded[] } {
  const episodes: Recorded[] = [];
  return {
    episodes,
    startEpisode: (start) => {
      const recorded: Recorded = { start, steps: [], outcome: null };
      episodes.push(recorded);
      return {
        step: (step) => recorded.steps.push(step),
        end: ({ outcome }) => {
          recorded.outcome = outcome;
        },
      };
    },
  };
}

const scripted = (...actions: Action[]): Agent => {
  let place = 0;
  return { name: "scripted", begin: () => {}, act: () => ({ action: actions[place++ % actions.length]! }) };
};

describe("playing episodes", () => {
  it("records the start, each step and the end, and returns the same totals", async () => {
    const recorder = createMemoryRecorder();
    const fill: Action = { operation: 2, selection: { kind: "point", point: [0, 0] } };
    const agent = scripted(fill, { operation: OPERATION.submit });
    const played = await playEpisodes({ tasks: [task([pair("11", "21")])], agent, recorder, seed: 5 });
    expect(recorder.episodes).toHaveLength(1);
    const [{ start, steps, outcome }] = recorder.episodes as [Recorded];
    expect(start).toMatchObject({
      taskId: "t",
      pairIndex: 0,
      mode: "train",
      meta: { agent: "scripted", seed: 5 },
    });
    expect(steps.map((step) => step.info.similarity)).toEqual([1, 1]);
    expect(outcome).toBe("success");
    expect(played).toMatchObject([{ outcome: "success", steps: 2, final_similarity: 1, best_similarity: 1 }]);
    expect(played[0]?.reward).toBeCloseTo(10.48);
  });

  it("takes the tasks in turn, and in the next round their next pairs", async () => {
    const recorder = createMemoryRecorder();
    const tasks = [task([pair("1", "1"), pair("2", "2")]), { ...task([pair("3", "3")]), id: "u" }];
    await playEpisodes({ tasks, agent: scripted({ operation: OPERATION.submit }), recorder, episodes: 5 });
    const places = recorder.episodes.map(({ start }) => `${start.taskId}${start.pairIndex}`);
    expect(places).toEqual(["t0", "u0", "t1", "u0", "t0"]);
  });

  it("ends an episode that switches the pair and goes on with the pair asked for", async () => {
    const recorder = createMemoryRecorder();
    const tasks = [task([pair("1", "1"), pair("2", "2")])];
    const agent = scripted({ operation: OPERATION.previousTrainPair }, { operation: OPERATION.submit });
    await playEpisodes({ tasks, agent, recorder, episodes: 3 });
    expect(recorder.episodes.map(({ start, outcome }) => [start.pairIndex, outcome])).toEqual([
      [0, "aborted"],
      [1, "success"],
      [0, "aborted"],
    ]);
    expect(recorder.episodes[0]?.steps[0]?.action.name).toBe("Prev Demo Pair");
  });

  it("calls a submission whose answer nobody knows aborted", async () => {
    const recorder = createMemoryRecorder();
    const tasks = [task([pair("1", "1")], [pair("1", null)])];
    await playEpisodes({ tasks, agent: scripted({ operation: OPERATION.submit }), recorder, mode: "test" });
    expect(recorder.episodes[0]).toMatchObject({ outcome: "aborted", start: { target: null } });
  });

  it("stops where the signal says so, with the episode ended", async () => {
    const recorder = createMemoryRecorder();
    const stop = new AbortController();
    const agent: Agent = {
      name: "a",
      begin: () => {},
      act: () => {
        stop.abort();
        return { action: { operation: 0 } };
      },
    };
    const played = await playEpisodes({ tasks: ownTasks, agent, recorder, signal: stop.signal });
    expect(played).toHaveLength(1);
    expect(recorder.episodes).toMatchObject([{ outcome: "aborted" }]);
  });

  it("gives the same stream for the same seed, with each agent", async () => {
    for (const name of ["search", "random"]) {
      const play = async (seed: number) => {
        const recorder = createMemoryRecorder();
        await playEpisodes({ tasks: ownTasks, agent: createAgent(name), recorder, seed, maxSteps: 40 });
        return recorder.episodes;
      };
      expect(await play(3)).toEqual(await play(3));
    }
  });
});

describe("the agents", () => {
  it("are found by name, and another name is refused with the list", () => {
    expect(createAgent("search").name).toBe("search");
    expect(createAgent("random").name).toBe("random");
    expect(() => createAgent("ranom")).toThrow(
      expect.objectContaining({
        code: "UNKNOWN_AGENT",
        fields: { key: "agent", options: ["random", "search"] },
      }),
    );
  });

  it("search solves our own tasks but the one made to be beyond it", async () => {
    for (const mode of ["train", "test"] as const) {
      const recorder = createMemoryRecorder();
      const played = await playEpisodes({ tasks: ownTasks, agent: createAgent("search"), recorder, mode });
      const unsolved = played.filter(({ outcome }) => outcome !== "success").map(({ taskId }) => taskId);
      expect(unsolved).toEqual(["hopping-numbers"]);
    }
  });

  it("search tries, edits and gives up on the task beyond it, or runs out of steps", async () => {
    const tasks = ownTasks.filter(({ id }) => id === "hopping-numbers");
    const recorder = createMemoryRecorder();
    const long = await playEpisodes({ tasks, agent: createAgent("search"), recorder });
    expect(long[0]?.outcome).toBe("failure");
    expect(recorder.episodes[0]?.steps.some(({ info }) => info.metrics?.["repairing"] === 1)).toBe(true);
    const short = await playEpisodes({ tasks, agent: createAgent("search"), recorder, maxSteps: 5 });
    expect(short[0]).toMatchObject({ outcome: "truncated", steps: 5 });
  });

  it("search works with operations: every grid follows from the one before", async () => {
    const recorder = createMemoryRecorder();
    await playEpisodes({ tasks: ownTasks, agent: createAgent("search"), recorder });
    const moved = (episode: Recorded): number => {
      let before: Grid = episode.start.initial;
      return episode.steps.filter(({ after }) => {
        const changed = !gridsEqual(before, after);
        before = after;
        return changed;
      }).length;
    };
    for (const episode of recorder.episodes) expect(moved(episode)).toBeGreaterThan(0);
    const used = new Set(
      recorder.episodes.flatMap(({ steps }) => steps.map(({ action }) => action.operation)),
    );
    for (const operation of [
      OPERATION.moveDown,
      OPERATION.flipHorizontal,
      OPERATION.copy,
      OPERATION.paste,
      14,
    ])
      expect(used).toContain(operation);
  });

  it.skipIf(!fs.existsSync(realTasks))(
    "search solves at least 28 of the 63 real tasks unseen (skipped where ../shared/reference/arc-tasks is missing)",
    { timeout: 300_000 },
    async () => {
      const recorder = createMemoryRecorder();
      const tasks = loadTasks(realTasks, fs);
      expect(tasks).toHaveLength(63);
      const played = await playEpisodes({ tasks, agent: createAgent("search"), recorder, mode: "test" });
      expect(played.filter(({ outcome }) => outcome === "success").length).toBeGreaterThanOrEqual(28);
      for (const { start } of recorder.episodes) expect(start.target).toBeNull();
    },
  );
});
