import { openRun } from "@episcope/core";
import { describe, expect, it } from "vitest";
// Inside: a clone has every package installed, so the door never meets one that is not.
import { builtinPlugins } from "../src/compose/builtin-plugins.js";
import { createWorld } from "./fixtures/world.js";

const INCLUDED = ["svg", "png", "gif", "html", "pickle", "wandb", "tensorboard", "trackio"];
const namesOf = (plugins: ReturnType<typeof builtinPlugins>): string[] => plugins.map(({ name }) => name);

describe("the program's plugins", () => {
  it("have HDF5 and PDF among them in a clone, where all packages are installed", () => {
    expect(namesOf(builtinPlugins())).toEqual([...INCLUDED, "hdf5", "pdf"]);
  });

  it("lack HDF5 and PDF where their packages are not installed, and then a config that asks for one names the package", async () => {
    const plugins = builtinPlugins((name) => !/plugin-(hdf5|pdf)$/.test(name));
    expect(namesOf(plugins)).toEqual(INCLUDED);
    const world = createWorld();
    await world.run("play", "episodes=1", "visualization=debug_off", "storage.run_name=run");
    const { config } = JSON.parse(
      world.read("outputs/dev_episodes/run/.episcope/config.lock.json").toString(),
    );
    const asked = { ...config, logging: { ...config.logging, log_format: "hdf5" } };
    await expect(openRun(asked, { plugins, fs: world.fs })).rejects.toMatchObject({
      code: "PLUGIN_NOT_INSTALLED",
      hint: expect.stringContaining("Install @episcope/plugin-hdf5 beside the program"),
    });
    const drawn = { ...config, visualization: { ...config.visualization, output_formats: ["pdf"] } };
    await expect(openRun(drawn, { plugins, fs: world.fs })).rejects.toMatchObject({
      code: "PLUGIN_NOT_INSTALLED",
      hint: expect.stringContaining("Install @episcope/plugin-pdf beside the program"),
    });
  });
});

describe("the renderer pdf", () => {
  it("draws the steps and summaries of a run as figures, the same live and replayed", async () => {
    const world = createWorld();
    const { status } = await world.run(
      ...["play", "episodes=1", "storage.run_name=run", "visualization.output_formats=[pdf]"],
    );
    expect(status).toBe(0);
    const files = world.files("outputs/dev_episodes/run").filter((name) => name.endsWith(".pdf"));
    expect(files).toContain("episode_0001/summary.pdf");
    const live = world.read("outputs/dev_episodes/run/episode_0001/summary.pdf");
    expect(live.subarray(0, 5).toString()).toBe("%PDF-");
    await world.run("render", "outputs/dev_episodes/run", "--output", "again");
    const replayed = await world.run(
      "replay",
      "outputs/dev_episodes/run",
      "--format",
      "pdf",
      "--output",
      "again",
    );
    expect([replayed.status, replayed.messages]).toEqual([0, expect.anything()]);
    const again = world.files("again").filter((name) => name.endsWith("summary.pdf"));
    expect(again).toHaveLength(1);
    expect(world.read(`again/${again[0]}`).equals(live)).toBe(true);
  });
});
