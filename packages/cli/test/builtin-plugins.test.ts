import { openRun } from "@episcope/core";
import { describe, expect, it } from "vitest";
// Inside: a clone has every package installed, so the door never meets one that is not.
import { builtinPlugins } from "../src/compose/builtin-plugins.js";
import { createWorld } from "./fixtures/world.js";

const INCLUDED = ["svg", "png", "gif", "html", "pickle", "wandb", "tensorboard", "trackio"];
const namesOf = (plugins: ReturnType<typeof builtinPlugins>): string[] => plugins.map(({ name }) => name);

describe("the program's plugins", () => {
  it("have HDF5 among them in a clone, where all packages are installed", () => {
    expect(namesOf(builtinPlugins())).toEqual([...INCLUDED, "hdf5"]);
  });

  it("lack HDF5 where its package is not installed, and then a config that asks for it names the package", async () => {
    const plugins = builtinPlugins((name) => name !== "@episcope/plugin-hdf5");
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
  });
});
