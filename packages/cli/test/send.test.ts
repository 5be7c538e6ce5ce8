import { wandbDirectories } from "@episcope/plugin-wandb";
import { describe, expect, it } from "vitest";
import { CWD, createWorld, type World } from "./fixtures/world.js";

const RUN = "outputs/dev_episodes/run";

async function recorded(...overrides: string[]): Promise<World> {
  const world = createWorld();
  const words = ["episodes=2", "visualization=debug_off", "storage.run_name=run", ...overrides];
  expect((await world.run("play", ...words)).status).toBe(0);
  return world;
}

describe("episcope send", () => {
  it("fills a tracker from an old run, and does it again only when asked", async () => {
    const world = await recorded();
    const sent = await world.run("send", RUN, "--to", "tensorboard");
    expect(sent.out).toMatch(/^outputs\/dev_episodes\/run: sent; logging\.sinks\.tensorboard (\d+) of \1\n$/);
    expect(sent.status).toBe(0);
    const events = () =>
      world.fs.readdirSync(`${CWD}/${RUN}/tensorboard`).filter((name) => String(name).includes("tfevents"));
    expect(events()).toHaveLength(1);
    const size = world.fs.statSync(`${CWD}/${RUN}/tensorboard/${events()[0]}`).size;
    expect((await world.run("send", RUN, "--to", "tensorboard")).status).toBe(0);
    expect(world.fs.statSync(`${CWD}/${RUN}/tensorboard/${events()[0]}`).size).toBe(size);
    expect((await world.run("send", RUN, "--to", "tensorboard", "--again")).status).toBe(0);
    expect(events().length).toBeGreaterThanOrEqual(1);
  });

  it("makes a W&B run of it, with overrides of its own, once", async () => {
    const world = await recorded();
    const words = ["send", RUN, "--to", "wandb", "logging.wandb.offline_mode=true"];
    expect((await world.run(...words)).status).toBe(0);
    expect((await world.run(...words)).status).toBe(0);
    expect(wandbDirectories(`${CWD}/${RUN}`, world.fs)).toHaveLength(1);
    expect((await world.run(...words, "--again")).status).toBe(0);
    expect(wandbDirectories(`${CWD}/${RUN}`, world.fs)).toHaveLength(2);
  });

  it("says what can be switched on where nothing is", async () => {
    const world = await recorded();
    const { status, messages } = await world.run("send", RUN);
    expect(status).not.toBe(0);
    expect(messages).toContain("SINKS_NOT_FOUND");
    expect(messages).toContain("logging.sinks.tensorboard");
  });
});
