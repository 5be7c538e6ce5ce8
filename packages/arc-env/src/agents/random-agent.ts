import type { Action, Grid, Selection } from "@episcope/records";
import { OPERATION } from "../environment/operations.js";
import { createRandom, type Random } from "../environment/random.js";
import { ARC_MAX_SIDE } from "../environment/task.js";
import type { Agent } from "./agent.js";

/** One step in this many is a submission, so that episodes end in both ways. */
const STEPS_PER_SUBMISSION = 40;

/** Any operation but pair switching, on any selection. What the other agents are measured against. */
export function createRandomAgent(): Agent {
  let random = createRandom(0);
  return {
    name: "random",
    begin: (_, seed) => {
      random = createRandom(seed);
    },
    act: ({ grid }) => ({ action: chooseAction(grid, random) }),
  };
}

function chooseAction(grid: Grid, random: Random): Action {
  if (random.below(STEPS_PER_SUBMISSION) === 0) return { operation: OPERATION.submit };
  const operation = random.below(OPERATION.submit);
  if (operation === OPERATION.copyInput) return { operation };
  if (operation === OPERATION.resize)
    return { operation, selection: { kind: "point", point: chooseCorner(grid, random) } };
  return { operation, selection: chooseSelection(grid, random) };
}

/** Within two cells of the corner that the grid has now. */
function chooseCorner({ shape }: Grid, random: Random): [number, number] {
  const side = (length: number): number =>
    Math.max(0, Math.min(ARC_MAX_SIDE - 1, length - 1 + random.below(5) - 2));
  return [side(shape[0]), side(shape[1])];
}

function chooseSelection({ shape: [rows, columns], data }: Grid, random: Random): Selection {
  const cell = (): [number, number] => [random.below(rows), random.below(columns)];
  switch (random.below(3)) {
    case 0:
      return { kind: "point", point: cell() };
    case 1:
      return { kind: "bbox", bbox: [...cell(), ...cell()] };
    default: {
      const color = data[random.below(data.length)];
      return { kind: "mask", mask: data.map((other) => (other === color ? 1 : 0)) };
    }
  }
}
