import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createPalette, PICTURE_KINDS, type Scene } from "@episcope/drawing";
import { type Grid, gridFromRows, type View } from "@episcope/records";
import { largeEpisode, paintingEpisode, randomNumbers } from "@episcope/records/testing";
import { manySeries, metricsView, play, runView, settings, taskView } from "@episcope/testing/views";
import { SaxesParser, type SaxesTagPlain } from "saxes";
import { describe, expect, it } from "vitest";
import plugin, { SvgWriter, sceneToSvg, viewToSvg } from "../src/index.js";
import { svg } from "./fixtures/readme.js";

const TASKS = new URL("../../../../shared/reference/arc-tasks/training/", import.meta.url);

function parse(svg: Uint8Array): { tags: SaxesTagPlain[]; title: string; description: string } {
  const tags: SaxesTagPlain[] = [];
  const text = { title: "", desc: "" };
  let inside = "";
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", (tag) => {
    tags.push(tag);
    inside = tag.name;
  });
  parser.on("closetag", () => {
    inside = "";
  });
  parser.on("text", (part) => {
    if (inside === "title" || inside === "desc") text[inside] += part;
  });
  parser.write(new TextDecoder().decode(svg)).close();
  return { tags, title: text.title, description: text.desc };
}

function gridScene(grids: readonly Grid[], cell = 14): Scene {
  const palette = createPalette("default");
  return {
    width: 1000,
    height: 560,
    title: "",
    description: "",
    palette: palette.colors,
    ink: palette.ink,
    items: grids.map((grid, index) => ({
      kind: "grid",
      shape: grid.shape,
      x: 20 + index * 500,
      y: 60,
      cell,
      data: grid.data,
      ...(grid.mask ? { mask: grid.mask } : {}),
      lines: true,
      digits: null,
      label: "before",
    })),
  };
}

/** Reads the cells back from the paths of a written grid: the inverse of the writer. */
function cellsOf(svg: Uint8Array, rows: number, columns: number): string[] {
  const { tags } = parse(svg);
  const start = tags.findIndex(({ attributes }) => String(attributes["transform"]).startsWith("matrix("));
  const ground = String(tags[start + 1]?.attributes["fill"]);
  const cells = new Array<string>(rows * columns).fill(ground);
  for (const tag of tags.slice(start + 2)) {
    if (tag.name !== "path") break;
    for (const [, x, y, length] of String(tag.attributes["d"]).matchAll(/M(\d+) (\d+)h(\d+)/g)) {
      for (let column = 0; column < Number(length); column++) {
        cells[Number(y) * columns + Number(x) + column] = String(tag.attributes["stroke"]);
      }
    }
  }
  return cells;
}

describe("a grid in SVG", () => {
  const random = randomNumbers(7);
  const noise = (rows: number, columns: number): Grid => ({
    shape: [rows, columns],
    data: Uint8Array.from({ length: rows * columns }, () => random() * 16),
  });

  it.each([
    [1, 1],
    [3, 9],
    [30, 30],
    [64, 64],
  ])("holds every cell of a %i by %i grid", (rows, columns) => {
    const { colors } = createPalette("default");
    const grid = noise(rows, columns);
    const wanted = [...grid.data].map((value) => colors[value]);
    expect(cellsOf(sceneToSvg(gridScene([grid], 8)), rows, columns)).toEqual(wanted);
  });

  it("paints padding as padding, whatever value stands there", () => {
    const { colors } = createPalette("default");
    const grid: Grid = { shape: [1, 3], data: Uint8Array.of(3, 3, 4), mask: Uint8Array.of(1, 0, 1) };
    expect(cellsOf(sceneToSvg(gridScene([grid])), 1, 3)).toEqual([colors[3], "#e4e7ea", colors[4]]);
  });

  it("takes at most 22 kB for two 30x30 grids of noise", () => {
    const grids = [0, 1].map(() => ({
      shape: [30, 30] as const,
      data: noise(30, 30).data.map((value) => value % 10),
    }));
    expect(sceneToSvg(gridScene(grids)).length).toBeLessThan(22_000);
  });

  it.skipIf(!existsSync(TASKS))(
    "takes at most 6 kB for two grids of a real task padded to 30x30 (skipped without ../shared)",
    () => {
      const pad = (rows: number[][]): Grid =>
        gridFromRows(
          Array.from({ length: 30 }, (_, row) =>
            Array.from({ length: 30 }, (_, column) => rows[row]?.[column] ?? 0),
          ),
        );
      for (const file of readdirSync(TASKS)) {
        const { train } = JSON.parse(readFileSync(new URL(file, TASKS), "utf8"));
        for (const { input, output } of train) {
          const bytes = sceneToSvg(gridScene([pad(input), pad(output)])).length;
          expect(bytes, file).toBeLessThan(6_000);
        }
      }
    },
  );
});

const VIEWS: readonly View[] = [
  play(paintingEpisode()).steps[1]!,
  play(largeEpisode(20)).summary,
  taskView(),
  { kind: "comparison", comparison: "performance", episodes: manySeries(4) },
  runView(3),
  metricsView(),
];

describe.each(VIEWS.map((view) => [view.kind, view] as const))(
  "the SVG of a view of kind %s",
  (_kind, view) => {
    it("has a title, a description, and roles that let its texts be read one by one", () => {
      const { tags, title, description } = parse(viewToSvg(view, settings()));
      expect(tags[0]?.attributes["role"]).toBe("graphics-document document");
      for (const { attributes } of tags.slice(1)) {
        if (attributes["role"] !== undefined)
          expect(attributes["aria-label"]).toMatch(/grid|selection|cells/);
      }
      expect([tags[1]?.name, tags[2]?.name]).toEqual(["title", "desc"]);
      expect(title.length).toBeGreaterThan(3);
      expect(description.length).toBeGreaterThan(10);
    });

    it("is the same bytes from a new writer and from one that has written other pictures", () => {
      const writer = new SvgWriter();
      for (const other of VIEWS) viewToSvg(other, settings({ color_scheme: "colorblind" }), writer);
      expect(viewToSvg(view, settings(), writer)).toEqual(viewToSvg(view, settings()));
    });

    it("names the bundled font first and refers to nothing outside", () => {
      const text = new TextDecoder().decode(viewToSvg(view, settings()));
      expect(text).toContain('font-family="Roboto Mono,');
      expect(text.replaceAll('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
        /https?:|href|@import|url\([^#]/,
      );
    });
  },
);

it("bytes that were given away do not change with the next picture", () => {
  const writer = new SvgWriter();
  const first = viewToSvg(VIEWS[0]!, settings(), writer);
  const copy = first.slice();
  viewToSvg(VIEWS[1]!, settings(), writer);
  expect(first).toEqual(copy);
});

describe("the plugin", () => {
  const create = () => plugin.create({}, { picture: settings() } as never);

  it("is a renderer for every kind of picture", async () => {
    const renderer = await create();
    expect([plugin.kind, plugin.name, renderer.extension]).toEqual(["renderer", "svg", "svg"]);
    expect(new Set(renderer.kinds)).toEqual(new Set(VIEWS.map(({ kind }) => kind)));
    for (const view of VIEWS) expect(renderer.render(view)).toEqual(viewToSvg(view, settings()));
  });

  it("refuses a whole episode, which is a page: PICTURE_KIND_UNKNOWN", async () => {
    const renderer = await create();
    const episode = { kind: "episode", summary: play(paintingEpisode()).summary, steps: [] } as const;
    expect(() => renderer.render(episode)).toThrow(
      expect.objectContaining({
        code: "PICTURE_KIND_UNKNOWN",
        hint: expect.stringContaining("html"),
        fields: { kind: "episode", options: PICTURE_KINDS },
      }),
    );
  });
});

it("does what the README shows", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const shown = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  const run = readFileSync(new URL("./fixtures/readme.ts", import.meta.url), "utf8");
  expect(
    run.replace("export const svg", "const svg").replace("../../src/index.js", "@episcope/plugin-svg"),
  ).toBe(shown);
  expect(parse(svg).title).toBe("Task demo");
});

it("the part for browsers imports no plugin and no pipeline", () => {
  const source = new URL("../src/", import.meta.url);
  const seen = new Set<string>();
  const visit = (file: string): void => {
    for (const [, specifier] of readFileSync(new URL(file, source), "utf8").matchAll(/ from "([^"]+)"/g)) {
      const name = specifier as string;
      if (!name.startsWith("./")) seen.add(name);
      else visit(name.replace(/\.js$/, ".ts"));
    }
  };
  visit("./write.ts");
  expect([...seen].sort()).toEqual(["@episcope/drawing"]);
});

describe("a figure", () => {
  const view = play(paintingEpisode()).steps[1] as View;
  const figure = async (options: object) => {
    const context = { picture: settings() } as unknown as Parameters<typeof plugin.create>[1];
    return parse((await plugin.create({ layout: "figure", ...options }, context)).render(view));
  };
  const textSizes = ({ tags }: ReturnType<typeof parse>): number[] =>
    tags.flatMap(({ attributes }) => ("font-size" in attributes ? [Number(attributes["font-size"])] : []));

  it.each([
    [84, 7],
    [170, 6],
    [120, 9],
  ])("is %i mm wide, and its smallest text has %i pt", async (width_mm, text_pt) => {
    const drawn = await figure({ width_mm, text_pt });
    const { width, viewBox } = drawn.tags[0]!.attributes as Record<string, string>;
    const millimetres = Number.parseFloat(width!);
    expect(width).toMatch(/^[\d.]+mm$/);
    expect(Math.abs(millimetres - width_mm)).toBeLessThan(0.5);
    const pointsPerPixel = ((millimetres / 25.4) * 72) / Number(viewBox!.split(" ")[2]);
    expect(Math.min(...textSizes(drawn)) * pointsPerPixel).toBeCloseTo(text_pt, 1);
  });

  it("has no title and stands on no ground", async () => {
    const { tags } = await figure({});
    const texts = tags.filter(({ name }) => name === "text");
    expect(texts.length).toBeLessThan(12);
    const grounds = tags.filter(({ attributes }) => /^M0 0h\d+v\d+h-\d+z$/.test(attributes["d"] ?? ""));
    expect(grounds).toEqual([]);
  });
});
