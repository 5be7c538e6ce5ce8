// Exports episodes as HDF5 with the built packages and has h5py compare every value with the records.
//
//   node tools/interop/hdf5-h5py.mjs --python PATH
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createAgent, loadTasks, playEpisodes } from "@episcope/arc-env";
import { createHdf5Format } from "@episcope/plugin-hdf5";
import { encodeNdjson } from "@episcope/records";

const { values } = parseArgs({ options: { python: { type: "string" } } });
if (values.python === undefined) {
  process.stderr.write("usage: hdf5-h5py.mjs --python PATH\n");
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const tasks = loadTasks(join(here, "..", "..", "packages", "arc-env", "tasks"), fs);
const directory = fs.mkdtempSync(join(tmpdir(), "episcope-hdf5-"));
try {
  const untiring = createAgent("random");
  const never = {
    ...untiring,
    act(observation, feedback) {
      const decision = untiring.act(observation, feedback);
      // 34 is Submit.
      return decision.action.operation === 34 ? { action: { operation: 32 } } : decision;
    },
  };
  const episodes = [
    ...(await played({ tasks, agent: createAgent("search"), seed: 1 })),
    ...(await played({ tasks, agent: createAgent("search"), mode: "test" })),
    ...(await played({
      tasks: tasks.slice(0, 2),
      agent: never,
      maxSteps: 2100,
      seed: 4,
    })),
    odd(),
    [odd()[0]],
  ];
  for (const [index, records] of episodes.entries()) await write(index + 1, records, index % 2 === 0 ? 4 : 0);
  const { status } = spawnSync(values.python, [join(here, "hdf5_h5py.py"), directory], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  process.exitCode = status ?? 1;
} finally {
  fs.rmSync(directory, { recursive: true });
}

/** Plays and keeps the records as the journal would. */
async function played(options) {
  const episodes = [];
  const recorder = {
    startEpisode(start) {
      const key = `env-${episodes.length}`;
      const records = [];
      const add = (record) =>
        records.push({ ...record, seq: records.length, episode: key, time: 1e9 + records.length / 7 });
      episodes.push(records);
      const { taskId, pairIndex, mode, initial, input, target, meta } = start;
      add({
        type: "episode-start",
        task_id: taskId,
        pair_index: pairIndex,
        mode,
        initial,
        input,
        target,
        meta,
      });
      let [steps, reward] = [0, 0];
      return {
        step(step) {
          add({ type: "step", step: steps, ...step });
          steps += 1;
          reward += step.reward;
        },
        end({ outcome }) {
          const totals = { steps, reward, final_similarity: null, best_similarity: 0.5 };
          add({ type: "episode-end", outcome, totals });
        },
      };
    },
  };
  await playEpisodes({ ...options, recorder });
  return episodes;
}

/** What no environment of ours sends: padding, states, odd names, numbers that JSON has not, no end. */
function odd() {
  const grid = (rows, columns, value, mask) => ({
    shape: [rows, columns],
    data: new Uint8Array(rows * columns).map((_, index) => (index * value) % 16),
    ...(mask === undefined ? {} : { mask: new Uint8Array(rows * columns).map((_, index) => index % mask) }),
  });
  const base = { episode: "ключ", reward: 0, terminated: false, truncated: false, info: {} };
  const step = (number, fields) => ({
    type: "step",
    seq: number + 1,
    step: number,
    time: 5.5 + number,
    ...base,
    ...fields,
  });
  return [
    {
      type: "episode-start",
      seq: 0,
      episode: "ключ",
      time: 5.5,
      task_id: "a/b <c> ünï 日本",
      pair_index: 0,
      mode: "test",
      initial: grid(3, 5, 1),
      target: null,
      meta: { nested: { list: [1, "zwei", null, true] } },
    },
    step(0, {
      action: { operation: 77, name: "Größer", selection: { kind: "bbox", bbox: [9, 9, -2, 1] } },
      after: grid(64, 2, 3),
      reward: Number.NEGATIVE_INFINITY,
      info: { metrics: { "a/b": 1, ".": 2, "": 3, 日本: 4, "50%": Number.NaN }, text: "\u0000\u2028 ☃ 😀" },
    }),
    step(1, {
      before: grid(2, 2, 5, 2),
      action: { operation: 3, selection: { kind: "mask", mask: Uint8Array.of(1, 0, 0, 1) } },
      after: grid(1, 64, 7, 3),
      truncated: true,
      info: { similarity: 0.125, success: true, metrics: { late: 1e300 } },
      state: {
        clipboard: [
          [1, 2],
          [3, 4],
        ],
        note: "é",
      },
    }),
    step(2, {
      action: { operation: 34, selection: { kind: "point", point: [0, 63] } },
      after: grid(1, 1, 1),
      terminated: true,
      info: { similarity: Number.NaN, success: false, deep: { x: [Number.POSITIVE_INFINITY] } },
    }),
  ];
}

async function write(number, records, level) {
  const format = createHdf5Format({ level, run: "run_interop", configHash: "0123abcd" });
  const pieces = [];
  for await (const piece of format.encode({ number, records: () => records })) pieces.push(piece);
  const path = join(directory, `episode_${String(number).padStart(4, "0")}`);
  fs.writeFileSync(`${path}.h5`, Buffer.concat(pieces));
  fs.writeFileSync(`${path}.ndjson`, records.map((record) => `${encodeNdjson(record)}\n`).join(""));
}
