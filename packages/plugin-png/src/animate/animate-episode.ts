import { commonStepRoom, type Scene, stepPicture } from "@episcope/drawing";
import { DEFAULT_PICTURE_SETTINGS, type PictureSettings, type StepView } from "@episcope/records";
import { animationIsEmpty, animationOptionInvalid } from "../picture/errors.js";
import { PictureRaster } from "../picture/picture-raster.js";
import { checkPixels } from "../picture/svg-raster.js";
import { writeApng } from "./apng.js";
import { drawFrame, type Frame } from "./frames.js";
import { writeGif } from "./gif.js";

export type AnimationFormat = "gif" | "apng";

export interface AnimationOptions {
  readonly format: AnimationFormat;
  /** Milliseconds that each step is shown, 20..20000; the last one three times as long. Default: 500. */
  readonly delay?: number;
  /** Pixels, 360..4096: the frames are laid out for this width, nothing is scaled. Default: 800. */
  readonly width?: number;
  /** `after_target`: without the grid before each step. Default: "all", in pictures narrower than 640 "after_target". */
  readonly panels?: "all" | "after_target";
  /** Default: the defaults of `conf/visualization`. */
  readonly settings?: PictureSettings;
  /** Draws the frames; given by programs that draw many animations. */
  readonly raster?: PictureRaster;
}

/** The last frame is held: one wants to see where it ended before it begins again. */
const HELD = 3;

/**
 * The steps of an episode as one animated picture, repeated for ever. All frames have one
 * layout, with room for the largest grids, so that nothing but the step changes; a line shows how far the episode is and
 * where its key steps are. `views` is gone through twice, and one frame is held at a time (APNG: its changes).
 * @throws EpiscopeError `ANIMATION_EMPTY`, `ANIMATION_OPTION_INVALID`, `PICTURE_TOO_LARGE`
 */
export function animateEpisode(views: Iterable<StepView>, options: AnimationOptions): Uint8Array {
  const { format, delay = 500, width: wanted = 800, panels } = options;
  const { settings = DEFAULT_PICTURE_SETTINGS, raster = new PictureRaster() } = options;
  if (format !== "gif" && format !== "apng") throw animationOptionInvalid("format", format, ["gif", "apng"]);
  if (!(delay >= 20 && delay <= 20_000))
    throw animationOptionInvalid("delay", delay, ["20..20000 milliseconds"]);
  if (!(Number.isInteger(wanted) && wanted >= 360 && wanted <= 4096))
    throw animationOptionInvalid("width", wanted, ["360..4096 pixels"]);
  const keys: number[] = [];
  let count = 0;
  const counted = function* (): Iterable<StepView> {
    for (const view of views) {
      if (view.reasons.length > 0) keys.push(count);
      count++;
      yield view;
    }
  };
  const shape = { width: wanted, ...(panels === undefined ? {} : { panels }) };
  const room = commonStepRoom(counted(), settings, shape);
  const [first] = views;
  if (room === undefined || first === undefined) throw animationIsEmpty();
  const sceneOf = (view: StepView, place: number): Scene =>
    stepPicture(view, settings, { ...shape, room, progress: { place, count, keys } });
  const { width, height } = sceneOf(first, 0);
  checkPixels(width, height);
  const frames = function* (): Iterable<Frame> {
    let place = 0;
    for (const view of views) {
      const delayMs = place === count - 1 ? HELD * delay : delay;
      yield { ...drawFrame(raster, sceneOf(view, place), 1, width, height), delayMs };
      place++;
    }
  };
  return format === "gif" ? writeGif(frames()) : writeApng(frames());
}
