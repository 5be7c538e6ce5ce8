import {
  type EpisodeEndRecord,
  type EpisodeRecord,
  type EpisodeStartRecord,
  EpisodeTracker,
  type Grid,
  gridsEqual,
  PADDING,
  type Selection,
  type StepColumns,
  type StepInfo,
  type StepRecord,
} from "@episcope/records";
import { fittingGrid, joined, numbers, packBits, pad } from "./padded-cells.js";

/** What one lot of columns holds, and the records that a producer would have sent step by step instead. */
export interface Lot {
  readonly columns: StepColumns;
  readonly seq: number;
  readonly records: readonly EpisodeRecord[];
  /** Steps, starts and ends: how many `seq` they take. */
  readonly count: number;
}

export interface ScenarioOptions {
  readonly seed: number;
  readonly environments: number;
  readonly height: number;
  readonly width: number;
  readonly lots: number;
  readonly maxRows: number;
  readonly selection: "mask" | "point" | "bbox" | "none";
  /** Send the grid before each step as well, which now and then is another than the last. */
  readonly withBefore: boolean;
}

interface Player {
  readonly env: number;
  started: number;
  key: string | null;
  tracker: EpisodeTracker | null;
  last: Grid;
}

/** Plays environments that reset whenever they like, and keeps both forms of what happens. */
export class Scenario {
  readonly #options: ScenarioOptions;
  readonly #below: (limit: number) => number;
  readonly #players: readonly Player[];
  #seq = 0;

  constructor(options: ScenarioOptions) {
    this.#options = options;
    this.#below = numbers(options.seed);
    this.#players = Array.from({ length: options.environments }, (_, index) => ({
      env: index * 3,
      started: 0,
      key: null,
      tracker: null,
      last: { shape: [1, 1], data: Uint8Array.of(0) },
    }));
  }

  lots(): Lot[] {
    return Array.from({ length: this.#options.lots }, () => this.#lot());
  }

  #lot(): Lot {
    const below = this.#below;
    const { maxRows } = this.#options;
    const players = this.#players.filter(() => below(4) > 0);
    if (players.length === 0) players.push(this.#players[0]!);
    if (below(2) === 0) players.reverse();
    const maker = new LotMaker(this.#options, 1 + below(maxRows), players, this.#seq, below);
    const lot = maker.make(1000 + this.#seq);
    this.#seq += lot.count;
    return lot;
  }
}

interface StartFacts {
  readonly t: number;
  readonly column: number;
  readonly record: EpisodeStartRecord;
  readonly task: number;
  readonly key: string | null;
}

interface StepFacts {
  readonly record: StepRecord;
  /** Null: the producer leaves it to the recorder to know. */
  readonly before: Grid | null;
  readonly similarity: number;
  readonly success: number;
  readonly loss: number;
  readonly flags: readonly [terminated: number, truncated: number];
  readonly packed: Uint8Array;
  readonly corners: readonly number[];
}

/** Makes one lot: the columns, and the records beside them. */
class LotMaker {
  readonly #options: ScenarioOptions;
  readonly #rows: number;
  readonly #players: readonly Player[];
  readonly #below: (limit: number) => number;
  readonly #firstSeq: number;
  readonly #records: EpisodeRecord[] = [];
  readonly #starts: StartFacts[] = [];
  readonly #steps: StepFacts[] = [];
  #seq: number;

  constructor(
    options: ScenarioOptions,
    rows: number,
    players: readonly Player[],
    seq: number,
    below: (limit: number) => number,
  ) {
    this.#options = options;
    this.#rows = rows;
    this.#players = players;
    this.#firstSeq = seq;
    this.#seq = seq;
    this.#below = below;
  }

  make(time: number): Lot {
    for (let t = 0; t <= this.#rows; t++) {
      for (const [column, player] of this.#players.entries()) {
        const isOver = t === this.#rows;
        if ((player.key === null && !isOver) || this.#below(isOver ? 3 : 9) === 0)
          this.#start(t, column, player, time + Math.min(t, this.#rows - 1) / 4);
        if (!isOver) this.#step(player, time + t / 4);
      }
    }
    const count = this.#seq - this.#firstSeq;
    return { columns: this.#columns(time), seq: this.#firstSeq, records: this.#records, count };
  }

  #start(t: number, column: number, player: Player, time: number): void {
    const below = this.#below;
    const grid = () => fittingGrid(below, this.#options.height, this.#options.width);
    const seq = this.#seq++;
    // An episode that goes on where another starts ends there, with the number of that start.
    if (player.key !== null) this.#end(player, time, seq, "aborted");
    const task = below(2);
    const key = below(3) === 0 ? `own-${seq}` : null;
    const record: EpisodeStartRecord = {
      type: "episode-start",
      seq,
      episode: key ?? `${player.env}-${player.started}`,
      time,
      task_id: `task-${task}`,
      pair_index: seq % 4,
      mode: below(2) === 0 ? "train" : "test",
      initial: grid(),
      ...(below(3) === 0 ? { input: grid() } : {}),
      target: below(3) === 0 ? null : grid(),
      meta: { n: seq },
    };
    this.#records.push(record);
    this.#starts.push({ t, column, record, task, key });
    player.started += 1;
    player.key = record.episode;
    player.tracker = new EpisodeTracker(record, 1);
    player.last = record.initial;
  }

  #step(player: Player, time: number): void {
    const below = this.#below;
    const { height, width, withBefore } = this.#options;
    const before = withBefore && below(4) === 0 ? fittingGrid(below, height, width) : player.last;
    const after = below(3) === 0 ? fittingGrid(below, height, width) : player.last;
    const [terminated, truncated] = [below(6) === 0, below(8) === 0];
    const similarity = below(3) === 0 ? Number.NaN : below(100) / 128;
    const success = below(3) === 0 ? Number.NaN : below(2);
    const loss = below(9) === 0 ? Number.NaN : below(64) / 8;
    const operation = below(40);
    const { selection, packed, corners } = this.#select(before);
    const info: StepInfo = {
      ...(Number.isNaN(similarity) ? {} : { similarity }),
      ...(Number.isNaN(success) ? {} : { success: success === 1 }),
      metrics: { loss },
      note: operation,
    };
    const record: StepRecord = {
      type: "step",
      seq: this.#seq++,
      episode: player.key!,
      step: player.tracker!.steps,
      time,
      ...(gridsEqual(before, player.last) ? {} : { before }),
      action: { operation, ...(selection === undefined ? {} : { selection }) },
      after,
      reward: (below(2000) - 1000) / 64,
      terminated,
      truncated,
      info,
    };
    this.#records.push(record);
    player.tracker!.step(record);
    const said = before !== player.last || below(2) === 0 ? before : null;
    const flags = [terminated ? 1 + below(3) : 0, truncated ? 1 : 0] as const;
    this.#steps.push({ record, before: said, similarity, success, loss, flags, packed, corners });
    player.last = after;
    if (terminated || truncated) this.#end(player, time, this.#seq++, null);
  }

  #select({ shape, mask: padding }: Grid): {
    selection?: Selection;
    packed: Uint8Array;
    corners: readonly number[];
  } {
    const below = this.#below;
    const { height, width, selection: kind } = this.#options;
    const [rows, columns] = shape;
    if (kind === "mask") {
      const density = below(3) === 0 ? 2 : 9;
      const chosen = Uint8Array.from({ length: height * width }, () => (below(density) === 0 ? 1 : 0));
      const mask = new Uint8Array(rows * columns);
      for (let at = 0; at < mask.length; at++)
        if (padding?.[at] !== 0) mask[at] = chosen[Math.floor(at / columns) * width + (at % columns)]!;
      return { selection: { kind, mask }, packed: packBits(chosen), corners: [] };
    }
    const length = kind === "none" ? 0 : kind === "point" ? 2 : 4;
    const corners = Array.from({ length }, () => below(height + 2) - (below(9) === 0 ? 3 : 0));
    const packed = new Uint8Array(0);
    if (kind === "none" || corners.some((corner) => corner < 0)) return { packed, corners };
    const selection: Selection =
      kind === "point"
        ? { kind, point: corners as [number, number] }
        : { kind, bbox: corners as [number, number, number, number] };
    return { selection, packed, corners };
  }

  #end(player: Player, time: number, seq: number, outcome: "aborted" | null): void {
    const { lastView: last, totals } = player.tracker!;
    const solved = last !== null && (last.info.success ?? last.similarity === 1);
    const own = last?.terminated ? "failure" : "truncated";
    const end: EpisodeEndRecord = {
      type: "episode-end",
      seq,
      episode: player.key!,
      time,
      outcome: outcome ?? (solved ? "success" : own),
      totals,
    };
    this.#records.push(end);
    player.key = null;
  }

  #columns(time: number): StepColumns {
    const { height, width, withBefore, selection } = this.#options;
    const steps = this.#steps;
    // The order of the starts is the producer's affair.
    const starts = this.#starts.toReversed();
    const grids = (list: readonly (Grid | null | undefined)[]): Uint8Array =>
      joined(
        list.map((grid) =>
          grid == null ? new Uint8Array(height * width).fill(PADDING) : pad(grid, height, width),
        ),
      );
    const corners = (): Int16Array => Int16Array.from(steps.flatMap((step) => step.corners));
    return {
      shape: [this.#rows, this.#players.length, height, width],
      envs: this.#players.map(({ env }) => env),
      time: Float64Array.from({ length: this.#rows }, (_, t) => time + t / 4),
      tasks: ["task-0", "task-1"],
      starts: {
        t: starts.map(({ t }) => t),
        env: Uint16Array.from(starts, ({ column }) => column),
        task: starts.map(({ task }) => task),
        pair: starts.map(({ record }) => record.pair_index),
        mode: starts.map(({ record }) => record.mode),
        key: starts.map(({ key }) => key),
        meta: starts.map(({ record }) => record.meta),
        initial: grids(starts.map(({ record }) => record.initial)),
        target: grids(starts.map(({ record }) => record.target)),
        input: grids(starts.map(({ record }) => record.input)),
      },
      after: grids(steps.map(({ record }) => record.after)),
      ...(withBefore ? { before: grids(steps.map(({ before }) => before)) } : {}),
      operation: Int32Array.from(steps, ({ record }) => record.action.operation),
      ...(selection === "mask" ? { mask: joined(steps.map(({ packed }) => packed)) } : {}),
      ...(selection === "point" ? { point: corners() } : {}),
      ...(selection === "bbox" ? { bbox: corners() } : {}),
      reward: Float32Array.from(steps, ({ record }) => record.reward),
      terminated: Uint8Array.from(steps, ({ flags }) => flags[0]),
      truncated: Uint8Array.from(steps, ({ flags }) => flags[1]),
      similarity: Float32Array.from(steps, (step) => step.similarity),
      success: Float64Array.from(steps, (step) => step.success),
      metrics: { loss: Float32Array.from(steps, ({ loss }) => loss) },
      info: { note: BigInt64Array.from(steps, ({ record }) => BigInt(record.action.operation)) },
    };
  }
}
