import fc from "fast-check";
import { expect, it } from "vitest";
// Inside: no scene has every arrangement of bands.
import { Sweep } from "../src/raster/sweep.js";

it("a sweep tells the bands of each line that it is asked for, in their order", () => {
  const band = fc
    .tuple(fc.integer({ min: -5, max: 40 }), fc.integer({ min: -3, max: 30 }))
    .map(([top, height]) => ({ top, bottom: top + height }));
  fc.assert(
    fc.property(
      fc.array(band, { maxLength: 30 }),
      fc.subarray(Array.from({ length: 30 }, (_, y) => y)),
      (bands, lines) => {
        const sweep = new Sweep(bands, 30);
        for (const y of lines) {
          const covering = [...bands.keys()].filter((i) => bands[i]!.top <= y && y < bands[i]!.bottom);
          expect([...sweep.at(y)]).toEqual(covering);
        }
      },
    ),
  );
});
