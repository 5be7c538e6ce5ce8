import { expect, it } from "vitest";
import wandb from "../src/index.js";

const base = {
  project_name: "p",
  entity: null,
  tags: [],
  log_frequency: 1,
  image_format: "png",
  max_image_size: [800, 600],
  log_gradients: false,
  log_model_topology: false,
  offline_mode: true,
} as const;

it("warns of an upload above 50 MB a minute, and says how much it would be", () => {
  const warnings = (changes: object) =>
    wandb.check?.({ ...base, ...changes }, { visualization: { image_quality: "high" } });
  expect(warnings({})).toEqual([expect.stringMatching(/log_frequency=1 .* about 182 MB a minute/)]);
  expect(warnings({ log_frequency: 10 })).toEqual([]);
  expect(warnings({ log_frequency: 0 })).toEqual([]);
});
