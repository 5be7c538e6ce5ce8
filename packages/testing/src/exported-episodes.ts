import { type EpisodeRecord, type Grid, operationName } from "@episcope/records";
import { grid } from "./text-grids.js";

const start = grid("12/30");
const masked: Grid = { ...grid("123/045"), mask: Uint8Array.from([1, 1, 1, 0, 1, 1]) };
const wholeMask: Grid = { ...grid("120/345"), mask: Uint8Array.from([1, 1, 1, 1, 1, 1]) };

/** An episode with everything that is hard to keep: NUL, lone surrogates, NaN, -0, padding, integers beyond 32 bits. */
export const AWKWARD_EPISODE: readonly EpisodeRecord[] = [
  {
    type: "episode-start",
    seq: 0,
    episode: "key\0with NUL",
    time: 1000.25,
    task_id: "NaN",
    pair_index: 2 ** 40,
    mode: "test",
    initial: start,
    input: masked,
    target: grid("123/345"),
    meta: { "": "empty", deep: [null, { "-0": -0 }], word: "Infinity", text: "日本 \u0000 \ud800" },
  },
  step(0, { operation: 33, selection: { kind: "bbox", bbox: [0, -3, 2 ** 35, 1] } }, masked, {
    similarity: 0.25,
    success: false,
    metrics: { "loss/value": 1.5, é: -0, gone: Number.NaN, "\ud800": 2, "": 3, "..": 4 },
    note: "ünï\0",
  }),
  step(1, { operation: 99, name: "a\0b" }, wholeMask, { metrics: {} }),
  {
    ...step(
      2,
      { operation: 3, name: "日本", selection: { kind: "mask", mask: Uint8Array.of(1, 0, 0, 1) } },
      start,
      {
        similarity: Number.NaN,
        success: true,
        metrics: { é: Number.POSITIVE_INFINITY },
      },
    ),
    before: grid("00/01"),
    state: { clipboard: [1, Number.NaN, "NaN"] },
    truncated: true,
  },
  step(3, { operation: -7, selection: { kind: "point", point: [-(2 ** 31), 1] } }, start, {}),
  {
    type: "episode-end",
    seq: 5,
    episode: "key\0with NUL",
    time: 1010.5,
    outcome: "truncated",
    totals: { steps: 4, reward: -0, final_similarity: null, best_similarity: 1 },
  },
];

function step(
  at: number,
  action: Extract<EpisodeRecord, { type: "step" }>["action"],
  after: Grid,
  info: Extract<EpisodeRecord, { type: "step" }>["info"],
): Extract<EpisodeRecord, { type: "step" }> {
  return {
    type: "step",
    seq: at + 1,
    episode: "key\0with NUL",
    step: at,
    time: 1001 + at / 8,
    action,
    after,
    reward: at === 1 ? Number.NEGATIVE_INFINITY : -0,
    terminated: false,
    truncated: false,
    info,
  };
}

/** What an export keeps: not `seq`, nor whether a name or a grid before a step was said that was known anyway. */
export function asExported(records: readonly EpisodeRecord[]): unknown[] {
  let last: Grid | null = null;
  return records.map((record) => {
    const { seq: _seq, ...kept } = record;
    if (kept.type === "episode-start") last = kept.initial;
    if (kept.type !== "step") return kept;
    const { name: _name, ...action } = kept.action;
    const step = { ...kept, action, name: operationName(kept.action), before: kept.before ?? last };
    last = kept.after;
    return step;
  });
}
