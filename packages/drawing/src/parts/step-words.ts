import type { Selection, StepView } from "@episcope/records";
import type { GridDifference } from "../grid/grid-difference.js";
import { cleanText } from "../text/clean-text.js";

/** Why an operation failed, in the words of the environment, clean; "" where it did not fail. */
export function failureText({ info: { error } }: StepView): string {
  return typeof error === "string" ? cleanText(error) : "";
}

/** "14 changed, 2 added". */
export function changeText({ changedCells, addedCells, removedCells }: GridDifference): string {
  const parts = [
    ...(changedCells > 0 ? [`${changedCells} changed`] : []),
    ...(addedCells > 0 ? [`${addedCells} added`] : []),
    ...(removedCells > 0 ? [`${removedCells} removed`] : []),
  ];
  return parts.length === 0 ? "nothing changed" : parts.join(", ");
}

/** "4 selected, from (1, 1) to (2, 2)": rows and columns as the producer sent them. */
export function selectionText(selection: Selection | undefined, cells: Uint8Array | null): string {
  if (selection === undefined || cells === null) return "no selection";
  const count = `${cells.reduce((sum, cell) => sum + cell, 0)} selected`;
  if (selection.kind === "point") return `${count}, at (${selection.point.join(", ")})`;
  if (selection.kind === "mask") return count;
  const [top, left, bottom, right] = selection.bbox;
  return `${count}, (${top}, ${left}) to (${bottom}, ${right})`;
}
