import type { Scene } from "@episcope/drawing";
import { addArrow, addRect, addSegments } from "./flat-layers.js";
import { addGrid, addMarks, addSelection } from "./grid-layers.js";
import { IndexPalette } from "./index-palette.js";
import { LinePlan } from "./line-plan.js";
import { TextLayers } from "./text-layers.js";
import type { TextShapes } from "./text-shape.js";

/** A scene as lines of palette indices. */
interface SceneRaster {
  readonly width: number;
  readonly height: number;
  readonly plan: LinePlan;
  /** Complete only after the plan's lines were painted: mixtures are added on the way. */
  readonly palette: IndexPalette;
  /** True once painting has met more colours than a palette holds; the picture is then worthless. */
  overflowed(): boolean;
}

/**
 * Turns a scene into lines, or says null where it holds something that only the general path can draw: curves,
 * and characters beyond the atlas. The answer depends on the scene alone.
 */
export function rasterScene(scene: Scene, scale: number, shapes: TextShapes): SceneRaster | null {
  const px = (value: number) => Math.floor(value * scale + 0.5);
  for (const item of scene.items) {
    if (item.kind === "polyline" || item.kind === "area" || item.kind === "dots") return null;
    if (item.kind === "text" && !TextLayers.expressible(item.text)) return null;
  }
  const [width, height] = [px(scene.width), px(scene.height)];
  const palette = new IndexPalette(scene);
  const plan = new LinePlan(width, height);
  const text = new TextLayers(shapes, palette, scale);
  for (const item of scene.items) {
    switch (item.kind) {
      case "rect":
        addRect(plan, item, palette, px);
        break;
      case "segments":
        addSegments(plan, item, palette, px);
        break;
      case "grid":
        addGrid(plan, item, palette, px);
        text.addDigits(plan, item, scene);
        break;
      case "selection":
        addSelection(plan, item, palette, px, scale);
        break;
      case "marks":
        addMarks(plan, item, scene, palette, px);
        break;
      case "arrow":
        addArrow(plan, item, palette, px);
        break;
      case "text":
        text.addText(plan, item);
        break;
    }
  }
  text.finish(plan);
  return { width, height, plan, palette, overflowed: () => text.overflowed };
}
