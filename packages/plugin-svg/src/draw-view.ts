import type { PictureSettings, View, ViewKind } from "@episcope/core/records";
import { type Scene, stepPicture } from "@episcope/drawing";

/** The kinds of view that have a picture; a whole episode is a page, not a picture. */
export const PICTURE_KINDS: readonly ViewKind[] = ["step"];

/** The scene of a view, or null for a kind that has none. */
export function drawView(view: View, settings: PictureSettings): Scene | null {
  switch (view.kind) {
    case "step":
      return stepPicture(view, settings);
    default:
      return null;
  }
}
