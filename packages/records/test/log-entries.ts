import type { StreamRecord } from "@episcope/records";
import { type Decisions, type LogItem, NOTHING_DECIDED, type RunItem } from "@episcope/records/store";
import fc from "fast-check";
import { episode, runRecord } from "./arbitrary-records.js";

export interface Entry {
  readonly record: StreamRecord;
  readonly decisions: Decisions;
}

const REASONS = ["first", "last", "new_best", "reward_outlier"] as const;

const decisions: fc.Arbitrary<Decisions> = fc.oneof(
  fc.constant(NOTHING_DECIDED),
  fc.record(
    {
      global_step: fc.option(fc.nat(1_000_000)),
      priority: fc.oneof(fc.nat(3), fc.double({ noNaN: true })),
      key: fc.subarray([...REASONS]),
      draw: fc.constantFrom(null, true, false),
    },
    { noNullPrototype: true },
  ),
);

/** Records of several episodes at once; keys come again, and some episodes never end. */
export const entries: fc.Arbitrary<Entry[]> = fc
  .tuple(
    fc.array(fc.tuple(episode("a"), fc.boolean()), { minLength: 1, maxLength: 3 }),
    fc.array(episode("ü"), { minLength: 1, maxLength: 2 }),
    fc.array(runRecord, { maxLength: 6 }),
    fc.array(fc.nat(2), { maxLength: 60 }),
    fc.infiniteStream(decisions),
  )
  .map(([first, second, others, order, decided]) => {
    const last = first.length - 1;
    const queues: StreamRecord[][] = [
      first.flatMap(([records, ends], at) => (ends || at < last ? records : records.slice(0, -1))),
      second.flat(),
      [...others],
    ];
    const records: StreamRecord[] = [];
    for (const at of order) {
      const next = queues[at]!.shift();
      if (next !== undefined) records.push(next);
    }
    records.push(...queues.flat());
    return records.map((record) => {
      const drawn = decided.next().value as Decisions;
      // Minus zero is no priority of its own.
      return { record, decisions: { ...drawn, priority: drawn.priority + 0 || 0 } };
    });
  });

/** What a reader gives of the records when they are appended in this order. */
export function numbered(list: readonly Entry[]): RunItem[] {
  const open = new Map<string, number>();
  let episodes = 0;
  return list.map(({ record, decisions: decided }, position) => {
    if (record.type === "episode-start") open.set(record.episode, ++episodes);
    const number = "episode" in record ? open.get(record.episode)! : null;
    return { position, record, episode: number, decisions: decided, lost: null };
  });
}

/** Without the bytes. */
export function plain({ position, record, episode: number, decisions: decided, lost }: LogItem): RunItem {
  return { position, record, episode: number, decisions: decided, lost };
}
