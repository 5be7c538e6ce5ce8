import {
  comparisonPicture,
  metricsPicture,
  runPicture,
  type Scene,
  stepPicture,
  summaryPicture,
  taskPicture,
} from "@episcope/drawing";
import type { PictureSettings, View, ViewKind } from "@episcope/records";

/** The kinds of view that have a picture; a whole episode is a page, not a picture. */
export const PICTURE_KINDS: readonly ViewKind[] = ["step", "summary", "task", "comparison", "run", "metrics"];

/** The scene of a view, or null for a kind that has none. */
export function drawView(view: View, settings: PictureSettings): Scene | null {
  switch (view.kind) {
    case "step":
      return stepPicture(view, settings);
    case "summary":
      return summaryPicture(view, settings);
    case "task":
      return taskPicture(view, settings);
    case "comparison":
      return comparisonPicture(view, settings);
    case "run":
      return runPicture(view, settings);
    case "metrics":
      return metricsPicture(view, settings);
    case "episode":
      return null;
  }
}
