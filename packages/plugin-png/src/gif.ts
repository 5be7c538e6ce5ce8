import { definePlugin, type PluginDefinition } from "@episcope/core";
import { type Scene, summaryPicture } from "@episcope/drawing";
import type { PictureSettings, StepView, SummaryView } from "@episcope/records";
import { animateEpisode } from "./animate/animate-episode.js";
import { drawFrame } from "./animate/frames.js";
import { writeGif } from "./animate/gif.js";
import { animationOptionInvalid } from "./picture/errors.js";
import { PictureRaster } from "./picture/picture-raster.js";
import { checkPixels } from "./picture/svg-raster.js";

/** Options of the renderer node. */
export interface GifOptions {
  /** Milliseconds that each step is shown. */
  readonly delay: number;
  /** Pixels; a sink may ask for less. */
  readonly width: number;
  /** Of a longer episode as many steps are shown, evenly spread. */
  readonly max_frames: number;
}

/** The smallest width that has room for a step. */
const MIN_WIDTH = 360;

/** An episode as an animated picture, for `output_formats` and for sinks that accept `picture/gif`. */
const gif: PluginDefinition<"renderer", GifOptions> = definePlugin({
  kind: "renderer",
  name: "gif",
  options: {
    type: "object",
    additionalProperties: false,
    properties: {
      delay: { type: "integer", minimum: 20, maximum: 20_000, default: 500 },
      width: { type: "integer", minimum: MIN_WIDTH, maximum: 4096, default: 800 },
      max_frames: { type: "integer", minimum: 2, maximum: 2000, default: 200 },
    },
  },
  create({ delay, width, max_frames }, { picture: settings }) {
    const raster = new PictureRaster();
    return {
      mediaType: "image/gif",
      extension: "gif",
      kinds: ["episode"],
      render(view, size) {
        if (view.kind !== "episode") throw animationOptionInvalid("view", view.kind, ["episode"]);
        const count = view.summary.totals.steps;
        if (count === 0) return standingPicture(view.summary, settings, raster);
        const steps =
          count <= max_frames
            ? view.steps
            : { [Symbol.iterator]: () => spread(view.steps, count, max_frames) };
        const wanted = Math.max(MIN_WIDTH, Math.min(width, size?.width ?? width));
        return animateEpisode(steps, { format: "gif", delay, width: wanted, settings, raster });
      },
    };
  },
});

/** `some` of `count` views, the first and the last among them. */
function* spread(views: Iterable<StepView>, count: number, some: number): Generator<StepView> {
  let given = 0;
  let index = 0;
  for (const view of views) {
    if (index === Math.floor((given * (count - 1)) / (some - 1))) {
      given += 1;
      yield view;
    }
    index += 1;
  }
}

/** Nothing moves in an episode without steps. */
function standingPicture(view: SummaryView, settings: PictureSettings, raster: PictureRaster): Uint8Array {
  const scene: Scene = summaryPicture(view, settings);
  const [width, height] = [Math.ceil(scene.width), Math.ceil(scene.height)];
  checkPixels(width, height);
  return writeGif([{ ...drawFrame(raster, scene, 1, width, height), delayMs: 1000 }]);
}

export default gif;
