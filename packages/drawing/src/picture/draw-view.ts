import type { PictureSettings, View, ViewKind } from "@episcope/records";
import type { Scene } from "../scene/scene.js";
import { comparisonPicture } from "./comparison-picture.js";
import { noPictureOfView } from "./errors.js";
import { metricsPicture } from "./metrics-picture.js";
import { runPicture } from "./run-picture.js";
import { stepPicture } from "./step-picture.js";
import { summaryPicture } from "./summary-picture.js";
import { taskPicture } from "./task-picture.js";

/** The kinds of view that have a picture; a whole episode is a page, not a picture. */
export const PICTURE_KINDS: readonly ViewKind[] = ["step", "summary", "task", "comparison", "run", "metrics"];

/**
 * The scene of a view.
 *
 * @throws EpiscopeError `PICTURE_KIND_UNKNOWN` for a kind that is not in `PICTURE_KINDS`.
 */
export function drawView(view: View, settings: PictureSettings): Scene {
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
    default:
      throw noPictureOfView(view.kind, PICTURE_KINDS);
  }
}
