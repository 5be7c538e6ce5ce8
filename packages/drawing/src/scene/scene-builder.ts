import type { PictureSettings } from "@episcope/records";
import { TEXT_SIZE } from "../text/text-size.js";
import { type Page, pageOf } from "./page.js";
import { createPalette, type Palette } from "./palette.js";
import { type Paint, ROLE, type Scene, type SceneItem, type TextItem } from "./scene.js";

interface TextStyle {
  readonly size?: number;
  readonly weight?: 400 | 700;
  readonly anchor?: TextItem["anchor"];
  readonly fill?: Paint;
}

/** Collects the items of a picture. Positions are rounded, so layouts may compute with fractions. */
export class SceneBuilder {
  readonly palette: Palette;
  readonly page: Page;
  readonly items: SceneItem[] = [];

  constructor(palette: Palette, page: Page) {
    this.palette = palette;
    this.page = page;
  }

  static for(settings: PictureSettings, page: Page = pageOf(settings)): SceneBuilder {
    return new SceneBuilder(createPalette(settings.color_scheme, settings.theme), page);
  }

  add(item: SceneItem): void {
    this.items.push(item);
  }

  rect(x: number, y: number, width: number, height: number, fill: Paint, frame?: Paint): void {
    const item = {
      kind: "rect",
      x: Math.round(x),
      y: Math.round(y),
      width: Math.round(width),
      height: Math.round(height),
      fill,
    } as const;
    if (item.width > 0 && item.height > 0) this.add(frame === undefined ? item : { ...item, frame });
  }

  /** The text must be clean already (`cleanText`). An empty text adds nothing. */
  text(x: number, y: number, text: string, style: TextStyle = {}): void {
    if (text === "") return;
    const { size = TEXT_SIZE.body, weight = 400, anchor = "start", fill = ROLE.text } = style;
    this.add({ kind: "text", x: Math.round(x), y: Math.round(y), size, weight, anchor, fill, text });
  }

  /** The ground of a card; it gets a frame in schemes where it would not show against the page. */
  card(x: number, y: number, width: number, height: number): void {
    const { colors } = this.palette;
    const framed = colors[ROLE.panel] === colors[ROLE.page];
    this.rect(x, y, width, height, ROLE.panel, framed ? ROLE.border : undefined);
  }

  /** A swatch: a square of a cell's colour with a thin frame. */
  swatch(x: number, y: number, side: number, value: number): void {
    this.rect(x, y, side, side, value, ROLE.border);
  }

  finish(width: number, height: number, title: string, description: string): Scene {
    const { colors, ink } = this.palette;
    const ground = { kind: "rect", x: 0, y: 0, width: Math.ceil(width), height: Math.ceil(height) } as const;
    return {
      width: Math.ceil(width),
      height: Math.ceil(height),
      ...(this.page.millimetres === null ? {} : { millimetres: this.page.millimetres }),
      title,
      description,
      palette: colors,
      ink,
      // A figure stands on the paper.
      items: this.page.layout === "figure" ? this.items : [{ ...ground, fill: ROLE.page }, ...this.items],
    };
  }
}
