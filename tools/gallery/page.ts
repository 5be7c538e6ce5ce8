export interface Picture {
  readonly caption: string;
  readonly svg: string;
}

export interface Section {
  readonly title: string;
  readonly pictures: readonly Picture[];
}

export interface Fonts {
  readonly regular: Uint8Array;
  readonly bold: Uint8Array;
}

/** One page without a script and without a reference to anything outside; the font is inside. */
export function galleryPage(sections: readonly Section[], fonts: Fonts): string {
  const face = (weight: number, bytes: Uint8Array): string =>
    `@font-face{font-family:"Roboto Mono";font-weight:${weight};src:url(data:font/ttf;base64,${Buffer.from(bytes).toString("base64")})}`;
  const links = sections.map(({ title }) => `<a href="#${idOf(title)}">${title}</a>`).join(" ");
  const body = sections.map(
    ({ title, pictures }) =>
      `<section id="${idOf(title)}"><h2>${title}</h2>${pictures.map((one, index) => figure(one, `${idOf(title)}-${index + 1}`)).join("")}</section>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Episcope: gallery</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>
${face(400, fonts.regular)}
${face(700, fonts.bold)}
body{font:14px "Roboto Mono",monospace;margin:24px;background:#e9ecef;color:#1b222a}
nav a{margin-right:16px}
figure{margin:0 0 32px;padding:0;display:inline-block;background:#fff;box-shadow:0 1px 4px #0003;max-width:100%}
figcaption{padding:8px 24px;background:#1b222a;color:#fff;font-size:12px}
figcaption a{color:inherit}
svg{display:block;max-width:100%;height:auto}
</style></head><body><main><h1>Gallery</h1><nav aria-label="Sections">${links}</nav>
${body.join("\n")}
</main></body></html>
`;
}

function figure({ caption, svg }: Picture, id: string): string {
  return `<div><figure id="${id}"><figcaption><a href="#${id}">${escapeHtml(caption)}</a></figcaption>${svg}</figure></div>`;
}

function idOf(title: string): string {
  return title.toLowerCase().replaceAll(" ", "-");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
