import type { Grid } from "@episcope/records";
import { OPERATION } from "../environment/operations.js";
import { on } from "./actions.js";
import { at, build } from "./raster.js";
import type { Transformation, TransformationFamily } from "./transformation.js";

const rotateClockwise = (g: Grid): Grid =>
  build(g.shape[1], g.shape[0], (r, c) => at(g, g.shape[0] - 1 - c, r));
const rotateCounterclockwise = (g: Grid): Grid =>
  build(g.shape[1], g.shape[0], (r, c) => at(g, c, g.shape[1] - 1 - r));
const flipHorizontal = (g: Grid): Grid =>
  build(g.shape[0], g.shape[1], (r, c) => at(g, r, g.shape[1] - 1 - c));
const flipVertical = (g: Grid): Grid => build(g.shape[0], g.shape[1], (r, c) => at(g, g.shape[0] - 1 - r, c));
const transpose = (g: Grid): Grid => build(g.shape[1], g.shape[0], (r, c) => at(g, c, r));

const geometric = (
  name: string,
  apply: (grid: Grid) => Grid,
  ...operations: readonly number[]
): Transformation => ({ name, apply, perform: () => operations.map((operation) => on(operation)) });

/** The eight symmetries of the rectangle, the identity first. */
export const SYMMETRIES: readonly Transformation[] = [
  geometric("leave it as it is", (grid) => grid),
  geometric("flip left to right", flipHorizontal, OPERATION.flipHorizontal),
  geometric("flip upside down", flipVertical, OPERATION.flipVertical),
  geometric(
    "rotate by a half turn",
    (grid) => flipVertical(flipHorizontal(grid)),
    OPERATION.rotateClockwise,
    OPERATION.rotateClockwise,
  ),
  geometric("rotate clockwise", rotateClockwise, OPERATION.rotateClockwise),
  geometric("rotate counterclockwise", rotateCounterclockwise, OPERATION.rotateCounterclockwise),
  geometric("transpose", transpose, OPERATION.rotateClockwise, OPERATION.flipHorizontal),
  geometric(
    "transpose about the other diagonal",
    (grid) => transpose(flipVertical(flipHorizontal(grid))),
    OPERATION.rotateClockwise,
    OPERATION.flipVertical,
  ),
];

export const geometry: TransformationFamily = { name: "geometry", infer: () => [...SYMMETRIES] };
