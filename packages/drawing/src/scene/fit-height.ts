import type { Scene } from "./scene.js";

export interface DrawnHeight {
  readonly scene: Scene;
  /** Pixels of the grids in it, which can be smaller. */
  readonly grids: number;
}

/**
 * As much of a picture as fits into a height: `levels` go from everything to what it cannot do without. A level is taken
 * where its grids have at least `least` pixels; the last one always.
 */
export function fitHeight<Parts>(
  most: number,
  levels: readonly Parts[],
  least: number,
  draw: (parts: Parts, grids: number) => DrawnHeight,
): Scene {
  let drawn: DrawnHeight | undefined;
  for (const parts of levels) {
    const isLast = parts === levels.at(-1);
    drawn = draw(parts, most);
    if (drawn.scene.height <= most) break;
    let room = most - (drawn.scene.height - drawn.grids);
    if (room < least && !isLast) continue;
    drawn = draw(parts, Math.max(1, room));
    // With smaller grids something may have moved from beside them to below.
    room -= Math.max(0, drawn.scene.height - most);
    if (drawn.scene.height > most && room >= least) drawn = draw(parts, Math.max(1, room));
    if (drawn.scene.height <= most) break;
  }
  return (drawn as DrawnHeight).scene;
}
