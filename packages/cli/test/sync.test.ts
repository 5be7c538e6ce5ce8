import { startWandbServer, WANDB_TEST_KEY, type WandbServer } from "@episcope/testing/wandb-server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWorld } from "./fixtures/world.js";

const RECORD = [
  ...["play", "episodes=1", "max_steps=5", "visualization=debug_off", "logging=wandb_basic"],
  "storage.run_name=mine",
];
const RUN = "outputs/dev_episodes/mine";

let server: WandbServer;
beforeEach(async () => {
  server = await startWandbServer();
});
afterEach(() => server.close());

describe("sync", () => {
  it("uploads the W&B run that was recorded without a key, and says where it is", async () => {
    const world = createWorld();
    const played = await world.run(...RECORD);
    expect(played.messages).toContain(`upload it with: episcope sync ${RUN}`);
    const online = world.with({ env: { WANDB_BASE_URL: server.origin, WANDB_API_KEY: WANDB_TEST_KEY } });
    const first = await online.run("sync", RUN);
    const [name, stored] = [...server.runs][0]!;
    expect(first).toMatchObject({ status: 0 });
    expect(first.out).toMatch(
      new RegExp(`-${name}: \\d+ rows and 1 file are at W&B: http.*/runs/${name}\n$`),
    );
    expect(stored.complete).toBe(true);
    const requests = server.requests.length;
    expect((await online.run("sync", RUN)).status).toBe(0);
    expect(server.requests).toHaveLength(requests);
  });

  it("ends with status 1 where the server refuses, and sends the rest when it is asked again", async () => {
    const world = createWorld();
    await world.run(...RECORD);
    const env = { WANDB_BASE_URL: server.origin };
    const refused = await world.with({ env: { ...env, WANDB_API_KEY: "wrong" } }).run("sync", RUN);
    expect(refused.status).toBe(1);
    expect(refused.out).toMatch(/the rest is not: .*answered 401/);
    const later = await world.with({ env: { ...env, WANDB_API_KEY: WANDB_TEST_KEY } }).run("sync", RUN);
    expect(later.status).toBe(0);
  });

  it("says what is missing: a key, or a W&B run", async () => {
    const world = createWorld();
    await world.run(...RECORD);
    const noKey = await world.with({ env: { NETRC: "/nowhere" } }).run("sync", RUN);
    expect([noKey.status, noKey.messages]).toEqual([1, expect.stringContaining("WANDB_API_KEY")]);
    await world.run("play", "episodes=1", "max_steps=2", "storage.run_name=plain");
    const noRun = await world.run("sync", "outputs/dev_episodes/plain");
    expect([noRun.status, noRun.messages]).toEqual([2, expect.stringContaining("holds nothing for W&B")]);
    expect(noRun.messages).toContain("CLI_NOTHING_TO_SYNC");
  });
});
