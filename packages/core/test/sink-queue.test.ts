import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OverflowPolicy } from "../src/index.js";
// Inside: which entry an overflow drops depends in a run on what its consumer took before.
import { ByteBudget, PROTECTED, SinkQueue } from "../src/output/sink-queue.js";

function queue(policy: OverflowPolicy, capacity = 3, bytes = 1e9) {
  return new SinkQueue<string>({ policy, capacity, budget: new ByteBudget(bytes) });
}
const place = { position: 0, stream: "record" };
const put = (target: SinkQueue<string>, item: string, rank = 0, bytes = 1) =>
  target.offer({ item, bytes, rank, place });
const rest = (target: SinkQueue<string>) =>
  target
    .take(100)
    .map((entry) => entry.item)
    .join("");

describe("a full queue", () => {
  it("drops the oldest with drop_oldest", () => {
    const target = queue("drop_oldest");
    for (const item of "abcde") put(target, item);
    expect(rest(target)).toBe("cde");
  });

  it("drops the newest with drop_newest", () => {
    const target = queue("drop_newest");
    for (const item of "abcde") put(target, item);
    expect(rest(target)).toBe("abc");
  });

  it("drops the lowest priority first with drop_low_priority, and the older among equals", () => {
    const target = queue("drop_low_priority");
    put(target, "a", 1);
    put(target, "b", 0);
    put(target, "c", 2);
    expect(put(target, "d", 1)).toBe("queued");
    expect(put(target, "e", 0)).toBe("dropped");
    expect(rest(target)).toBe("acd");
  });

  it("keeps everything in order with catch_up, and of what has no room only where it stands", () => {
    const budget = new ByteBudget(1e9);
    const target = new SinkQueue<string>({
      policy: "catch_up",
      capacity: 2,
      budget,
      shorten: (item) => ({ short: item.toUpperCase() }),
    });
    for (const item of "abcde") put(target, item, 0, 100);
    expect(budget.used).toBe(200);
    expect(target.isFull).toBe(false);
    expect(rest(target)).toBe("abCDE");
  });

  it("knows with catch_up how far it has come, and what was left for later", () => {
    const target = new SinkQueue<string>({ policy: "catch_up", capacity: 9, budget: new ByteBudget(1e9) });
    const at = (position: number, stream = "record") =>
      target.offer({ item: "x", bytes: 1, rank: 0, place: { position, stream } });
    for (const position of [0, 1, 3]) at(position);
    at(2, "picture/png");
    target.take(2);
    target.settle();
    expect(target.cursor("record", 4)).toEqual({ position: 3, written: 2, reasons: {} });
    expect(target.cursor("picture/png", 4)).toEqual({ position: 2, written: 0, reasons: {} });
    expect(target.cursor("picture/png", 1).position).toBe(1);
    target.take(1);
    target.settle("failed");
    expect(target.cursor("record", 4)).toEqual({ position: 4, written: 2, reasons: { failed: 1 } });
    target.dropAll("quarantined");
    at(4);
    target.refuse("quarantined", { position: 5, stream: "record" });
    expect(target.accounting()).toEqual({ accepted: 6, written: 2, dropped: 1, reasons: { failed: 1 } });
    expect(target.left).toBe(2);
    expect(target.cursor("picture/png", 6).position).toBe(2);
    expect(target.cursor("record", 6).position).toBe(4);
  });

  it("counts below its cursor with catch_up what was in hand when the rest was left for later", () => {
    const target = new SinkQueue<string>({ policy: "catch_up", capacity: 9, budget: new ByteBudget(1e9) });
    for (const position of [0, 1, 2, 3])
      target.offer({ item: "x", bytes: 1, rank: 0, place: { position, stream: "record" } });
    target.take(2);
    target.dropAll("shutdown_timeout");
    target.settle();
    expect(target.cursor("record", 4)).toEqual({ position: 2, written: 2, reasons: {} });
  });

  it("refuses with error, and asks the caller with block", () => {
    const strict = queue("error", 1);
    put(strict, "a");
    expect(put(strict, "b")).toBe("refused");
    const blocking = queue("block", 1);
    put(blocking, "a");
    expect(put(blocking, "b")).toBe("full");
    expect(blocking.accounting().accepted).toBe(1);
  });

  it("thins out evenly with sample, and keeps all while there is room", () => {
    const target = queue("sample", 100);
    for (let index = 0; index < 1000; index++) put(target, "x");
    const { accepted, dropped, reasons } = target.accounting();
    expect(accepted).toBe(1000);
    expect(target.length).toBeGreaterThan(90);
    expect(reasons["sampled"]).toBeGreaterThan(0);
    expect(accepted).toBe(target.length + dropped);
  });

  it.each(["drop_oldest", "drop_newest", "drop_low_priority", "sample"] as const)(
    "never drops an episode's end for ordinary steps with %s",
    (policy) => {
      const target = queue(policy, 5);
      put(target, "E", PROTECTED);
      for (let index = 0; index < 50; index++) put(target, "s", 1000);
      put(target, "F", PROTECTED);
      expect(rest(target)).toMatch(/^E.*F$/);
    },
  );

  it("is bounded in bytes over all queues that share a budget", () => {
    const budget = new ByteBudget(100);
    const first = new SinkQueue<string>({ policy: "drop_newest", capacity: 1000, budget });
    const second = new SinkQueue<string>({ policy: "drop_newest", capacity: 1000, budget });
    for (let index = 0; index < 10; index++) {
      put(first, "x", 0, 15);
      put(second, "x", 0, 15);
    }
    expect(budget.used).toBeLessThanOrEqual(100);
    expect(first.length + second.length).toBe(6);
    first.take(100);
    first.settle();
    expect(put(second, "x", 0, 40)).toBe("queued");
  });
});

describe("accounting", () => {
  it("holds to the unit for every policy and every order of events", () => {
    const events = fc.array(
      fc.oneof(
        fc.record({
          do: fc.constant("offer" as const),
          rank: fc.constantFrom(0, 1, 2, PROTECTED),
          bytes: fc.nat(50),
        }),
        fc.record({ do: fc.constant("take" as const), count: fc.nat(4), ok: fc.boolean() }),
        fc.constant({ do: "refuse" as const }),
        fc.constant({ do: "dropAll" as const }),
      ),
      { maxLength: 200 },
    );
    const policies = [
      "catch_up",
      "drop_oldest",
      "drop_newest",
      "drop_low_priority",
      "sample",
      "error",
      "block",
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...policies), events, (policy, list) => {
        const budget = new ByteBudget(200);
        const target = new SinkQueue<string>({
          policy,
          capacity: 5,
          budget,
          shorten: () => ({ short: "s" }),
        });
        let offered = 0;
        for (const event of list) {
          if (event.do === "offer") {
            if (target.offer({ item: "x", bytes: event.bytes, rank: event.rank, place }) !== "full")
              offered += 1;
          } else if (event.do === "take") {
            target.take(event.count);
            target.settle(event.ok ? undefined : "failed");
          } else if (event.do === "refuse") {
            target.refuse("quarantined", place);
            offered += 1;
          } else target.dropAll("shutdown_timeout");
          const { accepted, written, dropped, reasons } = target.accounting();
          expect(accepted).toBe(offered);
          expect(accepted).toBe(written + dropped + target.pending + target.left);
          expect(Object.values(reasons).reduce((sum, count) => sum + count, 0)).toBe(dropped);
          if (policy !== "catch_up") expect(target.length).toBeLessThanOrEqual(5);
          expect(budget.used).toBeLessThanOrEqual(200);
        }
        target.dropAll("end");
        expect(budget.used).toBe(0);
      }),
    );
  });
});
