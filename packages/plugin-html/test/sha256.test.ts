// Inside: a wrong sum shows only in a browser, which then refuses the page's script and style.
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { sha256 } from "../src/sha256.js";

it("sums texts of every length around a block as Node does, beyond ASCII too", () => {
  for (let length = 0; length < 200; length += 1) {
    for (const text of ["x".repeat(length), "é漢".repeat(length)]) {
      expect(sha256(text)).toBe(createHash("sha256").update(text).digest("base64"));
    }
  }
});
