import { EpiscopeError } from "@episcope/errors";

export function pictureTooLarge(width: number, height: number, limit: number): EpiscopeError {
  return new EpiscopeError(
    "PICTURE_TOO_LARGE",
    `A raster of ${width} x ${height} pixels is beyond the limit of ${limit} pixels.`,
    {
      hint: "Lower visualization.image_quality, or draw the picture as SVG.",
      fields: { key: "visualization.image_quality", width, height, limit },
    },
  );
}

export function animationIsEmpty(): EpiscopeError {
  return new EpiscopeError(
    "ANIMATION_EMPTY",
    "An animation needs at least one step, and the episode has none.",
    {
      hint: "Choose an episode with steps; `episcope list` shows their numbers.",
    },
  );
}

export function animationOptionInvalid(
  option: string,
  value: unknown,
  accepted: readonly string[],
): EpiscopeError {
  return new EpiscopeError(
    "ANIMATION_OPTION_INVALID",
    `Animation option '${option}' cannot be ${String(value)}.`,
    {
      hint: `Accepted: ${accepted.join(", ")}.`,
      fields: { option, options: accepted },
    },
  );
}
