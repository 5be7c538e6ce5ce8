import type { Grid } from "@episcope/records";
import { at, type Box, build, crop } from "./raster.js";
import type { Example, TransformationFamily } from "./transformation.js";

/** Ways to see a grid as `count` parts of one size, side by side, with or without a line between them. */
interface Split {
  readonly down: boolean;
  readonly count: number;
  readonly gap: 0 | 1;
}

function partsOf(grid: Grid, split: Split): Grid[] | null {
  const length = grid.shape[split.down ? 0 : 1];
  const size = (length - split.gap * (split.count - 1)) / split.count;
  if (!Number.isInteger(size) || size < 1) return null;
  return Array.from({ length: split.count }, (_, index) => {
    const start = index * (size + split.gap);
    const box: Box = split.down
      ? { top: start, bottom: start + size - 1, left: 0, right: grid.shape[1] - 1 }
      : { top: 0, bottom: grid.shape[0] - 1, left: start, right: start + size - 1 };
    return crop(grid, box);
  });
}

const SPLITS: readonly Split[] = [2, 3, 4].flatMap((count) =>
  [true, false].flatMap((down) => ([0, 1] as const).map((gap) => ({ down, count, gap }))),
);

/** Lays the parts of the input over each other; what each combination of colours gives is read off the examples. */
export const overlayParts: TransformationFamily = {
  name: "overlay parts",
  infer: (examples) =>
    SPLITS.flatMap((split) => {
      const table = overlayTable(examples, split);
      if (table === null) return [];
      const line = split.gap === 1 ? " beside the lines" : "";
      return [
        {
          name: `lay the ${split.count} parts${line} ${split.down ? "under" : "beside"} each other over one another`,
          apply: (grid: Grid) => {
            const parts = partsOf(grid, split);
            if (parts === null) return null;
            let known = true;
            const laid = build(parts[0]!.shape[0], parts[0]!.shape[1], (r, c) => {
              const color = table.get(combination(parts, r, c));
              if (color === undefined) known = false;
              return color ?? 0;
            });
            return known ? laid : null;
          },
        },
      ];
    }),
};

/** Null where a part has not the shape of the output, or one combination gives two colours. */
function overlayTable(examples: readonly Example[], split: Split): Map<string, number> | null {
  const table = new Map<string, number>();
  for (const { input, output } of examples) {
    const parts = partsOf(input, split);
    const [rows, columns] = output.shape;
    if (parts === null || parts[0]!.shape[0] !== rows || parts[0]!.shape[1] !== columns) return null;
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        const key = combination(parts, r, c);
        const color = at(output, r, c);
        if ((table.get(key) ?? color) !== color) return null;
        table.set(key, color);
      }
  }
  return table;
}

const combination = (parts: readonly Grid[], r: number, c: number): string =>
  parts.map((part) => at(part, r, c)).join();
