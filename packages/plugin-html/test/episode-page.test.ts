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
  /** Values of their class. */
  readonly classes: ReadonlyMap<string, number>;
  readonly attributes: ReadonlySet<string>;
}

/** Parses the page as XML, which is stricter than HTML; throws where it is not well-formed. */
function read(bytes: Uint8Array): Read {
  const elements = new Map<string, number>();
  const classes = new Map<string, number>();
  const attributes = new Set<string>();
  let text = "";
  const parser = new SaxesParser();
  parser.on("opentag", ({ name, attributes: given }) => {
    elements.set(name, (elements.get(name) ?? 0) + 1);
    for (const attribute of Object.keys(given)) attributes.add(attribute);
    const kind = given["class"] as string | undefined;
    if (kind !== undefined) classes.set(kind, (classes.get(kind) ?? 0) + 1);
  });
  parser.on("text", (part) => {
    text += part;
  });
  parser.on("error", (error) => {
    throw error;
  });
  parser.write(new TextDecoder("utf-8", { fatal: true }).decode(bytes)).close();
  return { elements, text, classes, attributes };
}

const settings = { ...DEFAULT_PICTURE_SETTINGS, image_quality: "low" } as const;

describe("the page of an episode", () => {
  it("looks like its golden file", async () => {
    const kept = readFileSync(new URL("golden/episode.json", import.meta.url), "utf8");
    const page = new TextDecoder().decode(episodePage(parseKept<EpisodeView>(kept)));
    await expect(page).toMatchFileSnapshot("golden/episode.html");
  });

  it("holds the summary, and of each step a row that unfolds to its grids, and links between them", () => {
    const bytes = episodePage(episodeView(12), { settings });
    const page = read(bytes);
    expect(page.elements.get("tr")).toBe(13);
    expect(page.elements.get("details")).toBe(13);
    expect([page.classes.get("picture"), page.classes.get("narrow")]).toEqual([1, 1]);
    expect([page.classes.get("thumb"), page.classes.get("panel")]).toEqual([12, 36]);
    const source = new TextDecoder().decode(bytes);
    for (let step = 0; step < 12; step++) {
      expect(source).toContain(`href="#step-${step}"`);
      expect(source).toContain(`id="step-${step}" name="step"`);
    }
  });

  it("takes at most 400 kB for 52 steps, and has each grid once", () => {
    const bytes = episodePage(episodeView(52, { rows: 30, columns: 30 }));
    expect(bytes.length).toBeLessThan(400_000);
    const source = new TextDecoder().decode(bytes);
    const kept = [...source.matchAll(/<g id="cells-\d+">(.*?)<\/g>/g)].map(([, cells]) => cells);
    expect(new Set(kept).size).toBe(kept.length);
    for (const [, id] of source.matchAll(/<use href="#([^"]+)"/g)) expect(source).toContain(`<g id="${id}">`);
  });

  it("unfolds key steps only, on request, and lists all", () => {
    const base = episodeView(5);
    const steps = [...base.steps].map((step, i) => (i === 2 ? step : { ...step, reasons: [] }));
    const page = read(episodePage({ ...base, steps }, { settings, pictures: "key" }));
    expect(page.classes.get("stage")).toBe(1);
    expect(page.classes.get("thumb")).toBe(5);
    expect(page.elements.get("tr")).toBe(6);
  });

  it("needs nothing from elsewhere, and its policy allows its own style and script alone", () => {
    const source = new TextDecoder().decode(episodePage(episodeView(2), { settings }));
    const { elements, attributes } = read(episodePage(episodeView(2), { settings }));
    for (const element of ["img", "link", "iframe", "object", "form", "base"])
      expect(elements.has(element)).toBe(false);
    expect([...attributes].filter((name) => name.startsWith("on") || name === "style")).toEqual([]);
    for (const part of ["style", "script"]) {
      const text = new RegExp(`<${part}>([\\s\\S]*)</${part}>`).exec(source)![1]!;
      const sum = createHash("sha256").update(text).digest("base64");
      expect(source).toContain(`${part}-src 'sha256-${sum}'`);
    }
    expect(source).toContain("default-src 'none'");
    expect(source.replaceAll('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/https?:/);
  });

  it("says that an episode has no steps", () => {
    const page = read(episodePage(episodeView(0), { settings }));
    expect(page.text).toContain("The episode has no steps.");
    expect(page.elements.has("table")).toBe(false);
  });

  it("stays one well-formed page without a script of theirs for hostile labels (500 strings)", () => {
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
      expect(elements.get("script")).toBe(1);
      expect(elements.has("img")).toBe(false);
      expect(elements.get("details")).toBe(2);
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
