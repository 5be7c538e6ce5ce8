import { expect, it } from "vitest";
import wandb from "../src/index.js";
import { OPTIONS } from "./context.js";

it("warns of an upload above 50 MB a minute, and says how much it would be", () => {
  const warnings = (changes: object) =>
    wandb.check?.({ ...OPTIONS, log_frequency: 1, ...changes }, { visualization: { image_quality: "high" } });
  expect(warnings({})).toEqual([expect.stringMatching(/log_frequency=1 .* about 62 MB a minute/)]);
  expect(warnings({ log_frequency: 10 })).toEqual([]);
  expect(warnings({ log_frequency: 0 })).toEqual([]);
});
