import { describe, expect, it } from "vitest";
// Inside: pictures round what these give to a few digits.
import { interquartileMean, middleText } from "../src/chart/middle-values.js";

describe("the interquartile mean", () => {
  it("is that of scipy.stats.trim_mean with a quarter cut from each end", () => {
    // trim_mean([0..9], 0.25) = 4.5; of these seven values one is cut at each end; of three none.
    expect(interquartileMean([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])).toBeCloseTo(4.5, 12);
    expect(interquartileMean([-100, 1, 2, 3, 4, 5, 900])).toBeCloseTo(3, 12);
    expect(interquartileMean([1, 2, 6])).toBeCloseTo(3, 12);
    expect(interquartileMean([7])).toBe(7);
  });

  it("is not beyond any number where the values are as large as numbers get", () => {
    expect(interquartileMean([Number.MAX_VALUE, Number.MAX_VALUE])).toBe(Number.MAX_VALUE);
  });

  it("stands in words with the median, of what is known", () => {
    expect(middleText([Number.NaN, 3, 1, 2, 100], String)).toBe("median 2.5, interquartile mean 2.5");
    expect(middleText([Number.NaN], String)).toBe("");
  });
});
