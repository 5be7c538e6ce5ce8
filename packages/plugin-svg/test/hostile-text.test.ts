import { cleanText } from "@episcope/drawing";
import type { View } from "@episcope/records";
import { paintingEpisode } from "@episcope/records/testing";
import { manySeries, metricsView, play, runView, settings, taskView } from "@episcope/testing/views";
import fc from "fast-check";
import { SaxesParser } from "saxes";
import { expect, it } from "vitest";
import { viewToSvg } from "../src/index.js";

const ELEMENTS = new Set(["svg", "title", "desc", "defs", "pattern", "g", "path", "text", "circle"]);

/** Parses strictly; gives the texts, and fails for elements and attributes that are not ours. */
function textsOf(svg: Uint8Array): string[] {
  const texts: string[] = [];
  const foreign: string[] = [];
  const parser = new SaxesParser({ xmlns: true, fragment: false });
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    if (!ELEMENTS.has(name)) foreign.push(name);
    for (const attribute of Object.keys(attributes)) {
      if (/^on|href|style/i.test(attribute)) foreign.push(attribute);
    }
  });
  parser.on("text", (text) => texts.push(text));
  parser.on("cdata", () => foreign.push("a CDATA section"));
  parser.on("processinginstruction", () => foreign.push("a processing instruction"));
  parser.on("doctype", () => foreign.push("a document type"));
  parser.write(new TextDecoder("utf-8", { fatal: true }).decode(svg)).close();
  expect(foreign).toEqual([]);
  return texts;
}

const HOSTILE = [
  "<script>alert(1)</script>",
  "</text><script href='x'/>",
  "]]>",
  "<![CDATA[",
  "<!-- -- -->",
  "&amp;&lt;&#0;&#x1F;&nbsp;",
  '" onload="alert(1)',
  "'><foreignObject>",
  "\u0000\u0001\u000b\u001b[31m\u007f\u0085\u009b",
  "\u202e\u2066abc\u2069\u200f\u061c",
  "שלום עולם مرحبا",
  "\ud800 \udc00 \udbff",
  "\ufffe\uffff\ufdd0",
  "a\r\nb\tc\u2028d\u2029e",
  "e\u0301\u0323".repeat(50),
  "😀👩‍👩‍👧‍👦🇩🇪",
  "x".repeat(1_000_000),
  "<".repeat(5000),
  "漢".repeat(3000),
  "",
  " ",
  "__proto__",
];

const piece = fc.oneof(
  fc.constantFrom(...HOSTILE.filter((text) => text.length < 10_000)),
  fc.string({ unit: "binary", maxLength: 30 }),
  // Code units, so that surrogates stand alone.
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
);
const hostileText = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(""));

const { steps, summary } = play(paintingEpisode());
const [series] = manySeries(1);
const metrics = metricsView();
const run = runView(1);

function viewsWith(text: string): View[] {
  const episode = { ...summary.episode, task_id: text };
  const action = { operation: 3, name: text };
  return [
    { ...steps[0]!, episode, action, info: { metrics: { [text]: 1, b: Number.NaN } } },
    { ...summary, episode, key_steps: summary.key_steps.map((step) => ({ ...step, action })) },
    { ...taskView(true), task_id: text },
    {
      kind: "comparison",
      comparison: "similarity",
      episodes: [{ ...series!, label: text, task_id: text }],
    },
    { ...run, run: text },
    { ...metrics, run: text, curves: metrics.curves.map((curve) => ({ ...curve, name: text })) },
  ];
}

function check(text: string): void {
  for (const view of viewsWith(text)) {
    const svg = viewToSvg(view, settings());
    expect(svg.length, view.kind).toBeLessThan(40_000);
    textsOf(svg);
  }
}

it.each(HOSTILE.map((text) => [text.slice(0, 20), text]))(
  "the text %j gives valid XML without a script",
  (_, text) => {
    check(text);
  },
);

it("500 hostile texts give valid XML without a script, in every kind of picture", () => {
  fc.assert(fc.property(hostileText, check), { numRuns: 500 });
});

it("what can be shown is shown as it is", () => {
  const [view] = viewsWith("a < b && \"c\" > 'd'");
  expect(textsOf(viewToSvg(view!, settings()))).toContain(cleanText("a < b && \"c\" > 'd'"));
});

it("text that runs from right to left is isolated from its neighbours", () => {
  const [view] = viewsWith("שלום");
  expect(new TextDecoder().decode(viewToSvg(view!, settings()))).toContain('unicode-bidi="isolate-override"');
});
