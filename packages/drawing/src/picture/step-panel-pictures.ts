import type { PictureSettings, StepView } from "@episcope/records";
import {
  COORDINATE_GUTTER,
  cellSize,
  drawCoordinates,
  drawGrid,
  gridSide,
  sizeLabel,
} from "../grid/grid-panel.js";
import { drawStepMarks, stepGrids } from "../parts/step-panels.js";
import { wrongCellsText } from "../parts/wrong-cells.js";
import { detailOf } from "../scene/detail.js";
import { pageOfWidth } from "../scene/page.js";
import { inRecordedColors } from "../scene/recorded-scheme.js";
import type { Scene } from "../scene/scene.js";
import { SceneBuilder } from "../scene/scene-builder.js";
import { describeStep } from "./step-picture.js";

/** Around a grid: marks stand out so far. */
const EDGE = 6;
const LARGEST_CELL = 40;

/** One grid of a step with its marks, and what is said of it, for pages whose texts are their own. */
export interface StepPanelPicture {
  readonly name: "Before" | "After" | "Target";
  /** "3×5", rows by columns. */
  readonly size: string;
  readonly caption: string;
  readonly scene: Scene;
}

export interface StepPanelPictures {
  readonly panels: readonly StepPanelPicture[];
  /** Up to eight cells that are not as in the target; "" for none or more. */
  readonly wrong: string;
  /** The step in sentences. */
  readonly description: string;
}

/** The grids of a step as pictures of their own, at one cell scale, each within `side` pixels where cells of 2 allow it. */
export function stepPanelPictures(view: StepView, given: PictureSettings, side: number): StepPanelPictures {
  const settings = inRecordedColors(given, view);
  const grids = stepGrids(view, settings);
  const detail = detailOf(settings.image_quality);
  const rows = Math.max(...grids.panels.map(({ room }) => room[0]));
  const columns = Math.max(...grids.panels.map(({ room }) => room[1]));
  const gutter = settings.show_coordinates ? COORDINATE_GUTTER : { left: 0, top: 0 };
  const cell = cellSize([rows, columns], side - gutter.left, side - gutter.top, LARGEST_CELL);
  const panels = grids.panels.map((panel): StepPanelPicture => {
    const builder = SceneBuilder.for(settings, { ...pageOfWidth("figure", side), millimetres: null });
    const place = { x: EDGE + gutter.left, y: EDGE + gutter.top, cell };
    const frame = drawGrid(builder, panel.grid, place, panel.name.toLowerCase(), detail);
    if (gutter.left > 0) drawCoordinates(builder, frame, grids.offset);
    drawStepMarks(builder, grids, [panel], [frame], settings, detail);
    const width = place.x + gridSide(panel.room[1], cell) + EDGE;
    const height = place.y + gridSide(panel.room[0], cell) + EDGE;
    const scene = builder.finish(width, height, `${panel.name}, step ${view.step}`, "");
    return { name: panel.name, size: sizeLabel(panel.grid.shape), caption: panel.caption, scene };
  });
  return { panels, wrong: wrongCellsText(grids.wrong, grids.offset), description: describeStep(view, grids) };
}
