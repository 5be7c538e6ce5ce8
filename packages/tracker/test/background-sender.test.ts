import { describe, expect, it } from "vitest";
import { BackgroundSender, createWaiting, type Delivery } from "../src/index.js";

function sender(send: Delivery["send"], onRefused?: (error: unknown) => void): BackgroundSender {
  const more = onRefused === undefined ? {} : { onRefused };
  return new BackgroundSender({
    delivery: { send },
    waiting: createWaiting(),
    intervalMs: 3_600_000,
    ...more,
  });
}

const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

describe("a delivery in the background", () => {
  it("gets a round at once and a last one at the end, which the pause between rounds does not hold up", async () => {
    const rounds: boolean[] = [];
    const background = sender(async ({ last }) => void rounds.push(last));
    background.start();
    await expect.poll(() => rounds).toEqual([false]);
    expect(await background.finish(60_000)).toEqual({ state: "complete" });
    expect(rounds).toEqual([false, true]);
  });

  it("is left when its time is up", async () => {
    const background = sender(({ signal }) => never(signal));
    background.start();
    expect(await background.finish(50)).toEqual({ state: "left" });
  });

  it("ends at its first refusal, which is told once", async () => {
    const told: unknown[] = [];
    let rounds = 0;
    const error = new Error("no");
    const background = sender(
      () => {
        rounds += 1;
        return Promise.reject(error);
      },
      (cause) => told.push(cause),
    );
    background.start();
    await expect.poll(() => told).toEqual([error]);
    expect(await background.finish(60_000)).toEqual({ state: "refused", error });
    expect(rounds).toBe(1);
  });

  it("stops at once when it is told to", async () => {
    const background = sender(({ signal }) => never(signal));
    background.start();
    background.stop();
    expect(await background.finish(60_000)).toEqual({ state: "left" });
  });
});
