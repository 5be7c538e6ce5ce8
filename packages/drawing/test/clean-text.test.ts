import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanText, runsRightToLeft } from "../src/index.js";

describe("cleanText", () => {
  it("leaves ordinary text alone, markup too", () => {
    expect(cleanText("Fill <3> & more")).toBe("Fill <3> & more");
    expect(cleanText("naïve 漢字 😀")).toBe("naïve 漢字 😀");
  });

  it("makes one line of many and drops terminal escapes' control characters", () => {
    expect(cleanText("a\r\n\tb\u001b[31mc")).toBe("a b [31mc");
  });

  it("replaces what reorders text, lone surrogates and noncharacters", () => {
    expect(cleanText("a\u202eb\ud800c\uffffd\u2066e")).toBe("a\ufffdb\ufffdc\ufffdd\ufffde");
  });

  it("cuts a megabyte to a length that costs nothing", () => {
    expect(cleanText("x".repeat(1_000_000)).length).toBe(2001);
  });

  it("gives well-formed text of one line for any input, and cleaning twice changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const clean = cleanText(text);
        expect(clean).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\ufffe\uffff]/);
        expect(/\p{Surrogate}/u.test(clean)).toBe(false);
        expect(cleanText(clean)).toBe(clean);
      }),
    );
  });

  it("knows letters that run from right to left", () => {
    expect(runsRightToLeft("abc שלום")).toBe(true);
    expect(runsRightToLeft("abc é 漢")).toBe(false);
  });
});
