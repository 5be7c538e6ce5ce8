import type { StepInput } from "@episcope/core";
import type { Grid, Selection, StepRecord } from "@episcope/records";

/** A stream of steps in which every step is a function of its number, so that what is read back can be checked. */
export interface StepStream {
  readonly initial: Grid;
  readonly target: Grid;
  step(number: number): StepInput;
  /** True if the record is exactly the step that its number says. */
  matches(record: StepRecord): boolean;
}

/** Grids of `side` x `side`; one cell changes from step to step. */
export function stepStream(side: number): StepStream {
  const cells = side * side;
  const shape = [side, side] as const;
  const color = (step: number, cell: number): number =>
    (cell * 31 + Math.floor((step + 1 + cell) / cells) * 7) % 10;
  const gridAfter = (step: number): Grid => {
    const data = new Uint8Array(cells);
    for (let cell = 0; cell < cells; cell++) data[cell] = color(step, cell);
    return { shape, data };
  };
  // The usual form goes another way through the recorder than the rest.
  const selectionOf = (number: number): Selection =>
    number % 3 === 0
      ? { kind: "point", point: [number % side, (number * 7) % side] }
      : {
          kind: "mask",
          mask: Uint8Array.from({ length: cells }, (_, cell) => Number(cell % 7 === number % 7)),
        };
  const inputOf = (number: number): StepInput => ({
    action: { operation: number % 35, selection: selectionOf(number) },
    after: gridAfter(number),
    reward: ((number * 37) % 101) / 64 - 0.5,
    info: { similarity: (number % 128) / 128, metrics: { number } },
  });
  return {
    initial: gridAfter(-1),
    target: { shape, data: new Uint8Array(cells).fill(3) },
    step: inputOf,
    matches(record) {
      const { step, action, after, reward, info } = record;
      if (reward !== ((step * 37) % 101) / 64 - 0.5) return false;
      if (action.operation !== step % 35 || info.metrics?.["number"] !== step) return false;
      if (after.shape[0] !== side || after.shape[1] !== side) return false;
      for (let cell = 0; cell < cells; cell++) if (after.data[cell] !== color(step, cell)) return false;
      const { selection } = action;
      if (selection?.kind !== "mask") return step % 3 === 0 && selection?.kind === "point";
      return selection.mask.every((selected, cell) => selected === Number(cell % 7 === step % 7));
    },
  };
}
