import type { Grid, PictureSettings } from "@episcope/records";
import { drawErrors } from "../grid/error-marks.js";
import { gridErrors } from "../grid/grid-difference.js";
import { cropGrids } from "../grid/grid-frame.js";
import { cellSize, drawGrid, gridSide } from "../grid/grid-panel.js";
import type { Scene } from "../scene/scene.js";
import { SceneBuilder } from "../scene/scene-builder.js";
import { cleanText } from "../text/clean-text.js";

/** Around the grid: a ring in the corner may stand out so far. */
const EDGE = 2;

/** A grid and nothing else, within `side` by `side` pixels (at least two a cell); where there is a target, with its wrong cells marked. */
export function thumbnailPicture(
  grid: Grid,
  target: Grid | null,
  title: string,
  side: number,
  settings: PictureSettings,
): Scene {
  const builder = SceneBuilder.for(settings);
  const { grids } = cropGrids(target ? [grid, target] : [grid]);
  const [shown, wanted] = grids as [Grid, Grid | undefined];
  const cell = cellSize(shown.shape, side - 1 - 2 * EDGE, side - 1 - 2 * EDGE, 24);
  const frame = drawGrid(builder, shown, { x: EDGE, y: EDGE, cell }, cleanText(title), {
    gridLines: cell >= 8,
  });
  const errors = wanted && settings.highlight_changes ? gridErrors(shown, wanted) : null;
  // Where the ring of a cell is larger than the cell, a few wrong cells are all that can be shown.
  if (errors && errors.wrongCells <= 8) drawErrors(builder, shown, frame, errors.wrong);
  const [rows, columns] = shown.shape;
  return builder.finish(
    gridSide(columns, cell) + 2 * EDGE,
    gridSide(rows, cell) + 2 * EDGE,
    cleanText(title),
    "",
  );
}
