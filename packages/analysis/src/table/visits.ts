import type { StepTable } from "./step-table.js";

/** For each step: how many times the grid after it has been there in its episode so far, the beginning included. */
export function visitsOf({ episodes, state, rows }: StepTable): Uint32Array {
  const visits = new Uint32Array(rows);
  for (const { first, steps } of episodes) {
    const seen = new Map<number, number>([[0, 1]]);
    for (let row = first; row < first + steps; row++) {
      const count = (seen.get(state[row]!) ?? 0) + 1;
      seen.set(state[row]!, count);
      visits[row] = count;
    }
  }
  return visits;
}
