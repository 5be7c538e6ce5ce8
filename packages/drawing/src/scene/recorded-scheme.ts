import type { ColorScheme, PictureSettings, View } from "@episcope/records";

/**
 * The scheme that a recording is drawn in: where `default` is asked for, that of its data set. ARC-AGI-3 gives its
 * sixteen values other colours, and ARC-AGI-2 came with those of arcprize.org; of all others the classic colours stay.
 */
export function recordedScheme(scheme: ColorScheme, dataset: string | undefined): ColorScheme {
  if (scheme !== "default" || dataset === undefined) return scheme;
  const generation = /^arc[-_ ]?(?:agi|prize)?[-_ ]?([23])(?![0-9])/i.exec(dataset)?.[1];
  if (generation === undefined) return scheme;
  return generation === "3" ? "arc3" : "arcprize";
}

/** The settings for a picture of a view: `color_scheme` is that of its recording where it is `default`. */
export function inRecordedColors(settings: PictureSettings, view: View): PictureSettings {
  const color_scheme = recordedScheme(settings.color_scheme, datasetOf(view));
  return color_scheme === settings.color_scheme ? settings : { ...settings, color_scheme };
}

/** What the view's recording says its task comes from; of a run, where all episodes say the same. */
export function datasetOf(view: View): string | undefined {
  switch (view.kind) {
    case "step":
    case "summary":
      return view.episode.dataset;
    case "episode":
      return view.summary.episode.dataset;
    case "task":
      return view.dataset;
    case "run": {
      const first = view.episodes[0]?.dataset;
      return view.episodes.every(({ dataset }) => dataset === first) ? first : undefined;
    }
    default:
      return undefined;
  }
}
