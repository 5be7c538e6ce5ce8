import fc from "fast-check";
import { describe, expect, it } from "vitest";
// Inside: a picture shows a few ranges, its axes must be right for any.
import { padRange, quantile, robustRange, tickLabels, ticksOf } from "../src/chart/axis.js";

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe("ticks", () => {
  it("are round numbers inside the range", () => {
    expect(ticksOf({ low: -0.26, high: 0.34 }, 4)).toEqual([-0.2, 0, 0.2]);
    expect(ticksOf({ low: 0, high: 59 }, 4)).toEqual([0, 20, 40]);
  });

  it("are integers where steps are counted", () => {
    expect(ticksOf({ low: -0.5, high: 2.5 }, 8, true)).toEqual([0, 1, 2]);
  });

  it("stay inside any range, ascend and are few", () => {
    fc.assert(
      fc.property(value, fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (low, span) => {
        const high = low + span;
        const ticks = ticksOf({ low, high }, 5);
        fc.pre(high > low);
        expect(ticks.length).toBeLessThanOrEqual(12);
        // Rounding of the ends themselves, and of index times step.
        const room = (high - low) * 1e-6 + Math.abs(low) * 1e-14;
        for (const [index, tick] of ticks.entries()) {
          expect(tick).toBeGreaterThanOrEqual(low - room);
          expect(tick).toBeLessThanOrEqual(high + room);
          if (index > 0) expect(tick).toBeGreaterThan(ticks[index - 1]!);
        }
      }),
    );
  });

  it("are labelled with one number of decimals and a true minus sign", () => {
    expect(tickLabels([-0.5, 0, 0.5])).toEqual(["−0.5", "0.0", "0.5"]);
    expect(tickLabels([0])).toEqual(["0"]);
  });
});

describe("the robust range", () => {
  it("is the whole range of ordinary values", () => {
    expect(robustRange([0.1, 0.3, -0.2, 0.2, 0])).toEqual({ low: -0.2, high: 0.3 });
  });

  it("leaves out a final bonus that would squash the rest into a line", () => {
    const rewards = [...Array.from({ length: 59 }, (_, step) => Math.sin(step) / 10), 10];
    const range = robustRange(rewards)!;
    expect(range.high).toBeLessThan(1);
    expect(range.low).toBeCloseTo(Math.min(...rewards));
  });

  it("keeps all-negative and constant episodes", () => {
    expect(robustRange(new Array(60).fill(-0.01))).toEqual({ low: -0.01, high: -0.01 });
    expect(padRange({ low: -0.01, high: -0.01 })).toEqual({ low: -0.015, high: -0.005 });
  });

  it("is null without a finite value and ignores what is not finite", () => {
    expect(robustRange([Number.NaN, Number.POSITIVE_INFINITY])).toBeNull();
    expect(robustRange([Number.NaN, 2])).toEqual({ low: 2, high: 2 });
  });

  it("never leaves the values' own range", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (values) => {
        const { low, high } = robustRange(values)!;
        expect(low).toBeGreaterThanOrEqual(Math.min(...values));
        expect(high).toBeLessThanOrEqual(Math.max(...values));
        expect(low).toBeLessThanOrEqual(high);
      }),
    );
  });
});

it("a quantile lies between its neighbours", () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(quantile([7], 0.95)).toBe(7);
});
