import type { Action, Grid } from "@episcope/records";
import type { Random } from "../environment/random.js";
import { fillCells } from "../search/actions.js";
import { findComponents } from "../search/components.js";

/** Edits without gain, one after another, after which the agent gives up. */
const PATIENCE = 12;

/** Hill climbing over single shapes: recolour one, look at the similarity, take it back if it got worse. */
export interface Repair {
  /** The next edit; null when there is nothing left that is worth trying. */
  edit(grid: Grid, similarity: number): Action | null;
}

export function createRepair(palette: readonly number[], random: Random): Repair {
  const tried = new Set<string>();
  let pending: { readonly undo: Action; readonly similarity: number } | null = null;
  let failures = 0;
  return {
    edit(grid, similarity) {
      if (pending !== null) {
        const { undo, similarity: before } = pending;
        pending = null;
        if (similarity <= before) {
          failures += 1;
          return undo;
        }
        failures = 0;
      }
      if (failures >= PATIENCE) return null;
      const edit = proposeEdit(grid, palette, tried, random);
      if (edit === null) return null;
      pending = { undo: edit.undo, similarity };
      return edit.action;
    },
  };
}

function proposeEdit(
  grid: Grid,
  palette: readonly number[],
  tried: Set<string>,
  random: Random,
): { action: Action; undo: Action } | null {
  const [rows, columns] = grid.shape;
  const choices = findComponents(grid, { diagonal: false, mixed: false, background: null }).flatMap(
    (component) =>
      palette
        .filter((color) => color !== component.color)
        .map((color) => ({ component, color, key: `${color} ${component.color} ${component.cells.join()}` }))
        .filter(({ key }) => !tried.has(key)),
  );
  if (choices.length === 0) return null;
  const { component, color, key } = choices[random.below(choices.length)]!;
  tried.add(key);
  return {
    action: fillCells(color, component.cells, rows, columns),
    undo: fillCells(component.color, component.cells, rows, columns),
  };
}
