import { type Action, gridsEqual } from "@episcope/records";
import { grid } from "@episcope/testing/text-grids";
import { describe, expect, it } from "vitest";
import { createSearchAgent, OPERATION, playEpisodes } from "../src/index.js";
import { pair, task } from "./tasks.js";

/** Demonstrations, and a question whose answer the agent is not shown. */
interface Puzzle {
  readonly shown: readonly (readonly [string, string])[];
  readonly asked: readonly [string, string];
}

async function play({
  shown,
  asked,
}: Puzzle): Promise<{ outcome: string; actions: Action[]; answered: boolean }> {
  const puzzle = task(
    shown.map(([input, output]) => pair(input, output)),
    [pair(...asked)],
  );
  const actions: Action[] = [];
  let answered = false;
  const recorder = {
    startEpisode: () => ({
      step: ({ action, after }: { action: Action; after: ReturnType<typeof grid> }) => {
        actions.push(action);
        answered = gridsEqual(after, grid(asked[1]));
      },
      end: () => {},
    }),
  };
  const [played] = await playEpisodes({
    tasks: [puzzle],
    agent: createSearchAgent(),
    recorder,
    mode: "test",
  });
  return { outcome: played!.outcome, actions, answered };
}

const PUZZLES: Record<string, Puzzle> = {
  "a half turn": {
    shown: [
      ["12/34", "43/21"],
      ["500/060", "060/005"],
    ],
    asked: ["789", "987"],
  },
  "a transposition": {
    shown: [
      ["12/34", "13/24"],
      ["567", "5/6/7"],
    ],
    asked: ["10/20/34", "123/004"],
  },
  "two colours that change places": {
    shown: [
      ["112", "221"],
      ["33/34", "44/43"],
    ],
    asked: ["5565", "6656"],
  },
  "a table of colours": {
    shown: [
      ["1212", "5757"],
      ["33", "44"],
    ],
    asked: ["123", "574"],
  },
  "cells that become blocks": {
    shown: [
      ["12", "1122/1122"],
      ["3/4", "33/33/44/44"],
    ],
    asked: ["56/78", "5566/5566/7788/7788"],
  },
  "blocks that become cells": {
    shown: [
      ["1122/1122", "12"],
      ["33/33/44/44", "3/4"],
    ],
    asked: ["55/55", "5"],
  },
  "copies side by side": {
    shown: [
      ["12", "1212"],
      ["3/4", "33/44"],
    ],
    asked: ["56/78", "5656/7878"],
  },
  "a grid put into itself": {
    shown: [
      ["10/11", "1000/1100/1010/1111"],
      ["02/20", "0002/0020/0200/2000"],
    ],
    asked: ["30/00", "3000/0000/0000/0000"],
  },
  "repeated rows and columns": {
    shown: [
      ["1122/1122/3344", "12/34"],
      ["556", "56"],
    ],
    asked: ["7/7/8", "7/8"],
  },
  "the upper left quarter": {
    shown: [
      ["1212/3434/1212/3434", "12/34"],
      ["56/78", "5"],
    ],
    asked: ["907090/111111", "907"],
  },
  "the largest shape": {
    shown: [
      ["00000/11020/11020/00000", "11/11"],
      ["300/000/044/044/044", "44/44/44"],
    ],
    asked: ["5550/0000/0006/0066", "555"],
  },
  "stones that fall left": {
    shown: [
      ["0102/3000", "1200/3000"],
      ["0050", "5000"],
    ],
    asked: ["006/070", "600/700"],
  },
  "parts laid over each other": {
    shown: [
      ["10511/01510", "11/11"],
      ["00500/11501", "00/11"],
      ["01510/00500", "11/00"],
    ],
    asked: ["00501/10500", "01/10"],
  },
  "lines between stones of one colour": {
    shown: [
      ["1001/0000/2020", "1111/0000/2220"],
      ["3/0/0/3", "3/3/3/3"],
    ],
    asked: ["40004", "44444"],
  },
  "colours that run down": {
    shown: [
      ["102/000/030", "102/102/132"],
      ["5/0", "5/5"],
    ],
    asked: ["060/000", "060/060"],
  },
  "a way to move around the edge": {
    shown: [
      ["1234", "4123"],
      ["50/60", "05/06"],
    ],
    asked: ["789/000", "978/000"],
  },
  "a picture that is symmetric under a hole": {
    shown: [
      ["1221/2332/2399/1299", "1221/2332/2332/1221"],
      ["4554/5775/9975/9954", "4554/5775/5775/4554"],
    ],
    asked: ["8668/9936/9936/8668", "8668/6336/6336/8668"],
  },
  "shapes that enclose": {
    shown: [
      ["111/101/111", "111/171/111"],
      ["0220/2002/0220", "0220/2772/0220"],
    ],
    asked: ["33300/30300/33300", "33300/37300/33300"],
  },
  "a count of cells": {
    shown: [
      ["500/000", "5"],
      ["550/500", "555"],
      ["000/660", "66"],
    ],
    asked: ["7070/7700", "7777"],
  },
  "an answer for each pattern": {
    shown: [
      ["10/01", "1"],
      ["20/02", "1"],
      ["33/00", "2"],
      ["44/00", "2"],
    ],
    asked: ["50/05", "1"],
  },
  "two rules, one after the other": {
    shown: [
      ["0000/0120/0000", "21"],
      ["00000/00340/00560/00000", "43/65"],
    ],
    asked: ["0700/0890/0000", "07/98"],
  },
};

describe("the search agent finds and carries out", () => {
  it.each(Object.entries(PUZZLES))("%s", async (_, puzzle) => {
    const { outcome, actions, answered } = await play(puzzle);
    expect(answered).toBe(true);
    expect(outcome).toBe("success");
    expect(actions.at(-1)).toEqual({ operation: OPERATION.submit });
  });
});

describe("the search agent without a rule", () => {
  it("takes the shape that all known outputs share, and submits", async () => {
    const { outcome, actions } = await play({
      shown: [
        ["1234/5678/9012", "38"],
        ["9876/5432/1098", "51"],
      ],
      asked: ["1111/2222/3233", "47"],
    });
    expect(outcome).toBe("failure");
    expect(actions.at(-1)?.operation).toBe(OPERATION.submit);
  });
});
