import fc from "fast-check";
import { describe, expect, it } from "vitest";
// Inside: which of its two ways moved a cell cannot be seen from the door.
import { allocateCells, moveInJavaScript } from "../src/ring/cell-move.js";

describe("moving cells in shared memory", () => {
  it("finds what is no cell, and moves alike with and without WebAssembly", () => {
    const { buffer, move } = allocateCells(4096);
    const plain = new SharedArrayBuffer(4096);
    const both = [
      { bytes: new Uint8Array(buffer), move },
      { bytes: new Uint8Array(plain), move: moveInJavaScript(plain) },
    ];
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 900, max: 15 }),
        fc.nat(7),
        fc.option(fc.record({ at: fc.nat(), value: fc.integer({ min: 16, max: 255 }) })),
        (cells, shift, fault) => {
          const data = Uint8Array.from(cells);
          if (fault !== null) data[fault.at % data.length] = fault.value;
          for (const { bytes, move } of both) {
            bytes.fill(0);
            bytes.set(data, 1024 + shift);
            expect(move(1024, 2048, 1024 + shift + data.length)).toBe(fault !== null);
            expect(bytes.slice(2048 + shift, 2048 + shift + data.length)).toEqual(data);
          }
        },
      ),
    );
  });
});
