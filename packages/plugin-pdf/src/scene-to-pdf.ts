import { createRequire } from "node:module";
import {
  type AreaItem,
  cleanText,
  FONT,
  type PolylineItem,
  type Scene,
  type SceneItem,
  type SegmentsItem,
  type TextItem,
} from "@episcope/drawing";
import PDFDocument from "pdfkit";
import { drawGrid } from "./draw-grid.js";
import { drawMarks, drawSelection } from "./draw-marks.js";
import { colorOf, type Pen } from "./pen.js";

/** A page that is no figure has the 96 pixels an inch of a screen. */
const SCREEN_POINTS = 72 / 96;
const POINTS_PER_MM = 72 / 25.4;

const FACES = { 400: "RobotoMono-Regular", 700: "RobotoMono-Bold" } as const;

/**
 * A scene as a PDF document of one page: lines and areas, no pixels, and of the bundled font the letters that occur. Same scene, same
 * bytes: its date is always 1970. The scene's description is the alternative text of its one figure.
 */
export function sceneToPdf(scene: Scene): Uint8Array {
  const { millimetres, width, height, palette, ink } = scene;
  const scale = millimetres === undefined ? SCREEN_POINTS : millimetres * POINTS_PER_MM;
  const document = new PDFDocument({
    size: [width * scale, height * scale],
    margin: 0,
    pdfVersion: "1.7",
    lang: "en",
    tagged: true,
    displayTitle: true,
    info: { Title: cleanText(scene.title), Producer: "episcope", Creator: "episcope", CreationDate: EPOCH },
  });
  const resolve = createRequire(import.meta.url).resolve;
  for (const face of Object.values(FACES))
    document.registerFont(face, resolve(`@episcope/drawing/fonts/${face}.ttf`));
  const figure = document.struct("Figure", { alt: cleanText(scene.description || scene.title) }, () => {
    document.scale(scale);
    const pen: Pen = { document, colors: palette, ink };
    for (const item of scene.items) drawItem(pen, item);
  });
  document.addStructure(figure);
  document.end();
  // Nothing is compressed or read behind our back: with its end the whole document is there.
  return new Uint8Array(document.read() as Buffer);
}

/** PDFKit wants some time to be there; no picture holds the real one. */
const EPOCH = new Date(0);

function drawItem(pen: Pen, item: SceneItem): void {
  const { document } = pen;
  switch (item.kind) {
    case "rect": {
      const { x, y, width, height, fill, frame } = item;
      document.rect(x, y, width, height).fill(colorOf(pen, fill));
      if (frame !== undefined)
        document
          .lineWidth(1)
          .rect(x + 0.5, y + 0.5, width - 1, height - 1)
          .stroke(colorOf(pen, frame));
      break;
    }
    case "segments":
      drawSegments(pen, item);
      break;
    case "grid":
      drawGrid(pen, item);
      break;
    case "selection":
      drawSelection(pen, item);
      break;
    case "marks":
      drawMarks(pen, item);
      break;
    case "text":
      drawText(pen, item);
      break;
    case "arrow": {
      const { x, y, size, fill } = item;
      document.polygon([x, y], [x + size, y + size - 0.5], [x, y + 2 * size - 1]).fill(colorOf(pen, fill));
      break;
    }
    case "polyline":
      drawPolyline(pen, item);
      break;
    case "area":
      drawArea(pen, item);
      break;
    case "dots":
      for (let at = 0; at + 1 < item.points.length; at += 2) {
        const [x, y] = [item.points[at] as number, item.points[at + 1] as number];
        document.circle(x, y, item.radius).fill(colorOf(pen, item.fill));
        if (item.ring !== undefined)
          document.lineWidth(1).circle(x, y, item.radius).stroke(colorOf(pen, item.ring));
      }
      break;
  }
}

function drawSegments(pen: Pen, { lines, weight, stroke, dash }: SegmentsItem): void {
  const { document } = pen;
  const middle = weight / 2;
  withDash(document, dash, () => {
    for (let at = 0; at + 3 < lines.length; at += 4) {
      const [x, y, length, vertical] = lines.slice(at, at + 4) as [number, number, number, number];
      if (vertical === 1) document.moveTo(x + middle, y).lineTo(x + middle, y + length);
      else document.moveTo(x, y + middle).lineTo(x + length, y + middle);
    }
    document.lineWidth(weight).stroke(colorOf(pen, stroke));
  });
}

function drawText(pen: Pen, { x, y, size, weight, anchor, fill, text }: TextItem): void {
  const { document } = pen;
  document.font(FACES[weight]).fontSize(size).fillColor(colorOf(pen, fill));
  const width = document.widthOfString(text);
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  document.text(text, left, y - size * FONT.ascent, { lineBreak: false });
}

function drawPolyline(pen: Pen, { points, weight, stroke, dash }: PolylineItem): void {
  const { document } = pen;
  withDash(document, dash, () => {
    let begun = false;
    for (let at = 0; at + 1 < points.length; at += 2) {
      const [x, y] = [points[at] as number, points[at + 1] as number];
      if (Number.isNaN(x)) begun = false;
      else if (begun) document.lineTo(x, y);
      else {
        document.moveTo(x, y);
        begun = true;
      }
    }
    document.lineWidth(weight).lineJoin("round").stroke(colorOf(pen, stroke)).lineJoin("miter");
  });
}

function drawArea(pen: Pen, { points, fill }: AreaItem): void {
  const corners: [number, number][] = [];
  for (let at = 0; at + 1 < points.length; at += 2)
    corners.push([points[at] as number, points[at + 1] as number]);
  if (corners.length > 0) pen.document.polygon(...corners).fill(colorOf(pen, fill));
}

function withDash(
  document: PDFKit.PDFDocument,
  dash: readonly [on: number, off: number] | undefined,
  draw: () => void,
): void {
  if (dash !== undefined) document.dash(dash[0], { space: dash[1] });
  draw();
  if (dash !== undefined) document.undash();
}
