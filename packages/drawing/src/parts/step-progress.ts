import { ROLE } from "../scene/scene.js";
import type { SceneBuilder } from "../scene/scene-builder.js";

/** The steps of an episode on a line. */
export interface StepProgress {
  /** Place of this step, from 0, of `count` steps. */
  readonly place: number;
  readonly count: number;
  /** Places of the key steps. */
  readonly keys: readonly number[];
}

const HEIGHT = 24;

/** A line that fills as the episode goes on, with a tick at each key step. Returns the height. */
export function drawProgress(
  builder: SceneBuilder,
  { place, count, keys }: StepProgress,
  x: number,
  y: number,
  width: number,
): number {
  const at = (step: number): number => (count > 1 ? Math.round((step / (count - 1)) * (width - 2)) : 0);
  builder.rect(x, y + 8, width, 6, ROLE.tick);
  builder.rect(x, y + 8, count > 1 ? Math.max(2, at(place) + 2) : width, 6, ROLE.reward);
  const lines = keys.flatMap((step) => [x + at(step), y + 4, 14, 1]);
  if (lines.length > 0) builder.add({ kind: "segments", lines, weight: 2, stroke: ROLE.accent });
  return HEIGHT;
}
