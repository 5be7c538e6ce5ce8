import type { InventoryEpisode } from "@episcope/records/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CleanupPolicy } from "../src/index.js";
import { manual, oldestFirst, sizeBased } from "../src/plugins/cleanup-policies.js";

type Definition = typeof manual;
const planner = async (definition: Definition) => (await definition.create({}, {} as never)) as CleanupPolicy;
const episode = (number: number, more: Partial<InventoryEpisode> = {}): InventoryEpisode => ({
  run: "r",
  number,
  ended: number,
  success: false,
  pictureBytes: 100,
  logBytes: 10,
  ...more,
});
const inventory = (episodes: InventoryEpisode[]) => ({
  episodes,
  totalBytes: episodes.reduce((sum, one) => sum + one.pictureBytes + one.logBytes, 0),
});
const shown = (steps: readonly { episode: number; what: string }[]) =>
  steps.map((step) => `${step.episode} ${step.what}`);

describe("oldest_first", () => {
  it("takes whole episodes by age until the total is within the limit", async () => {
    const policy = await planner(oldestFirst);
    const all = inventory([episode(3), episode(1), episode(2), episode(4)]);
    expect(shown(policy.plan(all, { maxBytes: 220 }, 0))).toEqual(["1 episode", "2 episode"]);
  });
});

describe("size_based", () => {
  it("takes the largest pictures first, and logs only when pictures are not enough", async () => {
    const policy = await planner(sizeBased);
    const all = inventory([episode(1), episode(2, { pictureBytes: 500 }), episode(3, { pictureBytes: 200 })]);
    expect(shown(policy.plan(all, { maxBytes: 400 }, 0))).toEqual(["2 pictures"]);
    expect(shown(policy.plan(all, { maxBytes: 20 }, 0))).toEqual([
      "2 pictures",
      "1 pictures",
      "3 pictures",
      "1 episode",
    ]);
  });

  it("keeps successes and the newest longest", async () => {
    const policy = await planner(sizeBased);
    const all = inventory([
      episode(1, { success: true, pictureBytes: 900 }),
      episode(2),
      episode(3),
      episode(4, { logBytes: 500 }),
    ]);
    expect(shown(policy.plan(all, { maxBytes: 0 }, 0))).toEqual([
      "2 pictures",
      "3 pictures",
      "1 pictures",
      "4 pictures",
      "2 episode",
      "3 episode",
      "1 episode",
      "4 episode",
    ]);
  });
});

describe("every policy", () => {
  const episodes = fc.array(
    fc.record({
      ended: fc.option(fc.nat(100), { nil: null }),
      success: fc.boolean(),
      pictureBytes: fc.nat(1000),
      logBytes: fc.nat(1000),
    }),
    { maxLength: 30 },
  );

  it("never plans an open episode, frees what it says, and stops once it is enough", async () => {
    for (const definition of [oldestFirst, sizeBased, manual]) {
      const policy = await planner(definition);
      fc.assert(
        fc.property(episodes, fc.nat(20_000), (list, maxBytes) => {
          const all = inventory(list.map((one, index) => episode(index + 1, one)));
          const steps = policy.plan(all, { maxBytes }, 0);
          let total = all.totalBytes;
          for (const step of steps) {
            expect(total).toBeGreaterThan(maxBytes);
            expect(all.episodes[step.episode - 1]!.ended).not.toBeNull();
            total -= step.bytes;
          }
          expect(total).toBeGreaterThanOrEqual(0);
          const open = all.episodes.filter((one) => one.ended === null);
          const untouchable = inventory(open).totalBytes;
          if (definition !== manual) expect(total).toBeLessThanOrEqual(Math.max(maxBytes, untouchable));
          else expect(steps).toEqual([]);
        }),
      );
    }
  });
});
