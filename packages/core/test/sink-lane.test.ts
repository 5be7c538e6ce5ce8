import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { OverflowPolicy } from "../src/index.js";
// Inside: a lane by itself can be brought to turns that a run takes once in a thousand.
import { FinalFailure, type LaneConsumer, SinkLane } from "../src/output/sink-lane.js";
import { ByteBudget, SinkQueue } from "../src/output/sink-queue.js";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function lane(consumer: LaneConsumer<number>, policy: OverflowPolicy = "drop_low_priority", capacity = 1000) {
  const errors: { code: string }[] = [];
  const queue = new SinkQueue<number>({ policy, capacity, budget: new ByteBudget(1e9) });
  const made = new SinkLane<number>({
    key: "logging.sinks.it",
    consumer,
    queue,
    batchSize: 10,
    flushIntervalMs: 5_000,
    timeoutMs: 30_000,
    abort: new AbortController(),
    report: (error) => void errors.push(error as { code: string }),
  });
  return { lane: made, errors };
}

async function settle<T>(promise: Promise<T>): Promise<T> {
  const guarded = promise.then(
    (value) => () => value,
    (error) => () => {
      throw error;
    },
  );
  await vi.runAllTimersAsync();
  return (await guarded)();
}

describe("a lane", () => {
  it("writes a batch when it is full, and a smaller one after the flush interval", async () => {
    const batches: number[] = [];
    const { lane: it } = lane({ write: (batch) => void batches.push(batch.length) });
    for (let index = 0; index < 13; index++) it.offer(index, 1, 0);
    await vi.advanceTimersByTimeAsync(1);
    expect(batches).toEqual([10, 3]);
    it.offer(1, 1, 0);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(batches).toEqual([10, 3]);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(batches).toEqual([10, 3, 1]);
  });

  it("does not call a sink inside the producer's call", () => {
    const write = vi.fn();
    const { lane: it } = lane({ write });
    for (let index = 0; index < 100; index++) it.offer(index, 1, 0);
    expect(write).not.toHaveBeenCalled();
  });

  it("flushes only when what was offered before is written, and the sink has flushed", async () => {
    const seen: string[] = [];
    const { lane: it } = lane({
      write: async (batch) => {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        seen.push(`write ${batch.length}`);
      },
      flush: () => void seen.push("flush"),
    });
    for (let index = 0; index < 25; index++) it.offer(index, 1, 0);
    await settle(it.flush());
    expect(seen).toEqual(["write 10", "write 10", "write 5", "flush"]);
    expect(it.accounting()).toEqual({ accepted: 25, written: 25, dropped: 0, reasons: {} });
  });

  it("counts what blocks when its sink is given up over it, and flushes", async () => {
    const throws = lane(
      {
        write: () => {
          throw new Error("as asked");
        },
      },
      "block",
      20,
    );
    for (let index = 0; index < 500; index++) throws.lane.offer(index, 1, 0);
    await settle(throws.lane.flush());
    const { accepted, written, dropped } = throws.lane.accounting();
    expect({ accepted, written, dropped }).toEqual({ accepted: 500, written: 0, dropped: 500 });
    expect(throws.lane.quarantine).not.toBeNull();
  });

  it("never has two writes at once, and gives items in order", async () => {
    let running = 0;
    const items: number[] = [];
    const { lane: it } = lane({
      write: async (batch) => {
        running += 1;
        expect(running).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 10));
        items.push(...batch);
        running -= 1;
      },
    });
    for (let index = 0; index < 50; index++) it.offer(index, 1, 0);
    await settle(it.flush());
    expect(items).toEqual(Array.from({ length: 50 }, (_, index) => index));
  });

  it("tries a batch again, and gives up on it after two more times", async () => {
    let calls = 0;
    const { lane: it, errors } = lane({
      write: () => {
        calls += 1;
        if (calls <= 2) throw new Error("busy");
      },
    });
    it.offer(1, 1, 0);
    await settle(it.flush());
    expect(calls).toBe(3);
    expect(it.accounting().written).toBe(1);
    expect(errors.map((error) => error.code)).toEqual(["SINK_FAILED", "SINK_FAILED"]);
  });

  it("quarantines a sink that always fails, and counts what it would have got", async () => {
    const { lane: it, errors } = lane({ write: () => Promise.reject(new Error("no")) });
    for (let index = 0; index < 100; index++) it.offer(index, 1, 0);
    await settle(it.flush());
    it.offer(100, 1, 0);
    expect(it.quarantine).toContain("10 times");
    expect(errors.at(-1)?.code).toBe("SINK_QUARANTINED");
    const { accepted, written, dropped } = it.accounting();
    expect({ accepted, written, dropped }).toEqual({ accepted: 101, written: 0, dropped: 101 });
  });

  it("quarantines a sink that never answers after its time limit", async () => {
    const { lane: it, errors } = lane({ write: () => new Promise(() => {}) });
    it.offer(1, 1, 0);
    await settle(it.flush());
    expect(errors.map((error) => error.code)).toEqual(["SINK_TIMEOUT", "SINK_QUARANTINED"]);
    expect(it.accounting().reasons).toEqual({ quarantined: 1 });
  });

  it("drops and counts what a slow sink has not got when the close is due", async () => {
    const { lane: it } = lane({ write: () => new Promise((resolve) => setTimeout(resolve, 900)) });
    for (let index = 0; index < 50; index++) it.offer(index, 1, 0);
    await settle(it.close(new Promise((resolve) => setTimeout(resolve, 2_000))));
    const { accepted, written, dropped, reasons } = it.accounting();
    expect(reasons["shutdown_timeout"]).toBeGreaterThan(0);
    expect(accepted).toBe(written + dropped);
  });

  it("closes a sink whose close throws", async () => {
    const { lane: it, errors } = lane({
      write: () => {},
      close: () => {
        throw new Error("at close");
      },
    });
    await settle(it.close(new Promise(() => {})));
    expect(errors.map((error) => error.code)).toEqual(["SINK_FAILED"]);
  });

  it("writes on the producer's time when a blocking queue is full", async () => {
    const items: number[] = [];
    const { lane: it } = lane({ write: (batch) => void items.push(...batch) }, "block", 20);
    for (let index = 0; index < 1000; index++) it.offer(index, 1, 0);
    await settle(it.flush());
    expect(items).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    expect(it.accounting().dropped).toBe(0);
  });

  it("keeps a blocking queue at its bound, however soon the next entry comes", async () => {
    const { lane: it } = lane({ write: () => {} }, "block", 20);
    let most = 0;
    for (let index = 0; index < 1000; index++) {
      it.offer(index, 1, 0);
      most = Math.max(most, it.pending);
    }
    expect(most).toBe(20);
    await settle(it.flush());
    expect(it.accounting()).toEqual({ accepted: 1000, written: 1000, dropped: 0, reasons: {} });
  });

  it("waits for a consumer in another thread when a blocking queue is full, and writes nothing twice", async () => {
    const items: number[] = [];
    let answer = (): void => {};
    const consumer: LaneConsumer<number> = {
      write: (batch) => {
        items.push(...batch);
        return new Promise((resolve) => {
          answer = resolve;
          setTimeout(resolve, 10);
        });
      },
      // The answer is there before the promise's continuation can run.
      wait: () => {
        answer();
        return true;
      },
    };
    const { lane: it } = lane(consumer, "block", 20);
    for (let index = 0; index < 200; index++) {
      it.offer(index, 1, 0);
      expect(it.pending).toBeLessThanOrEqual(20);
    }
    await settle(it.flush());
    expect(items).toEqual(Array.from({ length: 200 }, (_, index) => index));
    expect(it.accounting()).toEqual({ accepted: 200, written: 200, dropped: 0, reasons: {} });
  });

  it("sees a batch through that failed while it was waited for", async () => {
    let calls = 0;
    const consumer: LaneConsumer<number> = {
      write: () => (++calls === 1 ? Promise.reject(new Error("busy")) : Promise.resolve()),
      wait: () => false,
    };
    const { lane: it, errors } = lane(consumer, "block", 20);
    for (let index = 0; index < 50; index++) it.offer(index, 1, 0);
    await settle(it.flush());
    expect(it.accounting()).toEqual({ accepted: 50, written: 50, dropped: 0, reasons: {} });
    expect(errors.map((error) => error.code)).toEqual(["SINK_FAILED"]);
  });

  it("does not try again what a consumer gives up, and goes on unless that says why not", async () => {
    const failures = [
      new FinalFailure(new Error("lost"), null),
      new FinalFailure(new Error("gone"), "it is gone"),
    ];
    let calls = 0;
    const { lane: it, errors } = lane({ write: () => Promise.reject(failures[calls++]) });
    for (let index = 0; index < 30; index++) it.offer(index, 1, 0);
    await settle(it.flush());
    expect([calls, it.quarantine]).toEqual([2, "it is gone"]);
    expect(it.accounting()).toMatchObject({ written: 0, reasons: { failed: 10, quarantined: 20 } });
    expect(errors.map((error) => error.code)).toEqual(["SINK_FAILED", "SINK_FAILED", "SINK_QUARANTINED"]);
  });

  it("does not let a close that hangs outlive the deadline by more than two seconds", async () => {
    const { lane: it, errors } = lane({ write: () => {}, close: () => new Promise(() => {}) });
    const started = Date.now();
    await settle(it.close(new Promise((resolve) => setTimeout(resolve, 1_000))));
    expect(Date.now() - started).toBeLessThanOrEqual(3_000);
    expect(errors.map((error) => error.code)).toEqual(["SINK_TIMEOUT", "SINK_QUARANTINED"]);
  });

  it("fails a sink with the policy error once its queue is full", () => {
    const { lane: it } = lane({ write: () => {} }, "error", 2);
    expect([it.offer(1, 1, 0), it.offer(2, 1, 0), it.offer(3, 1, 0)]).toEqual([true, true, false]);
    expect(it.quarantine).toContain("'error'");
    expect(it.accounting()).toEqual({
      accepted: 3,
      written: 0,
      dropped: 3,
      reasons: { overflow: 1, quarantined: 2 },
    });
  });
});
