import { differingCells, type Grid } from "@episcope/records";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
// Inside: what a whole run gives of it are counts; which way they were come by is what can go wrong.
import { FollowedGrid } from "../src/table/followed-grid.js";
import { gridHash } from "../src/table/grid-facts.js";

const small: fc.Arbitrary<Grid> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 }))
  .chain(([rows, columns]) =>
    fc
      .record({
        data: fc.uint8Array({ minLength: rows * columns, maxLength: rows * columns, max: 2 }),
        mask: fc.option(fc.uint8Array({ minLength: rows * columns, maxLength: rows * columns, max: 1 })),
        masked: fc.boolean(),
      })
      .map(({ data, mask, masked }) => {
        const grid: Grid = { shape: [rows, columns], data };
        return masked && mask !== null ? { ...grid, mask } : grid;
      }),
  );

/** Few cells of the grid before. */
const near = (grid: Grid): fc.Arbitrary<Grid> =>
  fc.array(fc.tuple(fc.nat(grid.data.length - 1), fc.nat(2)), { maxLength: 3 }).map((changes) => {
    const data = new Uint8Array(grid.data);
    for (const [at, value] of changes) data[at] = value;
    return { ...grid, data };
  });

describe("the number of a grid", () => {
  it("does not depend on a mask that leaves nothing out", () => {
    const grid: Grid = { shape: [1, 5], data: Uint8Array.of(1, 2, 0, 1, 3) };
    const numberWith = (...mask: number[]) => gridHash({ ...grid, mask: Uint8Array.from(mask) });
    expect(numberWith(1, 1, 1, 1, 1)).toBe(gridHash(grid));
    expect(numberWith(1, 1, 1, 1, 0)).not.toBe(gridHash(grid));
  });
});

describe("FollowedGrid", () => {
  it("counts and knows grids as a look at the whole of each does", () => {
    const episode = fc
      .tuple(
        small,
        fc.option(small),
        fc.array(fc.tuple(small, small, fc.boolean(), fc.boolean()), { maxLength: 8 }),
      )
      .chain(([initial, target, steps]) => {
        let walk: fc.Arbitrary<Grid[]> = fc.constant([initial]);
        for (const [other, , isNear] of steps) {
          walk = walk.chain((grids) =>
            (isNear ? near(grids.at(-1)!) : fc.constant(other)).map((next) => [...grids, next]),
          );
        }
        return walk.map((grids) => ({ grids, target, steps }));
      });
    fc.assert(
      fc.property(episode, ({ grids, target, steps }) => {
        const followed = new FollowedGrid(grids[0]!, target);
        const known = new Map([[gridHash(grids[0]!), followed.state]]);
        for (const [at, [, before, , jumps]] of steps.entries()) {
          const from = jumps ? before : grids[at]!;
          const after = grids[at + 1]!;
          expect(followed.step(from, after, jumps)).toBe(differingCells(from, after));
          if (target !== null) expect(followed.wrong).toBe(differingCells(after, target));
          const hash = gridHash(after);
          if (known.has(hash)) expect(followed.state).toBe(known.get(hash));
          else {
            expect([...known.values()]).not.toContain(followed.state);
            known.set(hash, followed.state);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
