import { commonStepRoom, RASTER_SCALE, stepPicture } from "@episcope/drawing";
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
  /** Milliseconds that each step is shown, 20..65535. Default: 500. */
  readonly delay?: number;
  /** Default: the defaults of `conf/visualization`; `image_quality` gives the scale. */
  readonly settings?: PictureSettings;
  /** Draws the frames; given by programs that draw many animations. */
  readonly raster?: PictureRaster;
}

/**
 * The steps of an episode as one animated picture, repeated for ever. All frames have one
 * layout, with room for the largest grids, so that nothing but the step changes. `views` is gone through twice, and one frame is held at a time (APNG: its changes).
 * @throws EpiscopeError `ANIMATION_EMPTY`, `ANIMATION_OPTION_INVALID`, `PICTURE_TOO_LARGE`
 */
export function animateEpisode(views: Iterable<StepView>, options: AnimationOptions): Uint8Array {
  const { format, delay = 500, settings = DEFAULT_PICTURE_SETTINGS, raster = new PictureRaster() } = options;
  if (format !== "gif" && format !== "apng") throw animationOptionInvalid("format", format, ["gif", "apng"]);
  if (!(delay >= 20 && delay <= 65535))
    throw animationOptionInvalid("delay", delay, ["20..65535 milliseconds"]);
  const scale = RASTER_SCALE[settings.image_quality];
  const room = commonStepRoom(views, settings);
  const [first] = views;
  if (room === undefined || first === undefined) throw animationIsEmpty();
  const scene = stepPicture(first, settings, room);
  const [width, height] = [scene.width, scene.height].map((side) => Math.floor(side * scale + 0.5)) as [
    number,
    number,
  ];
  checkPixels(width, height);
  const frames = function* (): Iterable<Frame> {
    for (const view of views)
      yield drawFrame(raster, stepPicture(view, settings, room), scale, width, height);
  };
  return format === "gif" ? writeGif(frames(), delay) : writeApng(frames(), delay);
}
