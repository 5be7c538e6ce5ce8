import type { ImageQuality } from "@episcope/records";

/** What `image_quality` means in a scene; the raster scale that belongs to it is in `RASTER_SCALE`. */
export interface Detail {
  /** Lines between the cells; without them a grid has only its frame. */
  readonly gridLines: boolean;
  readonly hatch: boolean;
  /** The line that explains the marks. */
  readonly legend: boolean;
  /** Thumbnails of key steps, small multiples: how many at most. */
  readonly thumbnails: number;
  /** Points that a curve is thinned to. */
  readonly curvePoints: number;
}

const DETAILS: { readonly [quality in ImageQuality]: Detail } = {
  low: { gridLines: false, hatch: false, legend: false, thumbnails: 6, curvePoints: 200 },
  medium: { gridLines: true, hatch: true, legend: false, thumbnails: 12, curvePoints: 400 },
  high: { gridLines: true, hatch: true, legend: true, thumbnails: 18, curvePoints: 800 },
};

/** Pixels of a raster for one scene pixel, by `image_quality`. */
export const RASTER_SCALE: { readonly [quality in ImageQuality]: number } = { low: 1, medium: 1.5, high: 2 };

export function detailOf(quality: ImageQuality): Detail {
  return DETAILS[quality];
}
