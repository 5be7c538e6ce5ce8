import { describe, expect, it } from "vitest";
import { createWorld } from "./fixtures/world.js";

describe("options of the W&B sink", () => {
  it.each([
    ["logging.wandb.project_name='a/b'", "project_name"],
    ["logging.wandb.tags=['']", "tags"],
    ["logging.wandb.image_format=gif", "image_format"],
    ["logging.wandb.max_image_size=[0,600]", "max_image_size"],
    ["logging.wandb.log_frequency=-1", "log_frequency"],
  ])("are checked before a run is made: %s", async (override, key) => {
    const world = createWorld();
    const { status, messages } = await world.run("play", "episodes=1", "logging=wandb_basic", override);
    expect(status).toBe(1);
    expect(messages).toMatch(new RegExp(`logging\\.wandb(?:\\.|: )${key}`));
    expect(world.files("")).toEqual([]);
  });
});
