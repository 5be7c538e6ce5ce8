// The wire: what the columns of a `steps` message cost until they are steps.
//   npm run bench -- wire
import {
  ColumnRecords,
  ColumnStream,
  decodeMessagePack,
  decodeNdjson,
  type EpisodeRecord,
  encodeMessagePack,
  encodeNdjson,
  encodeSteps,
  MessageSplitter,
  PADDING,
  type StepColumns,
  type StepsMessage,
} from "@episcope/records";
import { type Bar, measure, ratio, report } from "./harness.js";
import { type ArcEpisode, loadPairs, walk, wholeGrids } from "./pipeline/arc-steps.js";

const ROWS = 100;
const ENVIRONMENTS = 64;
const SIDE = 30;
const CELLS = SIDE * SIDE;
const PACKED = Math.ceil(CELLS / 8);
const STEPS = ROWS * ENVIRONMENTS;
/** What one read of a pipe or a socket brings. */
const CHUNK = 2 ** 16;

const arc = loadPairs();
console.log(
  `${ENVIRONMENTS} environments x ${ROWS} steps, grids padded to ${SIDE}x${SIDE}; ARC tasks from ${arc.from}`,
);
const episodes = Array.from({ length: ENVIRONMENTS }, (_, seed) => walk(arc, ROWS, seed + 1));
const bars: Bar[] = [];
await compare(
  "grids of 30x30",
  episodes.map((episode) => ({ ...episode, steps: wholeGrids(episode) })),
);
await compare("grids of ARC's sizes", episodes);
if (!report(bars)) process.exit(1);

async function compare(what: string, played: readonly ArcEpisode[]): Promise<void> {
  const message = encodeSteps(columnsOf(played), { seq: 0 }).bytes;
  const body = message.slice(4);
  // More than a processor's cache holds: what comes through a pipe is never there twice.
  const bodies = Array.from({ length: 12 }, () => body.slice());
  const into = bodies.map((copy) => new Uint8Array(copy.length));
  let turn = 0;
  const next = (): number => {
    turn = (turn + 1) % bodies.length;
    return turn;
  };
  const records = [...recordsOf(body)];
  const single = records.map((record) => encodeMessagePack(record).subarray(4));
  const lines = records.map((record) => encodeNdjson(record));
  const textLines = records.map((record) => encodeNdjson(record, { grids: "text" }));
  const piped = pieces(message);
  let sink = 0;
  const figures = await measure(
    {
      memcpy: (count) => {
        for (let at = 0; at < count; at++) {
          const place = next();
          into[place]!.set(bodies[place]!);
          sink += into[place]![at % body.length]!;
        }
      },
      "copy into new memory": (count) => {
        for (let at = 0; at < count; at++) sink += bodies[next()]!.slice()[at]!;
      },
      cursor: (count) => {
        for (let at = 0; at < count; at++) {
          const cursor = open(bodies[next()]!);
          while (cursor.next()) if (cursor.kind === "step") sink += cursor.step.after.cells[0]!;
        }
      },
      records: (count) => {
        for (let at = 0; at < count; at++)
          for (const record of recordsOf(bodies[next()]!)) sink += record.seq;
      },
      "record messages": (count) => {
        for (let at = 0; at < count; at++)
          for (const one of single) sink += (decodeMessagePack(one) as EpisodeRecord).seq;
      },
      NDJSON: (count) => {
        for (let at = 0; at < count; at++) for (const line of lines) sink += decodeNdjson(line).seq;
      },
      "NDJSON of text": (count) => {
        for (let at = 0; at < count; at++) for (const line of textLines) sink += decodeNdjson(line).seq;
      },
      splitter: (count) => {
        for (let at = 0; at < count; at++) {
          const splitter = new MessageSplitter();
          for (const piece of piped) sink += splitter.push(piece).length;
        }
      },
    },
    { rounds: 11, milliseconds: 60, clock: "processor" },
  );
  const each = (name: string): string => `${(best(figures[name]!) / STEPS / 1000).toFixed(2)} us`;
  console.log(
    `${what}: ${Object.keys(figures)
      .map((name) => `${name} ${each(name)}`)
      .join(", ")} a step (${(body.length / STEPS).toFixed(0)} bytes, ${sink > 0 ? "read" : ""})`,
  );
  const bar = (name: string, to: string, goal: number, gate: number): Bar => ({
    what: `${what}: ${name} against ${to}`,
    value: ratio(figures, name, to),
    unit: "x",
    goal,
    gate,
    good: "below",
  });
  bars.push(
    bar("cursor", "memcpy", 8, 18),
    bar("splitter", "copy into new memory", 1.3, 2.5),
    bar("cursor", "record messages", 0.15, 0.25),
    bar("records", "record messages", 0.4, 0.7),
    bar("NDJSON of text", "NDJSON", 0.8, 1),
  );
}

function open(body: Uint8Array) {
  const { columns, seq, records } = decodeMessagePack(body) as StepsMessage;
  return new ColumnStream().open(columns, { seq, records });
}

function recordsOf(body: Uint8Array): Generator<EpisodeRecord> {
  return new ColumnRecords().records(open(body));
}

function best(values: readonly number[]): number {
  return Math.min(...values);
}

function pieces(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, at) =>
    bytes.slice(at * CHUNK, (at + 1) * CHUNK),
  );
}

/** The episodes side by side: environment n plays the n-th. */
function columnsOf(played: readonly ArcEpisode[]): StepColumns {
  const after = new Uint8Array(STEPS * CELLS).fill(PADDING);
  const mask = new Uint8Array(STEPS * PACKED);
  const operation = new Int32Array(STEPS);
  const reward = new Float32Array(STEPS);
  const similarity = new Float32Array(STEPS);
  const truncated = new Uint8Array(STEPS);
  const initial = new Uint8Array(ENVIRONMENTS * CELLS).fill(PADDING);
  const target = new Uint8Array(ENVIRONMENTS * CELLS).fill(PADDING);
  const put = (to: Uint8Array, place: number, [rows, columns]: readonly number[], data: Uint8Array): void => {
    for (let row = 0; row < rows!; row++)
      to.set(data.subarray(row * columns!, (row + 1) * columns!), place * CELLS + row * SIDE);
  };
  for (const [env, { initial: first, target: goal, steps }] of played.entries()) {
    put(initial, env, first.shape, first.data);
    put(target, env, goal.shape, goal.data);
    for (const [row, step] of steps.entries()) {
      const place = row * ENVIRONMENTS + env;
      put(after, place, step.after.shape, step.after.data);
      operation[place] = step.action.operation;
      reward[place] = step.reward;
      similarity[place] = step.info?.similarity ?? Number.NaN;
      const { selection } = step.action;
      if (selection?.kind !== "mask") continue;
      const columns = step.after.shape[1];
      for (const [at, bit] of selection.mask.entries()) {
        const cell = Math.floor(at / columns) * SIDE + (at % columns);
        if (bit !== 0) mask[place * PACKED + (cell >> 3)]! |= 0x80 >> (cell & 7);
      }
    }
    truncated[(ROWS - 1) * ENVIRONMENTS + env] = 1;
  }
  return {
    shape: [ROWS, ENVIRONMENTS, SIDE, SIDE],
    time: 1.7e9,
    tasks: ["task"],
    starts: {
      t: new Int32Array(ENVIRONMENTS),
      env: Int32Array.from({ length: ENVIRONMENTS }, (_, env) => env),
      task: new Int32Array(ENVIRONMENTS),
      pair: new Int32Array(ENVIRONMENTS),
      initial,
      target,
    },
    after,
    operation,
    mask,
    reward,
    similarity,
    truncated,
  };
}
