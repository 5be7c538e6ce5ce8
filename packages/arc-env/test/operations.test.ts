import { type Action, type Grid, gridToRows, type Selection } from "@episcope/records";
import { grid, text } from "@episcope/testing/text-grids";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyOperation, type Canvas, OPERATION } from "../src/index.js";

const point = (...at: [number, number]): Selection => ({ kind: "point", point: at });
const bbox = (...corners: [number, number, number, number]): Selection => ({ kind: "bbox", bbox: corners });
const mask = (cells: string): Selection => ({ kind: "mask", mask: Uint8Array.from([...cells].map(Number)) });

const run = (start: string, ...actions: Action[]): string => {
  let canvas: Canvas = { grid: grid(start), clipboard: null };
  for (const action of actions) canvas = applyOperation(canvas, action, grid("98/76"));
  return text(canvas.grid);
};

const does = (
  sentence: string,
  operation: number,
  start: string,
  selection: Selection | null,
  end: string,
): void => {
  it(sentence, () => {
    expect(run(start, selection === null ? { operation } : { operation, selection })).toBe(end);
  });
};

describe("fill", () => {
  for (let color = 0; color <= 9; color++)
    does(`${color} colours the selected cells`, color, "12/34", mask("0110"), `1${color}/${color}4`);
  does("takes a box with its corners in any order", 5, "111/111/111", bbox(2, 2, 1, 1), "111/155/155");
  does("clips a point to the grid", 5, "11/11", point(7, -3), "11/51");
  does("does nothing without a selection", 5, "12/34", null, "12/34");
  does("does nothing with an empty mask", 5, "12/34", mask("0000"), "12/34");
});

describe("flood fill", () => {
  for (let color = 0; color <= 9; color++)
    does(
      `${color} spreads over straight neighbours`,
      10 + color,
      "110/010/001",
      point(0, 0),
      `${color}${color}0/0${color}0/001`,
    );
  does("starts at the first selected cell in row order", 13, "12/12", bbox(0, 0, 1, 1), "32/32");
  does("does nothing without a selection", 13, "11/11", null, "11/11");
  it("fills a corridor that winds through a grid of 30 by 30", () => {
    const rows = Array.from({ length: 30 }, (_, r) =>
      r % 2 === 0 ? "0".repeat(30) : r % 4 === 1 ? `${"5".repeat(29)}0` : `0${"5".repeat(29)}`,
    );
    expect(run(rows.join("/"), { operation: 17, selection: point(0, 0) })).not.toContain("0");
  });
});

describe("move", () => {
  does("up shifts the box up, around its edge", OPERATION.moveUp, "12/34/56", null, "34/56/12");
  does("down shifts down", OPERATION.moveDown, "12/34/56", null, "56/12/34");
  does("left shifts left", OPERATION.moveLeft, "123/456", null, "231/564");
  does("right shifts right", OPERATION.moveRight, "123/456", null, "312/645");
  does("stays within the box", OPERATION.moveRight, "123/456/789", bbox(1, 0, 2, 1), "123/546/879");
  does("takes the box around a mask", OPERATION.moveDown, "12/34/56", mask("100010"), "52/14/36");
});

describe("rotate", () => {
  does(
    "turns a square box clockwise",
    OPERATION.rotateClockwise,
    "123/456/789",
    bbox(0, 0, 1, 1),
    "413/526/789",
  );
  does(
    "turns a square box counterclockwise",
    OPERATION.rotateCounterclockwise,
    "123/456/789",
    bbox(0, 0, 1, 1),
    "253/146/789",
  );
  does("turns the whole grid with its shape", OPERATION.rotateClockwise, "123/456", null, "41/52/63");
  does("turns the whole grid back", OPERATION.rotateCounterclockwise, "123/456", null, "36/25/14");
  does(
    "leaves another oblong box alone",
    OPERATION.rotateClockwise,
    "123/456/789",
    bbox(0, 0, 0, 1),
    "123/456/789",
  );
});

describe("flip", () => {
  does("H swaps left and right", OPERATION.flipHorizontal, "123/456", null, "321/654");
  does("V swaps top and bottom", OPERATION.flipVertical, "123/456", null, "456/123");
  does("stays within the box", OPERATION.flipHorizontal, "123/456", bbox(0, 0, 0, 1), "213/456");
});

describe("the clipboard", () => {
  const copy = (selection?: Selection): Action => ({
    operation: OPERATION.copy,
    ...(selection && { selection }),
  });
  const paste = (selection?: Selection): Action => ({
    operation: OPERATION.paste,
    ...(selection && { selection }),
  });
  it("pastes from the selection's top left corner on, black cells too", () => {
    expect(run("100/020/777", copy(bbox(0, 0, 1, 1)), paste(point(1, 1)))).toBe("100/010/702");
  });
  it("leaves away what would stick out", () => {
    expect(run("12/34", copy(), paste(point(1, 1)))).toBe("12/31");
  });
  it("pastes only cells that were selected", () => {
    expect(run("12/34", copy(mask("1001")), { operation: 9, selection: bbox(0, 0, 1, 1) }, paste())).toBe(
      "19/94",
    );
  });
  it("pastes nothing before a copy", () => {
    expect(run("12/34", paste(point(0, 0)))).toBe("12/34");
  });
  it("cuts to black", () => {
    expect(run("12/34", { operation: OPERATION.cut, selection: point(0, 0) })).toBe("02/34");
    expect(run("12/34", { operation: OPERATION.cut, selection: point(0, 0) }, paste(point(1, 1)))).toBe(
      "02/31",
    );
  });
});

describe("clear, copy input, resize, submit", () => {
  does("clear makes the selection black", OPERATION.clear, "12/34", mask("0110"), "10/04");
  does("clear without a selection empties the grid", OPERATION.clear, "12/34", null, "00/00");
  does("copy input brings back the input with its shape", OPERATION.copyInput, "1", null, "98/76");
  does(
    "resize grows to the box's last corner",
    OPERATION.resize,
    "12/34",
    bbox(0, 0, 2, 3),
    "1200/3400/0000",
  );
  does("resize shrinks to a point", OPERATION.resize, "123/456/789", point(0, 1), "12");
  does("resize takes the corner of a mask", OPERATION.resize, "123/456/789", mask("000010000"), "12/45");
  does("resize does nothing without a selection", OPERATION.resize, "12/34", null, "12/34");
  does("resize keeps at least one cell", OPERATION.resize, "12/34", point(-5, -5), "1");
  it("resize stops at 30 by 30", () => {
    const { grid: big } = applyOperation(
      { grid: grid("1"), clipboard: null },
      { operation: OPERATION.resize, selection: bbox(0, 0, 99, 99) },
      grid("1"),
    );
    expect(big.shape).toEqual([30, 30]);
  });
  does("submit leaves the grid alone", OPERATION.submit, "12/34", null, "12/34");
});

const anyGrid: fc.Arbitrary<Grid> = fc
  .tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 }))
  .chain(([rows, columns]) =>
    fc
      .uint8Array({ minLength: rows * columns, maxLength: rows * columns, max: 9 })
      .map((data): Grid => ({ shape: [rows, columns], data })),
  );
const index = fc.integer({ min: -5, max: 40 });
const anySelection: fc.Arbitrary<Selection | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.tuple(index, index).map((at) => point(...at)),
  fc.tuple(index, index, index, index).map((corners) => bbox(...corners)),
);

describe("any sequence of operations", () => {
  it("keeps colours within 0 to 9 and sides within 1 to 30, and changes no argument", () => {
    fc.assert(
      fc.property(
        anyGrid,
        fc.array(fc.tuple(fc.integer({ min: 0, max: 38 }), anySelection), { minLength: 1, maxLength: 12 }),
        (start, actions) => {
          const copy = start.data.slice();
          let canvas: Canvas = { grid: start, clipboard: null };
          for (const [operation, selection] of actions) {
            canvas = applyOperation(canvas, { operation, ...(selection && { selection }) }, start);
            const [rows, columns] = canvas.grid.shape;
            expect(rows >= 1 && rows <= 30 && columns >= 1 && columns <= 30).toBe(true);
            expect(canvas.grid.data.length).toBe(rows * columns);
            expect(canvas.grid.data.every((color) => color <= 9)).toBe(true);
          }
          expect(start.data).toEqual(copy);
        },
      ),
    );
  });

  it("comes back after opposite moves, double flips and four turns", () => {
    fc.assert(
      fc.property(anyGrid, anySelection, (start, selection) => {
        const around = (...operations: number[]): void => {
          let canvas: Canvas = { grid: start, clipboard: null };
          for (const operation of operations)
            canvas = applyOperation(canvas, { operation, ...(selection && { selection }) }, start);
          expect(gridToRows(canvas.grid)).toEqual(gridToRows(start));
        };
        around(OPERATION.moveUp, OPERATION.moveDown);
        around(OPERATION.moveLeft, OPERATION.moveRight);
        around(OPERATION.flipHorizontal, OPERATION.flipHorizontal);
        around(OPERATION.flipVertical, OPERATION.flipVertical);
        if (selection !== undefined) return;
        around(24, 24, 24, 24);
        around(OPERATION.rotateClockwise, OPERATION.rotateCounterclockwise);
      }),
    );
  });
});
