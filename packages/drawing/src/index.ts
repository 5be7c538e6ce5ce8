export { type GridDifference, gridDifference } from "./grid/grid-difference.js";
export type { StepProgress } from "./parts/step-progress.js";
export { comparisonPicture } from "./picture/comparison-picture.js";
export { drawView, PICTURE_KINDS } from "./picture/draw-view.js";
export { metricsPicture } from "./picture/metrics-picture.js";
export { runPicture } from "./picture/run-picture.js";
export {
  type StepPanelPicture,
  type StepPanelPictures,
  stepPanelPictures,
} from "./picture/step-panel-pictures.js";
export {
  commonStepRoom,
  type StepPictureOptions,
  type StepRoom,
  stepPicture,
} from "./picture/step-picture.js";
export { summaryPicture } from "./picture/summary-picture.js";
export { taskPicture } from "./picture/task-picture.js";
export { thumbnailPicture } from "./picture/thumbnail-picture.js";
export {
  type ClosestPair,
  closestPair,
  colorDistance,
  labOf,
  VISIONS,
  type Vision,
} from "./scene/color-vision.js";
export { RASTER_SCALE } from "./scene/detail.js";
export { type FittedSize, fitSize } from "./scene/fit-size.js";
export { contrastRatio, createPalette, type Palette } from "./scene/palette.js";
export { datasetOf, inRecordedColors, recordedScheme } from "./scene/recorded-scheme.js";
export {
  type AreaItem,
  type ArrowItem,
  type DotsItem,
  digitBaseline,
  type GridFrame,
  type GridItem,
  type MarksItem,
  PALETTE_SIZE,
  type Paint,
  type PolylineItem,
  type RectItem,
  ROLE,
  type Scene,
  type SceneItem,
  type SegmentsItem,
  type SelectionItem,
  type TextItem,
} from "./scene/scene.js";
export { cleanText, runsRightToLeft } from "./text/clean-text.js";
export { operationColor, outcomeText, reasonText } from "./text/episode-words.js";
export {
  formatNumber,
  formatPercent,
  formatPoints,
  formatShort,
  formatSigned,
} from "./text/format-number.js";
export { columnsOf, FONT, fitText, textColumns, textWidth } from "./text/text-metrics.js";
