import { createGrid } from "@episcope/records";
import { blank } from "@episcope/testing/small-run";
import fc from "fast-check";
import type { StepInput } from "../src/index.js";

const [rows, columns] = blank.shape;
export const cells: number = rows * columns;
const grid = fc.oneof(
  fc.uint8Array({ minLength: cells, maxLength: cells, max: 9 }).map((data) => ({ shape: blank.shape, data })),
  fc.constantFrom(createGrid(2, 2, 1), createGrid(64, 64, 15), createGrid(30, 30, 3)),
  // No grids, or such with padding.
  fc.constantFrom(
    { shape: [2, 2], data: new Uint8Array(3) },
    { shape: [0, 1], data: new Uint8Array(0) },
    { shape: [1, 1], data: Uint8Array.of(16) },
    { shape: [1, 3], data: Uint8Array.of(1, 2, 200) },
    { shape: [1, 2], data: Uint8Array.of(1, 2), mask: Uint8Array.of(1, 0) },
    { shape: [1, 2], data: Uint8Array.of(1, 2), colour: 3 },
    { shape: [1, 2], data: [3, 4] },
    null,
  ),
);
/** Of an episode that begins with `blank`: steps of every form, wrong ones too. */
export const input: fc.Arbitrary<StepInput> = fc.record(
  {
    action: fc.oneof(
      fc.record({ operation: fc.nat(34) }),
      fc.record({
        operation: fc.nat(34),
        selection: fc.oneof(
          fc
            .uint8Array({ minLength: cells, maxLength: cells, max: 1 })
            .map((mask) => ({ kind: "mask", mask })),
          fc.constantFrom(
            { kind: "point", point: [0, 0] },
            { kind: "point", point: [-1, 2 ** 40] },
            { kind: "point", point: [1, 0.5] },
            { kind: "bbox", bbox: [0, 0, 1, 1] },
            { kind: "bbox", bbox: [0, 0, 1] },
            { kind: "mask", mask: new Uint8Array(5) },
            { kind: "mask", mask: new Uint8Array(cells).fill(7) },
            { kind: "circle", mask: new Uint8Array(cells) },
          ),
        ),
      }),
      fc.constantFrom({ operation: 1.5 }, { operation: 1, name: "paint" }, { operation: 1, force: 2 }, null),
    ),
    after: grid,
    reward: fc.oneof(fc.double(), fc.constantFrom("1", null)),
    info: fc.oneof(
      fc.record({ similarity: fc.double({ min: 0, max: 1 }), note: fc.string() }, { requiredKeys: [] }),
      fc.constantFrom(
        { metrics: { loss: 0.5, entropy: Number.NaN } },
        { metrics: { loss: "low" } },
        { success: "yes" },
        { similarity: "0.5" },
        { nested: { deep: [1, 2] } },
        JSON.parse('{"__proto__": 1}') as object,
        Object.assign(Object.create({ inherited: 1 }), { own: 2 }),
        { call: () => 1 },
        { left: undefined },
        [],
      ),
    ),
    terminated: fc.constantFrom(true, false, undefined, 1),
  },
  { requiredKeys: ["action", "after", "reward"] },
) as unknown as fc.Arbitrary<StepInput>;
