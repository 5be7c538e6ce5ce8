import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { PluginContext } from "@episcope/core";
import { DEFAULT_PICTURE_SETTINGS, type EpisodeView, type View } from "@episcope/records";
import { episodeView, stepView } from "@episcope/testing/invented-steps";
import { parseKept } from "@episcope/testing/kept-json";
import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";
import html, { episodePage } from "../src/index.js";

interface Read {
  readonly elements: ReadonlyMap<string, number>;
  readonly text: string;
  readonly images: readonly { readonly src: string; readonly alt: string }[];
  readonly attributes: ReadonlySet<string>;
}

/** Parses the page as XML, which is stricter than HTML; throws where it is not well-formed. */
function read(bytes: Uint8Array): Read {
  const elements = new Map<string, number>();
  const images: { src: string; alt: string }[] = [];
  const attributes = new Set<string>();
  let text = "";
  const parser = new SaxesParser();
  parser.on("opentag", ({ name, attributes: given }) => {
    elements.set(name, (elements.get(name) ?? 0) + 1);
    for (const attribute of Object.keys(given)) attributes.add(attribute);
    if (name === "img") images.push({ src: given["src"] as string, alt: given["alt"] as string });
  });
  parser.on("text", (part) => {
    text += part;
  });
  parser.on("error", (error) => {
    throw error;
  });
  parser.write(new TextDecoder("utf-8", { fatal: true }).decode(bytes)).close();
  return { elements, text, images, attributes };
}

const settings = { ...DEFAULT_PICTURE_SETTINGS, image_quality: "low" } as const;

describe("the page of an episode", () => {
  it("looks like its golden file", async () => {
    const kept = readFileSync(new URL("golden/episode.json", import.meta.url), "utf8");
    const page = new TextDecoder().decode(episodePage(parseKept<EpisodeView>(kept)));
    await expect(page).toMatchFileSnapshot("golden/episode.html");
  });

  it("holds the summary, a row and a picture for each step, and links between them", () => {
    const page = read(episodePage(episodeView(12), { settings }));
    expect(page.elements.get("tr")).toBe(13);
    expect(page.elements.get("article")).toBe(12);
    expect(page.images).toHaveLength(13);
    const source = new TextDecoder().decode(episodePage(episodeView(12), { settings }));
    for (let step = 0; step < 12; step++) {
      expect(source).toContain(`href="#step-${step}"`);
      expect(source).toContain(`id="step-${step}"`);
    }
  });

  it("draws key steps only, on request, and lists all", () => {
    const base = episodeView(5);
    const steps = [...base.steps].map((step, i) => (i === 2 ? step : { ...step, reasons: [] }));
    const page = read(episodePage({ ...base, steps }, { settings, pictures: "key" }));
    expect(page.elements.get("article")).toBe(1);
    expect(page.elements.get("tr")).toBe(6);
  });

  it("needs no script and nothing from elsewhere, and its policy forbids both", () => {
    const source = new TextDecoder().decode(episodePage(episodeView(2), { settings }));
    const { elements, images, attributes } = read(episodePage(episodeView(2), { settings }));
    for (const element of ["script", "link", "iframe", "object", "form", "base"])
      expect(elements.has(element)).toBe(false);
    for (const { src, alt } of images) {
      expect(src.startsWith("data:image/svg+xml;base64,")).toBe(true);
      expect(alt.length).toBeGreaterThan(20);
    }
    expect([...attributes].filter((name) => name.startsWith("on") || name === "style")).toEqual([]);
    const style = /<style>([\s\S]*)<\/style>/.exec(source)![1]!;
    expect(source).toContain(`style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`);
    expect(source).toContain("default-src 'none'");
    expect(source.replace(/base64,[^"]*/g, "")).not.toMatch(/https?:/);
  });

  it("says that an episode has no steps", () => {
    const page = read(episodePage(episodeView(0), { settings }));
    expect(page.text).toContain("The episode has no steps.");
    expect(page.elements.has("table")).toBe(false);
  });

  it("stays one well-formed page without scripts for hostile labels (500 strings)", () => {
    const parts = [
      "<script>alert(1)</script>",
      "]]>",
      "</script>",
      "<!--",
      "-->",
      "</title>",
      "</style>",
      '"',
      "'",
      "&",
      "&lt;",
      "<img src=x onerror=y>",
      "\u0000",
      "\u001b[31m",
      "\ud800",
      "\udfff",
      "\ufffe",
      "\u202e",
      "\u2066",
      "שלום",
      "\u2028",
      "javascript:x",
      "日本",
      "\r\n",
      "`${x}`",
    ];
    for (let i = 0; i < 500; i++) {
      const hostile = Array.from(
        { length: 1 + (i % 4) },
        (_, k) => parts[(i * 7 + k * 11) % parts.length],
      ).join("");
      const step = stepView({
        rows: 2,
        columns: 2,
        taskId: hostile,
        action: { operation: 77, name: hostile },
        metrics: { [hostile]: 1 },
      });
      const base = episodeView(0, { rows: 2, columns: 2 });
      const view: EpisodeView = {
        ...base,
        summary: { ...base.summary, episode: step.episode },
        steps: [step],
      };
      const { elements, attributes } = read(episodePage(view, { settings }));
      expect(elements.has("script")).toBe(false);
      expect(elements.get("img")).toBe(2);
      expect(elements.get("title")).toBe(1);
      expect([...attributes].filter((name) => name.startsWith("on"))).toEqual([]);
    }
  });

  it("bears a megabyte of text", () => {
    const step = stepView({ rows: 2, columns: 2, taskId: "<b>".repeat(350_000) });
    const base = episodeView(0);
    const page = episodePage({ ...base, steps: [step] }, { settings });
    expect(page.length).toBeLessThan(200_000);
    read(page);
  });
});

describe("the html renderer", () => {
  it("draws episodes with the settings of the run, and nothing else", async () => {
    const context = { picture: settings } as unknown as PluginContext;
    const renderer = await html.create({ pictures: "all" }, context);
    const view = episodeView(2);
    expect(Buffer.compare(renderer.render(view), episodePage(view, { settings }))).toBe(0);
    expect(renderer.kinds).toEqual(["episode"]);
    expect(() => renderer.render(stepView({ rows: 1, columns: 1 }) as View)).toThrow(
      expect.objectContaining({ code: "PAGE_KIND_UNKNOWN" }),
    );
  });
});
