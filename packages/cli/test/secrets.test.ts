import { describe, expect, it } from "vitest";
import { CWD, createWorld } from "./fixtures/world.js";

const CANARY = "canary-5b1d9e";
const ENV = { TOKEN: CANARY, KEY_FILE: "key.txt" };

function world() {
  return createWorld({ env: ENV, files: { "key.txt": `${CANARY}-file\n` } });
}

describe("what a config takes from the environment, or as a secret,", () => {
  it("stands in no file of a run and in no message", async () => {
    const place = world();
    const outcome = await place.run(
      ...["play", "episodes=1", "agent=random", "max_steps=2", "storage.run_name=run"],
      ...["visualization=debug_verbose", "logging=wandb_full", "logging.log_format=json"],
      ...["+note=${oc.env:TOKEN}", "+again=x-${note}", "+deep.list=[${secret:TOKEN},${secret:KEY}]"],
    );
    expect(outcome.status).toBe(0);
    expect(outcome.messages + outcome.out).not.toContain(CANARY);
    const files = place.files(".").filter((name) => name !== "key.txt");
    const holders = files.filter((name) => {
      const path = `${CWD}/${name}`;
      return place.fs.statSync(path).isFile() && place.fs.readFileSync(path).includes(CANARY);
    });
    expect(files.length).toBeGreaterThan(20);
    expect(holders).toEqual([]);
    const lock = JSON.parse(place.read("outputs/dev_episodes/run/.episcope/config.lock.json").toString()) as {
      config: Record<string, unknown>;
    };
    expect(lock.config).toMatchObject({
      note: "${oc.env:TOKEN}",
      again: "x-${note}",
      deep: { list: ["${secret:TOKEN}", "${secret:KEY}"] },
    });
    const drawn = await place.run(
      "replay",
      "outputs/dev_episodes/run",
      "--format",
      "svg",
      "--episode",
      "1",
      "--step",
      "0",
    );
    expect([drawn.status, drawn.messages]).toEqual([0, expect.not.stringContaining(CANARY)]);
  });

  it.each([
    ["play", "storage.max_storage_gb=${oc.env:TOKEN}"],
    ["play", "storage.max_storage_gb=${secret:KEY}"],
    ["play", "storage.cleanup_policy=${secret:TOKEN}"],
    ["config", "+a=${secret:TOKEN}", "--resolve"],
    ["config", "+a=${secret:KEY}", "--resolve"],
  ])("is not printed: %s %s", async (...words) => {
    const outcome = await world().run(...words);
    expect(outcome.messages + outcome.out).not.toContain(CANARY);
    expect(outcome.messages + outcome.out).toMatch(/\*\*\*|TOKEN|KEY/);
  });

  it("is missed by name", async () => {
    const outcome = await world().run("config", "+a=${secret:NOPE}", "--resolve");
    expect([outcome.status, outcome.messages]).toEqual([1, expect.stringContaining("NOPE")]);
  });
});

describe("an output that is not where it was asked for", () => {
  const words = ["play", "episodes=1", "agent=random", "max_steps=1", "visualization=debug_off"];

  it("ends with status 3, or with storage.on_unwritable=fail does not begin", async () => {
    const place = createWorld({ files: { outputs: "a file is in the way" } });
    const moved = await place.run(...words);
    expect([moved.status, moved.messages]).toEqual([3, expect.stringContaining("instead")]);
    const failed = await place.run(...words, "storage.on_unwritable=fail");
    expect([failed.status, failed.out]).toEqual([1, ""]);
    expect(failed.messages).toContain("OUTPUT_UNWRITABLE");
  });
});

it("a secret that is not there is named", async () => {
  const { status, messages } = await world().run("config", "+a=${secret:NOBODY}", "--resolve");
  expect(status).toBe(1);
  expect(messages).toContain("the secret 'NOBODY' is not there");
});
