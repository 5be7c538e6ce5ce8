import { createHash } from "node:crypto";
import type { Scene } from "@episcope/drawing";
import type { SvgWriter } from "@episcope/plugin-svg";
import { escaped } from "./escape.js";
import { PAGE_STYLE } from "./page-style.js";

/** Beginning of a page up to `<main>`. Its policy allows its own style sheet and pictures inside it, and nothing more. */
export function pageHead(title: string): string {
  const hash = createHash("sha256").update(PAGE_STYLE).digest("base64");
  const policy = `default-src 'none'; img-src data:; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return [
    `<!DOCTYPE html>`,
    `<html lang="en"><head><meta charset="utf-8" />`,
    `<meta http-equiv="Content-Security-Policy" content="${policy}" />`,
    `<meta name="viewport" content="width=device-width, initial-scale=1" />`,
    `<title>${escaped(title)}</title>`,
    `<style>${PAGE_STYLE}</style></head><body><main>`,
  ].join("\n");
}

/** As an image, not as inline SVG: ids of one picture cannot meet those of another, and nothing in it can run. */
export function picture(scene: Scene, writer: SvgWriter): string {
  const data = Buffer.from(writer.write(scene)).toString("base64");
  const alt = escaped(`${scene.title}. ${scene.description}`);
  return `<img class="picture" width="${scene.width}" height="${scene.height}" alt="${alt}" src="data:image/svg+xml;base64,${data}" />`;
}
