import { escaped } from "./escape.js";
import type { PagePictures } from "./page-pictures.js";
import { PAGE_SCRIPT } from "./page-script.js";
import { pageStyle } from "./page-style.js";
import { sha256 } from "./sha256.js";

/**
 * Beginning of a page up to `<main>`, and its end. Its policy allows its own style sheet and its own script, known by their sums, and
 * nothing else.
 */
export function wholePage(
  title: string,
  pictures: PagePictures,
  content: readonly string[],
  script: string = PAGE_SCRIPT,
): Uint8Array {
  const style = pageStyle(pictures.light, pictures.dark);
  const scripts = script === "" ? "" : ` script-src '${sumOf(script)}';`;
  const policy = `default-src 'none'; style-src '${sumOf(style)}';${scripts} base-uri 'none'; form-action 'none'`;
  const parts = [
    `<!DOCTYPE html>`,
    `<html lang="en"><head><meta charset="utf-8" />`,
    `<meta http-equiv="Content-Security-Policy" content="${policy}" />`,
    `<meta name="viewport" content="width=device-width, initial-scale=1" />`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style></head><body>`,
    pictures.definitions(),
    "<main>",
    ...content.filter((part) => part !== ""),
    `</main>${script === "" ? "" : `<script>${script}</script>`}</body></html>\n`,
  ];
  return new TextEncoder().encode(parts.join("\n"));
}

function sumOf(text: string): string {
  return `sha256-${sha256(text)}`;
}

export function section(id: string, title: string, content: string): string {
  return `<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${content}</section>`;
}

/** The figures of a page, below its heading. */
export function figureList(figures: readonly (readonly [name: string, value: string])[]): string {
  return `<ul class="figures">${figures.map(([name, value]) => `<li>${name}<b>${value}</b></li>`).join("")}</ul>`;
}

/** A table that may be wider than the page: it scrolls by itself, with keys too. */
export function scrollingTable(label: string, head: string, rows: readonly string[]): string {
  return `<div class="table" role="region" aria-label="${label}" tabindex="0"><table>${head}<tbody>${rows.join("\n")}</tbody></table></div>`;
}
