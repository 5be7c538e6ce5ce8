import type { PictureSettings } from "@episcope/records";

/** Pixels of a raster for one scene pixel that a picture of a given size may have, largest first. */
const SCALES = [2, 1.5] as const;
/** A picture is drawn at a larger scale where it then still has the size of a panel or a phone. */
const PANEL = { width: 360, height: 270 } as const;

export interface FittedSize {
  readonly settings: PictureSettings;
  /** Pixels for each of the scene's. */
  readonly scale: number;
}

/**
 * How a picture is drawn for a size in pixels: compact, and laid out for it, so that nothing is scaled afterwards. A raster of 800 x
 * 600 is laid out on 400 x 300 at a scale of 2: panels show pictures that small. `sharp`: vectors need no more than one pixel for one.
 */
export function fitSize(
  settings: PictureSettings,
  size: { readonly width: number; readonly height: number },
  sharp: boolean,
): FittedSize {
  const isPanel = (scale: number): boolean =>
    size.width / scale >= PANEL.width && size.height / scale >= PANEL.height;
  const scale = sharp ? 1 : (SCALES.find(isPanel) ?? 1);
  const [width, height] = [Math.floor(size.width / scale), Math.floor(size.height / scale)];
  return { settings: { ...settings, layout: "compact", width, height }, scale };
}
