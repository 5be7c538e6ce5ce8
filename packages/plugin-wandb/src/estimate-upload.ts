import type { WandbConfig } from "./run/options.js";

// Measured on real ARC tasks and rounded: they tell one order of magnitude from the next.
const SVG_BYTES = 8_000;
const PNG_BYTES_PER_PIXEL = 1 / 48;
const ROW_BYTES = 300;
/** Steps a second of an environment that waits for nobody. */
const STEPS_PER_SECOND = 100;
const MAX_BYTES_PER_MINUTE = 50e6;

/** A warning that names the keys where the upload would exceed 50 MB a minute; null where it would not. */
export function uploadWarning(config: WandbConfig): string | null {
  const bytes = uploadBytesPerMinute(config);
  if (bytes <= MAX_BYTES_PER_MINUTE) return null;
  return (
    `logging.wandb.log_frequency=${config.log_frequency} with image_format=${config.image_format} and ` +
    `max_image_size=[${config.max_image_size.join(", ")}] uploads about ${Math.round(bytes / 1e6)} MB a minute ` +
    `at ${STEPS_PER_SECOND} steps a second: raise log_frequency, or lower max_image_size.`
  );
}

function uploadBytesPerMinute({ log_frequency, image_format, max_image_size }: WandbConfig): number {
  if (log_frequency < 1) return 0;
  const [width, height] = max_image_size;
  const png = image_format === "svg" ? 0 : width * height * PNG_BYTES_PER_PIXEL;
  const svg = image_format === "png" ? 0 : SVG_BYTES;
  return ((STEPS_PER_SECOND * 60) / log_frequency) * (png + svg + ROW_BYTES);
}
