import { createHash } from "node:crypto";
import type { Artifact } from "@episcope/core";
import { pngSize } from "./png-size.js";
import { mediaPath } from "./run-directory.js";

/** A file below `files/`, and the value that refers to it in a row. */
export interface LoggedFile {
  readonly key: string;
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly value: { readonly [field: string]: string | number };
}

/**
 * What W&B shows for a picture: an image for a PNG, with the renderer's own bytes; a page for an SVG, whose key ends in `_svg` and
 * which is shown within `limit`; a video for a GIF. Throws WANDB_NOT_A_PNG.
 */
export function loggedPicture(picture: Artifact, limit: readonly [number, number]): LoggedFile {
  const key = `pictures/${picture.view}`;
  const tag = String(picture.global_step);
  if (picture.type === "picture/gif") {
    const size = gifSize(picture.bytes);
    const about = { ...size, caption: captionOf(picture) };
    return loggedFile(`animations/${picture.view}`, "videos", tag, "gif", "video-file", picture.bytes, about);
  }
  if (picture.type === "picture/svg") {
    const bytes = Buffer.from(
      svgPage(Buffer.from(picture.bytes).toString("utf8"), captionOf(picture), limit),
    );
    return loggedFile(`${key}_svg`, "html", tag, "html", "html-file", bytes, {});
  }
  const [width, height] = pngSize(picture.bytes);
  return loggedFile(key, "images", tag, "png", "image-file", picture.bytes, {
    format: "png",
    width,
    height,
    caption: captionOf(picture),
  });
}

/** The value and place of any file that a row or the summary refers to. */
export function loggedFile(
  key: string,
  folder: string,
  tag: string,
  extension: string,
  type: string,
  bytes: Uint8Array,
  more: { readonly [field: string]: string | number },
): LoggedFile {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const path = mediaPath(folder, key, tag, sha256, extension);
  return { key, path, bytes, value: { _type: type, sha256, size: bytes.length, path, ...more } };
}

/** "episode 3, task 007bbfb7, step 12": W&B shows it below the picture. */
export function captionOf(picture: Artifact): string {
  const parts = [
    picture.episode === null ? "" : `episode ${picture.episode}`,
    picture.task_id === null ? "" : `task ${picture.task_id}`,
    picture.step === null ? picture.view : `step ${picture.step}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** A GIF says its size behind its six letters of signature. */
function gifSize(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

function svgPage(svg: string, title: string, limit: readonly [number, number]): string {
  const inline = svg.replace(/^\uFEFF?\s*<\?xml[^>]*\?>\s*/, "").replace(/^<!DOCTYPE[^>]*>\s*/i, "");
  return [
    "<!doctype html>",
    `<html><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>`,
    "<style>body{margin:0;background:#fff}",
    `svg{display:block;width:auto;height:auto;max-width:min(100%,${limit[0]}px);max-height:${limit[1]}px}</style></head>`,
    `<body>${inline}</body></html>`,
    "",
  ].join("\n");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
