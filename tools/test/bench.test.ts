import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const program = fileURLToPath(new URL("../bench/main.mjs", import.meta.url));

it("an unknown bench is refused, with the names that exist", () => {
  const { status, stderr } = spawnSync(process.execPath, [program, "config", "nope"], { encoding: "utf8" });
  expect([status, stderr]).toEqual([
    2,
    "no bench named nope; there are config, jax, logs, pictures, pipeline, start, wandb, wire (without a name: all)\n",
  ]);
});
