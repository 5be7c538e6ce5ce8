import {
  type Action,
  createGrid,
  type Grid,
  gridFromRows,
  gridSimilarity,
  type PictureSettings,
  type StepView,
} from "@episcope/records";
import { largeEpisode, paintingEpisode, resizingEpisode } from "@episcope/records/testing";
import { play, settings } from "@episcope/testing/views";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  contrastRatio,
  createPalette,
  FONT,
  ROLE,
  type Scene,
  type SceneItem,
  stepPanelPictures,
  stepPicture,
} from "../src/index.js";
import { expectSound, textsOf } from "./scene-laws.js";

type Kind<K extends SceneItem["kind"]> = Extract<SceneItem, { kind: K }>;

function all<K extends SceneItem["kind"]>(scene: Scene, kind: K): Kind<K>[] {
  return scene.items.filter((item): item is Kind<K> => item.kind === kind);
}

/** The grids of the picture, without the samples of the legend. */
function grids(scene: Scene): Kind<"grid">[] {
  return all(scene, "grid").filter(({ label }) => label !== "legend");
}

/** Selections and marks on the grids. */
function onGrids<K extends "selection" | "marks">(scene: Scene, kind: K): Kind<K>[] {
  const places = grids(scene).map(({ x, y }) => `${x},${y}`);
  const drawn: readonly Kind<"selection" | "marks">[] = all(scene, kind);
  return drawn.filter(({ x, y }): boolean => places.includes(`${x},${y}`)) as Kind<K>[];
}

function replaced(cells: Uint8Array, place: number, value: number): Uint8Array {
  const copy = cells.slice();
  copy[place] = value;
  return copy;
}

const painting = play(paintingEpisode()).steps;
const resizing = play(resizingEpisode()).steps;

function step(before: Grid, after: Grid, changes: Partial<StepView> = {}, action?: Action): StepView {
  const base = painting[0] as StepView;
  return {
    ...base,
    before,
    after,
    selection: null,
    action: action ?? { operation: 3 },
    episode: { ...base.episode, target: null },
    similarity: null,
    similarity_change: null,
    best_similarity: null,
    efficiency: null,
    ...changes,
  };
}

const draw = (view: StepView, changes: Partial<PictureSettings> = {}): Scene =>
  stepPicture(view, settings(changes));

describe("a step picture", () => {
  it("shows before, after and target at one cell scale", () => {
    const drawn = grids(draw(painting[0]!));
    expect(drawn.map(({ label }) => label)).toEqual(["before", "after", "target"]);
    expect(new Set(drawn.map(({ cell }) => cell)).size).toBe(1);
    expect(drawn[1]?.data).toEqual(painting[0]?.after.data);
  });

  it("leaves out a target that is not known", () => {
    const scene = draw(step(createGrid(3, 3), createGrid(3, 3, 1)));
    expect(grids(scene).map(({ label }) => label)).toEqual(["before", "after"]);
    expect(scene.description).toContain("target is not known");
  });

  it.each([
    ["a point", 0, [1, 0, 0, 0, 0, 0, 0, 0, 0]],
    ["a box", 1, [0, 0, 0, 0, 0, 0, 1, 1, 1]],
    ["a mask", 2, [0, 0, 1, 0, 0, 0, 0, 0, 0]],
  ])("draws the selection of %s over the grid before", (_name, index, mask) => {
    const scene = draw(painting[index]!);
    const [selection] = onGrids(scene, "selection");
    expect([...selection!.mask]).toEqual(mask);
    expect(selection!.x).toBe(grids(scene)[0]!.x);
  });

  it("never tints a colour: what lies over cells is only black and white", () => {
    const scene = draw(painting[4]!);
    const over = scene.items.slice(scene.items.findIndex(({ kind }) => kind === "grid") + 1);
    const paints = over.flatMap((item) => (item.kind === "rect" && item.fill < 16 ? [item] : []));
    expect(paints).toEqual([]);
    expect(scene.ink.every((paint) => paint === ROLE.markDark || paint === ROLE.markLight)).toBe(true);
  });

  it("marks exactly the cells that changed, and leaves most of each cell free at 30x30", () => {
    const view = play(largeEpisode(12)).steps[9]!;
    const [marks] = onGrids(draw(view), "marks");
    const changed = [...view.after.data].map((value, index) => (value === view.before.data[index] ? 0 : 1));
    expect([...marks!.mask]).toEqual(changed);
    expect(marks!.size ** 2 / marks!.cell ** 2).toBeLessThan(0.12);
  });

  it("shows the other size of a resize where it cuts through a grid, and counts what came and went", () => {
    const grown = draw(resizing[0]!);
    expect(all(grown, "segments").filter((item) => item.dash !== undefined)).toHaveLength(1);
    expect(textsOf(grown).join("\n")).toContain("dashed: 2×2 before");
    expect(textsOf(draw(resizing[2]!)).join("\n")).toContain("after");
    expect(textsOf(grown).join("\n")).toContain("12 added");
    expect(textsOf(draw(resizing[2]!)).join("\n")).toContain("10 removed");
    expect(grids(grown).map(({ shape }) => shape)).toEqual([
      [2, 2],
      [4, 4],
      [4, 4],
    ]);
  });

  it("does not call cells changed that are new", () => {
    const marks = onGrids(draw(resizing[0]!), "marks");
    expect(marks.map(({ label }) => label)).toEqual(["wrong cells"]);
  });

  it("cuts padding away, keeps holes, and moves the selection along", () => {
    const mask = new Uint8Array(25);
    for (const index of [6, 7, 11]) mask[index] = 1;
    const padded: Grid = { shape: [5, 5], data: new Uint8Array(25).fill(4), mask };
    const selection = new Uint8Array(25);
    selection[7] = 1;
    const scene = draw(step(padded, padded, { selection }), { show_coordinates: true });
    const [before] = grids(scene);
    expect(before?.shape).toEqual([2, 2]);
    expect([...(before?.mask ?? [])]).toEqual([1, 1, 1, 0]);
    expect([...onGrids(scene, "selection")[0]!.mask]).toEqual([0, 1, 0, 0]);
    expect(textsOf(scene)).not.toContain("0");
  });

  it("draws a grid that is nothing but padding", () => {
    const nothing: Grid = { shape: [2, 2], data: new Uint8Array(4), mask: new Uint8Array(4) };
    expectSound(draw(step(nothing, nothing)));
  });

  it("names the operation with a swatch of its colour in the active scheme", () => {
    const scene = draw(painting[1]!, { color_scheme: "colorblind" });
    expect(textsOf(scene)).toContain("Fill 3");
    expect(all(scene, "rect").some(({ fill, width }) => fill === 3 && width === 18)).toBe(true);
    expect(textsOf(draw(step(createGrid(2, 2), createGrid(2, 2), {}, { operation: 99 })))).toContain(
      "Operation 99",
    );
  });

  it("shows reward, change, total, similarity, efficiency and the agent's own metrics", () => {
    const view = play(largeEpisode(12)).steps[5]!;
    const texts = textsOf(draw(view));
    for (const label of ["Reward", "Total", "Similarity", "Efficiency", "entropy", "value"]) {
      expect(texts).toContain(label);
    }
    expect(texts.some((text) => text.endsWith("vs last"))).toBe(true);
  });

  it("says nothing twice: no unit that repeats, no legend without marks", () => {
    const texts = textsOf(draw(play(largeEpisode(12)).steps[5]!));
    expect(texts.filter((text) => text === "30×30")).toHaveLength(1);
    expect(texts.some((text) => /^\d+ selected/.test(text))).toBe(true);
    expect(textsOf(draw(resizing[0]!)).filter((text) => /^\d×\d$/.test(text))).toEqual(["2×2", "4×4"]);
    expect(texts.filter((text) => /cell/.test(text))).toEqual([]);
    const still = textsOf(draw(step(createGrid(2, 2), createGrid(2, 2))));
    expect(still.filter((text) => /^(selected|changed|sizes)/.test(text))).toEqual([]);
  });

  it("shows the best similarity so far where the step is below it", () => {
    const at = (similarity: number) => textsOf(draw({ ...painting[1]!, similarity, best_similarity: 0.75 }));
    expect(at(0.5)).toContain("best 75.0%");
    expect(at(0.75).some((text) => text.startsWith("best"))).toBe(false);
  });

  it("says how many metrics there was no room for", () => {
    const metrics = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`metric_${index}`, index]));
    const scene = draw(step(createGrid(2, 2), createGrid(2, 2), { info: { metrics } }));
    expect(textsOf(scene).some((text) => /^and \d+ more$/.test(text))).toBe(true);
    expectSound(scene);
  });

  it("sets letters a whole number of pixels apart, so that each looks the same wherever it stands", () => {
    const view = play(largeEpisode(12)).steps[5]!;
    for (const { size, text } of all(draw(view, { show_coordinates: true }), "text")) {
      const advance = size * FONT.advance;
      expect(Math.abs(advance - Math.round(advance)) * text.length, text).toBeLessThan(0.1);
    }
  });

  it("says which operation failed or changed nothing, and why", () => {
    const before = createGrid(2, 2);
    const idle = draw(step(before, before));
    expect(textsOf(idle)).toContain("no effect");
    expect(idle.description).toContain("had no effect");
    const failed = draw(step(before, before, { info: { error: "clipboard is empty" } }));
    expect(textsOf(failed)).toEqual(expect.arrayContaining(["failed", "clipboard is empty"]));
    expect(textsOf(draw(step(before, before, {}, { operation: 34 })))).not.toContain("no effect");
    expect(textsOf(draw(painting[0]!))).not.toContain("no effect");
  });

  it("says why a step is a key step", () => {
    expect(textsOf(draw(painting[4]!)).some((text) => text.includes("first success"))).toBe(true);
  });
});

describe("what is wrong after a step", () => {
  const noise = (rows: number, columns: number): Grid => ({
    shape: [rows, columns],
    data: Uint8Array.from({ length: rows * columns }, (_, index) => (index * 7 + (index >> 3)) % 10),
  });
  const against = (after: Grid, target: Grid, changes: Partial<StepView> = {}): StepView => {
    const view = step(after, after, { similarity: gridSimilarity(after, target), ...changes });
    return { ...view, episode: { ...view.episode, target } };
  };
  const wrongMarks = (scene: Scene) => all(scene, "marks").filter(({ label }) => label === "wrong cells");

  it("is marked at least 6 pixels large, in contrast of 3 to every colour, with 899 right cells of 900 at every size of a cell", () => {
    const target = noise(30, 30);
    const place = 15 * 30 + 7;
    for (const color_scheme of ["default", "arcprize", "arc3", "colorblind", "high_contrast"] as const) {
      for (const side of [61, 130, 190, 250, 310, 370, 430, 610, 730]) {
        for (let value = 0; value < 16; value++) {
          const wanted = { ...target, data: replaced(target.data, place, value) };
          const after = { ...target, data: replaced(target.data, place, (value + 1) % 16) };
          const { panels } = stepPanelPictures(against(after, wanted), settings({ color_scheme }), side);
          const { scene } = panels.find(({ name }) => name === "Target")!;
          const marks = wrongMarks(scene);
          expect(marks.map(({ mask }) => mask.reduce((sum, cell) => sum + cell, 0))).toEqual([1]);
          expect(marks[0]!.mark).toBe("ring");
          expect(marks[0]!.size).toBeGreaterThanOrEqual(6);
          const colorOf = (paint: number): string => scene.palette[paint] as string;
          expect(contrastRatio(colorOf(scene.ink[value]!), colorOf(value))).toBeGreaterThanOrEqual(3);
          // Around the ring there is a pixel of the other ink: one of both shows on any neighbour.
          for (let neighbour = 0; neighbour < 16; neighbour++) {
            const inks = [ROLE.markDark, ROLE.markLight].map((ink) =>
              contrastRatio(colorOf(ink), colorOf(neighbour)),
            );
            expect(Math.max(...inks)).toBeGreaterThanOrEqual(3);
          }
        }
      }
    }
  });

  it("is marked in the target and said in words: one wrong cell of 900 is found at every size of a cell", () => {
    for (const color_scheme of ["default", "colorblind", "high_contrast"] as const) {
      for (const [rows, columns] of [
        [1, 5],
        [10, 10],
        [30, 30],
        [64, 64],
      ] as const) {
        const target = noise(rows, columns);
        for (const value of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) {
          const after = { ...target, data: target.data.slice() };
          after.data[4] = value;
          if (value === target.data[4]) continue;
          const scene = draw(against(after, target), { color_scheme });
          const [mark] = wrongMarks(scene);
          expect([...mark!.mask].flatMap((cell, index) => (cell === 1 ? [index] : []))).toEqual([4]);
          expect(mark!.size, "pixels").toBeGreaterThanOrEqual(6);
          expect(textsOf(scene)).toContain(`(0, 4) has ${value}, wants ${target.data[4]}`);
          expect(scene.description).toContain(`(0, 4) has ${value}, wants ${target.data[4]}`);
        }
      }
    }
  });

  it("has a mark that contrasts by at least 3 with every colour of a cell", () => {
    for (const scheme of ["default", "colorblind", "high_contrast"] as const) {
      const { colors } = createPalette(scheme);
      const inks = [colors[ROLE.markDark] as string, colors[ROLE.markLight] as string];
      for (const color of colors.slice(0, 16)) {
        expect(Math.max(...inks.map((ink) => contrastRatio(ink, color)))).toBeGreaterThanOrEqual(3);
      }
      expect(contrastRatio(inks[0] as string, inks[1] as string)).toBeGreaterThanOrEqual(3);
    }
  });

  it("is named for up to eight cells, and counted beyond", () => {
    const target = noise(10, 10);
    const wrongBy = (count: number) => ({
      shape: target.shape,
      data: target.data.map((value, index) => (index < count ? (value + 1) % 10 : value)),
    });
    const named = (count: number) =>
      textsOf(draw(against(wrongBy(count), target))).filter((text) => text.includes("wants"));
    expect(named(8)).toHaveLength(8);
    expect(named(9)).toEqual([]);
    expect(textsOf(draw(against(wrongBy(9), target)))).toContain("9 differ");
    expect(named(0)).toEqual([]);
  });

  it("is the size, where every cell of the target is met: such a grid is no success", () => {
    const scene = draw(against(createGrid(12, 12), createGrid(4, 1)));
    const size = all(scene, "text").find(({ text }) => text === "12×12, wants 4×1");
    expect(size?.fill).toBe(ROLE.negative);
    expect(textsOf(scene)).toContain("100.0%");
    expect(textsOf(scene)).toContain("140 differ, 140 beyond it");
    expectSound(scene);
  });
});

describe("the settings of a step picture", () => {
  it("show_coordinates numbers rows and columns", () => {
    const numbers = (scene: Scene) => textsOf(scene).filter((text) => /^\d$/.test(text)).length;
    expect(numbers(draw(painting[0]!, { show_coordinates: true }))).toBe(18);
    expect(numbers(draw(painting[0]!))).toBe(0);
  });

  it("show_operation_names shows or hides the operation", () => {
    expect(textsOf(draw(painting[0]!, { show_operation_names: false }))).not.toContain("Fill 2");
    expect(draw(painting[0]!, { show_operation_names: false }).title).not.toContain("Fill");
  });

  it("highlight_changes shows or hides the marks of changes", () => {
    const labels = onGrids(draw(painting[0]!), "marks").map(({ label }) => label);
    expect(labels).toEqual(["changed cells", "wrong cells"]);
    expect(onGrids(draw(painting[0]!, { highlight_changes: false }), "marks")).toHaveLength(0);
    const dashed = all(draw(resizing[0]!, { highlight_changes: false }), "segments").filter(
      ({ dash }) => dash,
    );
    expect(dashed).toEqual([]);
  });

  it("include_metrics shows or hides the figures", () => {
    expect(textsOf(draw(painting[0]!, { include_metrics: false }))).not.toContain("Similarity");
  });

  it("image_quality sets the level of detail", () => {
    const parts = (quality: PictureSettings["image_quality"]) => {
      const scene = draw(painting[0]!, { image_quality: quality });
      return [
        grids(scene)[0]!.lines,
        onGrids(scene, "selection")[0]!.hatch !== null,
        textsOf(scene).includes("selected"),
      ];
    };
    expect(parts("low")).toEqual([false, false, false]);
    expect(parts("medium")).toEqual([true, true, false]);
    expect(parts("high")).toEqual([true, true, true]);
  });

  it("image_quality low draws no hatch, so its outlines are bold on all but the smallest cells", () => {
    const large = play(largeEpisode(3)).steps.find(({ selection }) => selection !== null) as StepView;
    const [fine] = onGrids(draw(large), "selection");
    const [bold] = onGrids(draw(large, { image_quality: "low" }), "selection");
    expect(fine!.cell).toBeLessThan(16);
    expect([fine!.weight, bold!.weight]).toEqual([1, 3]);
  });

  it("color_scheme changes colours, and writes digits where the scheme asks for a second channel", () => {
    expect(grids(draw(painting[0]!))[0]!.digits).toBeNull();
    expect(grids(draw(painting[0]!, { color_scheme: "colorblind" }))[0]!.digits).not.toBeNull();
    expect(
      grids(draw(play(largeEpisode(2)).steps[0]!, { color_scheme: "high_contrast" }))[0]!.digits,
    ).not.toBeNull();
    expect(draw(painting[0]!).palette).not.toEqual(
      draw(painting[0]!, { color_scheme: "colorblind" }).palette,
    );
  });

  it("are honoured with values beyond ARC's ten colours: those get digits in every scheme", () => {
    const scene = draw(step(gridFromRows([[10, 15]]), gridFromRows([[10, 15]])));
    expect(grids(scene)[0]!.digits).not.toBeNull();
  });
});

const gridOf = (side: number) =>
  fc
    .tuple(fc.integer({ min: 1, max: side }), fc.integer({ min: 1, max: side }))
    .chain(([rows, columns]) =>
      fc
        .uint8Array({ min: 0, max: 9, minLength: rows * columns, maxLength: rows * columns })
        .map((data): Grid => ({ shape: [rows, columns], data })),
    );

it("any step gives a sound picture, and the same one twice", () => {
  const anyStep = fc.record({
    before: gridOf(30),
    after: gridOf(30),
    target: fc.option(gridOf(30)),
    id: fc.string({ unit: "grapheme", maxLength: 120 }),
    name: fc.string({ unit: "grapheme", minLength: 1, maxLength: 90 }),
    reward: fc.double(),
    reasons: fc.subarray([
      "first",
      "submit",
      "similarity_jump",
      "new_best",
      "resize",
      "reward_outlier",
    ] as const),
    metrics: fc.dictionary(fc.string({ maxLength: 40 }), fc.double(), { maxKeys: 12 }),
    changes: fc.record({
      color_scheme: fc.constantFrom("default" as const, "colorblind" as const, "high_contrast" as const),
      image_quality: fc.constantFrom("low" as const, "medium" as const, "high" as const),
      show_coordinates: fc.boolean(),
      show_operation_names: fc.boolean(),
      highlight_changes: fc.boolean(),
      include_metrics: fc.boolean(),
    }),
  });
  fc.assert(
    fc.property(anyStep, ({ before, after, target, id, name, reward, reasons, metrics, changes }) => {
      const base = painting[0] as StepView;
      const view: StepView = {
        ...base,
        before,
        after,
        reward,
        reasons,
        reward_total: reward * 3,
        selection: before.data.map((value) => value % 2),
        action: { operation: 4, name },
        episode: { ...base.episode, task_id: id, target },
        info: { metrics },
        ...(target ? {} : { similarity: null, best_similarity: null }),
      };
      const scene = draw(view, changes);
      expectSound(scene);
      expect(draw(view, changes)).toEqual(scene);
    }),
    { numRuns: 60 },
  );
});
