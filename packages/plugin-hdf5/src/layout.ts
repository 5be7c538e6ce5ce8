/** Version of the layout that README.md describes; a reader refuses a larger one. */
export const LAYOUT_VERSION = 1;

/** Fills grids up to the episode's largest shape, and the masks of padding inside a grid. Never a colour. */
export const PADDING = 255;

/** Fills the places of `selection_raw` that the kind does not use. */
export const UNUSED: number = -(2 ** 31);

/** Values of `selection_kind`. */
export const SELECTION_KINDS = ["none", "mask", "point", "bbox"] as const;

/** Steps in a chunk of grids: one write compresses one chunk, and never opens it again. */
export const GRID_CHUNK_STEPS = 64;
/** Steps in a chunk of a column of numbers. */
export const NUMBER_CHUNK_STEPS = 1024;
/** Largest chunk of a column of texts, which are as wide as the longest. */
export const TEXT_CHUNK_BYTES: number = 1 << 20;

/** Metrics that get a column; what goes beyond stays in `info_json`. */
export const MAX_METRICS = 512;

/**
 * A metric's name as the name of a dataset: percent-encoded as in a URL, since "/" would make a group. "." and ".."
 * and the empty name are encoded too ("%2E", "%2E%2E", "%").
 */
export function metricDatasetName(metric: string): string {
  if (metric === "") return "%";
  if (/^\.+$/.test(metric)) return metric.replaceAll(".", "%2E");
  return encodeURIComponent(metric.replace(/\p{Surrogate}/gu, "\ufffd"));
}
