import { describe, expect, it } from "vitest";
// Inside: the sink reports the cause of a picture that it leaves out, but not by its code.
import { pngSize } from "../src/run/png-size.js";
import { png } from "./context.js";

describe("the size of a PNG", () => {
  it("is read from its head", () => {
    expect(pngSize(png(7, 3))).toEqual([7, 3]);
  });

  it.each([
    ["too short", Buffer.from("PNG"), /it has 3 bytes/],
    ["another format", Buffer.alloc(40, "GIF89a"), /the signature is missing/],
    [
      "without an extent",
      Buffer.concat([png(1, 1).subarray(0, 16), Buffer.alloc(16)]),
      /it is 0 by 0 pixels/,
    ],
  ])("is none of a file that is %s: WANDB_NOT_A_PNG", (_, bytes, reason) => {
    expect(() => pngSize(bytes)).toThrow(expect.objectContaining({ code: "WANDB_NOT_A_PNG" }));
    expect(() => pngSize(bytes)).toThrow(reason);
  });
});
