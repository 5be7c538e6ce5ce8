export { cleanText, runsRightToLeft } from "./clean-text.js";
export { type ClosestPair, closestPair, colorDistance, labOf, VISIONS, type Vision } from "./color-vision.js";
export { comparisonPicture } from "./comparison-picture.js";
export { RASTER_SCALE } from "./detail.js";
export { drawView, PICTURE_KINDS } from "./draw-view.js";
export { operationColor, outcomeText, reasonText } from "./episode-words.js";
export { formatNumber, formatPercent, formatPoints, formatShort, formatSigned } from "./format-number.js";
export { type GridDifference, gridDifference } from "./grid-difference.js";
export { metricsPicture } from "./metrics-picture.js";
export { contrastRatio, createPalette, type Palette } from "./palette.js";
export { runPicture } from "./run-picture.js";
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
} from "./scene.js";
export { stepPicture } from "./step-picture.js";
export { summaryPicture } from "./summary-picture.js";
export { taskPicture } from "./task-picture.js";
export { columnsOf, FONT, fitText, textColumns, textWidth } from "./text-metrics.js";
