import { drawingPlan } from "./trigger.js";
import type { EpiscopeConfig, PluginNode, VisualizationConfig } from "./types.js";

// What follows was measured on real ARC tasks and rounded; it serves to tell one order of magnitude from the next.

/** Of a step's picture. */
const SVG_BYTES = 8_000;
const PNG_BYTES: { readonly [quality in VisualizationConfig["image_quality"]]: number } = {
  low: 10_000,
  medium: 18_000,
  high: 30_000,
};
/** Of any other renderer, and of each drawn step in a page of the episode. */
const OTHER_BYTES = 8_000;
const STATE_DUMP_BYTES = 1_000;
/** Journal and export, per step. */
const LOG_BYTES = 100;

/** Steps of an episode: where ARC environments cut it off. */
export const EPISODE_STEPS = 100;
const KEY_STEPS = 10;

/** Bytes that one episode of `EPISODE_STEPS` takes on the disk at what the config draws and keeps. */
export function episodeBytes({ visualization }: EpiscopeConfig): number {
  const plan = drawingPlan(visualization);
  const drawn = { none: 0, key: KEY_STEPS, all: EPISODE_STEPS }[plan.steps] + Number(plan.summary);
  const picture = visualization.output_formats.reduce((sum, name) => {
    const node = visualization.renderers[name];
    return sum + (node === undefined ? 0 : pictureBytes(node, visualization));
  }, 0);
  const step = LOG_BYTES + (plan.stateDumps ? STATE_DUMP_BYTES : 0);
  return EPISODE_STEPS * step + drawn * picture;
}

function pictureBytes(node: PluginNode, { image_quality }: VisualizationConfig): number {
  if (node._target_ === "svg") return SVG_BYTES;
  return node._target_ === "png" ? PNG_BYTES[image_quality] : OTHER_BYTES;
}
