import type { PictureSettings } from "@episcope/records";

/** Those keys of the `visualization` group that change what a picture looks like. */
export function pictureSettings(visualization: PictureSettings): PictureSettings {
  const {
    color_scheme,
    image_quality,
    show_coordinates,
    show_operation_names,
    highlight_changes,
    include_metrics,
  } = visualization;
  return {
    color_scheme,
    image_quality,
    show_coordinates,
    show_operation_names,
    highlight_changes,
    include_metrics,
  };
}
