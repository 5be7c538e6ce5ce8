import { expect } from "vitest";
import { FONT, type Scene, type TextItem, textWidth } from "../src/index.js";

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly text: string;
}

function boxOf({ x, y, size, anchor, text }: TextItem): Box {
  const width = textWidth(text, size);
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return { left, right: left + width, top: y - size * FONT.capHeight, bottom: y + size * 0.1, text };
}

export function textsOf(scene: Scene): string[] {
  return scene.items.flatMap((item) => (item.kind === "text" ? [item.text] : []));
}

/** What holds for every picture: nothing leaves it, no two texts touch, everything is on whole pixels. */
export function expectSound(scene: Scene): void {
  const boxes = scene.items.flatMap((item) => (item.kind === "text" ? [boxOf(item)] : []));
  const outside = boxes.filter(
    (box) => box.left < 0 || box.top < 0 || box.right > scene.width || box.bottom > scene.height,
  );
  expect(outside, "texts that leave the picture").toEqual([]);
  const touching: string[] = [];
  for (const [index, a] of boxes.entries()) {
    for (const b of boxes.slice(index + 1)) {
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) {
        touching.push(`"${a.text}" and "${b.text}"`);
      }
    }
  }
  expect(touching, "texts that overlap").toEqual([]);
  for (const item of scene.items) {
    if (item.kind === "text") expect(item.size, item.text).toBeGreaterThanOrEqual(11);
    if (item.kind === "grid") {
      expect([item.x % 2, item.y % 2, item.cell % 2], `grid ${item.label}`).toEqual([0, 0, 0]);
      const [rows, columns] = item.shape;
      expect(item.x + columns * item.cell + 1).toBeLessThanOrEqual(scene.width);
      expect(item.y + rows * item.cell + 1).toBeLessThanOrEqual(scene.height);
    }
    if (item.kind === "rect") {
      for (const part of [item.x, item.y, item.width, item.height]) expect(part).toBe(Math.trunc(part));
      expect(item.x + item.width).toBeLessThanOrEqual(scene.width);
      expect(item.y + item.height).toBeLessThanOrEqual(scene.height);
    }
    if (item.kind === "segments") expect(item.lines.filter((part) => part !== Math.trunc(part))).toEqual([]);
  }
}

/** How far marks around a cell may stand out over the margin: the outline of a selection at a grid's edge. */
const STAND_OUT = 8;

/** Nothing stands in the margin, and only names are cut: in tests they are made of "q" and "ž". */
export function expectInside(scene: Scene, margin = 24): void {
  const [ground, ...rest] = scene.items;
  const isFigure = margin < STAND_OUT;
  if (!isFigure) expect(ground).toMatchObject({ kind: "rect", width: scene.width, height: scene.height });
  const items = isFigure ? scene.items : rest;
  const standOut = Math.min(margin, STAND_OUT);
  const beyond: string[] = [];
  const check = (what: string, left: number, right: number, bottom: number): void => {
    if (left < margin - standOut || right > scene.width - margin + standOut || bottom > scene.height)
      beyond.push(`${what}: ${left}..${right} of ${scene.width}, down to ${bottom} of ${scene.height}`);
  };
  for (const item of items) {
    if (item.kind === "text") {
      const { left, right, bottom, text } = boxOf(item);
      check(`"${text}"`, left, right, bottom);
      if (/\d…$/.test(item.text)) beyond.push(`"${text}" is cut`);
    } else if (item.kind === "rect") check("rect", item.x, item.x + item.width, item.y + item.height);
    else if (item.kind === "segments") {
      for (let at = 0; at < item.lines.length; at += 4) {
        const [x, y, length, vertical] = item.lines.slice(at, at + 4) as [number, number, number, number];
        const [width, height] = vertical === 1 ? [item.weight, length] : [length, item.weight];
        check("line", x, x + width, y + height);
      }
    } else if ("shape" in item) {
      check(
        item.kind,
        item.x,
        item.x + item.shape[1] * item.cell + 1,
        item.y + item.shape[0] * item.cell + 1,
      );
    } else if ("points" in item) {
      const xs = item.points.filter((value, at) => at % 2 === 0 && Number.isFinite(value));
      const ys = item.points.filter((value, at) => at % 2 === 1 && Number.isFinite(value));
      check(item.kind, Math.min(...xs), Math.max(...xs), Math.max(...ys));
    }
  }
  expect(beyond, "what leaves the page, or is cut").toEqual([]);
}
