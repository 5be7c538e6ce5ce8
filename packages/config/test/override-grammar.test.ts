import { EpiscopeError } from "@episcope/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isSweepOverride,
  keyElement,
  parseOverride,
  QuotedString,
  sweepItems,
  writeValue,
} from "../src/override.js";
import { growthOf } from "./processor-time.js";

function failure(text: string): EpiscopeError {
  try {
    parseOverride(text);
  } catch (error) {
    if (error instanceof EpiscopeError) return error;
  }
  throw new Error(`'${text}' was accepted`);
}

describe("the head of an override", () => {
  it.each([
    ["db=mysql", "CHANGE", "db", undefined],
    ["+db/engine@backup=rocks", "ADD", "db/engine", "backup"],
    ["++a.b.0=1", "FORCE_ADD", "a.b.0", undefined],
    ["~db@=x", "DEL", "db", ""],
  ])("of %s tells type, key and package", (text, type, keyOrGroup, packageName) => {
    expect(parseOverride(text)).toMatchObject({ type, keyOrGroup, package: packageName });
  });

  it("is written back as it was", () => {
    for (const head of ["a.b", "+g@p", "++$x.0.y", "~hydra/launcher"]) {
      expect(keyElement(parseOverride(`${head}=1`))).toBe(head);
    }
  });

  it.each(["a b=1", "a..b=1", "0=1", "é=1", "a/=1", "a.b/c=1", "+++a=1", "a"])(
    "%s is refused with a column",
    (text) => {
      const error = failure(text);
      expect(error.code).toBe("OVERRIDE_SYNTAX");
      expect(error.fields.column).toBeGreaterThan(0);
    },
  );
});

describe("the value of an override", () => {
  it("is a sweep when commas stand at the top", () => {
    expect(isSweepOverride(parseOverride("a=1,2"))).toBe(true);
    expect(isSweepOverride(parseOverride("a=[1,2]"))).toBe(false);
    expect(isSweepOverride(parseOverride("a='1,2'"))).toBe(false);
  });

  it("adds decimals exactly in a range", () => {
    const items = [...sweepItems(parseOverride("a=range(0,1,0.25)"))].map(Number);
    expect(items).toEqual([0, 0.25, 0.5, 0.75]);
  });

  it("names the functions there are when one is unknown", () => {
    const error = failure("a=chioce(1,2)");
    expect(error.code).toBe("OVERRIDE_FUNCTION");
    expect(error.fields.options).toContain("choice");
  });

  it("is refused past the limit of depth, not by the stack", () => {
    expect(failure(`a=${"[".repeat(100_000)}`).code).toBe("OVERRIDE_TOO_DEEP");
    expect(failure(`a=${"f(".repeat(100_000)}`).code).toBe("OVERRIDE_TOO_DEEP");
  });

  it("keeps backslashes inside an interpolation beside escapes", () => {
    expect(parseOverride("a=x\\,${f:\\,}").value).toBe("x,${f:\\,}");
  });

  it("a sweep inside a value cannot be written as text", () => {
    const { value } = parseOverride("a=[choice(1,2)]");
    expect(() => writeValue(value)).toThrow(expect.objectContaining({ code: "OVERRIDE_VALUE_NOT_WRITABLE" }));
  });

  it("an interval, a range without step and one without bounds cannot be enumerated", () => {
    const enumerate = (text: string) => () => [...sweepItems(parseOverride(text))];
    expect(enumerate("a=interval(0,1)")).toThrow(expect.objectContaining({ code: "SWEEP_NOT_ENUMERABLE" }));
    expect(enumerate("a=range(0,1,0)")).toThrow(expect.objectContaining({ code: "SWEEP_RANGE_STEP" }));
    expect(enumerate("a=range(0,nan)")).toThrow(expect.objectContaining({ code: "SWEEP_RANGE_BOUND" }));
  });

  it("any text comes back from its quoted form", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.constantFrom("single" as const, "double" as const),
        (text, quote) => {
          const written = writeValue(new QuotedString(text, quote));
          expect(parseOverride(`a=${written}`).value).toEqual(new QuotedString(text, quote));
        },
      ),
    );
  });

  it("any text of plain and special characters comes back from its escaped form", () => {
    const chars = fc.string({ unit: fc.constantFrom(..."abX_-/.$%*@?|\\()[]{}:=,"), minLength: 1 });
    fc.assert(
      fc.property(chars, (text) => {
        const { value } = parseOverride(`a=x${writeValue(text)}`);
        expect(value).toBe(`x${text}`);
      }),
    );
  });
});

describe("the time for reading an override", () => {
  // Inputs that make backtracking parsers and regular expressions slow.
  const hostile: Record<string, (size: number) => string> = {
    "plain text": (size) => `a=${"x".repeat(size)}`,
    "a comma list": (size) => `a=${"x,".repeat(size / 2)}x`,
    blanks: (size) => `a=x${" ".repeat(size)}y`,
    "an open quote": (size) => `a='${"\\'".repeat(size / 2)}`,
    "quoted backslashes": (size) => `a='${"\\\\".repeat(size / 2)}'`,
    "open interpolations": (size) => `a=${"${".repeat(size / 2)}`,
    escapes: (size) => `a=${"\\,".repeat(size / 2)}`,
    digits: (size) => `a=x${"1_".repeat(size / 2)}`,
    "dotted keys": (size) => `${"a.".repeat(size / 2)}a=1`,
    "colons and signs": (size) => `a=${":-+.".repeat(size / 4)}`,
  };

  it.each(Object.keys(hostile))("grows linearly with %s, up to 1 MB", (name) => {
    const make = hostile[name]!;
    expect(growthOf((size) => parseOverride(make(size)), 1 << 18)).toBeLessThan(8);
  });
});

describe("the keys of a dictionary", () => {
  it("that are equal are joined, and NaN equals nothing", () => {
    const { value } = parseOverride("a={1:x,true:y,nan:p,nan:q}");
    expect(value).toMatchObject({
      entries: [
        [1, "y"],
        [Number.NaN, "p"],
        [Number.NaN, "q"],
      ],
    });
  });
});
