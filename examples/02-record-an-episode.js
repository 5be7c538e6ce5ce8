// Records an episode of an environment of your own, and draws its key steps.  node examples/02-record-an-episode.js
import { compose } from "@episcope/config";
import { fileSource } from "@episcope/config/node";
import { openRun, presetDirectory } from "@episcope/core";
import svg from "@episcope/plugin-svg";
import { createGrid, gridFromRows } from "@episcope/records";

const { config } = await compose({
  source: fileSource(presetDirectory()),
  name: "config",
  overrides: ["storage.base_output_dir=outputs/examples"],
});
const run = await openRun(config, { plugins: [svg] });

const target = gridFromRows([
  [0, 3],
  [3, 0],
]);
const grid = createGrid(2, 2);
const episode = run.startEpisode({ taskId: "checkers", initial: grid, target });
for (const cell of [1, 2]) {
  grid.data[cell] = 3;
  // Synchronous, copies the grid, never throws. Similarity to the target is worked out where `info` has none.
  episode.step({
    action: { operation: 3, selection: { kind: "point", point: [Math.floor(cell / 2), cell % 2] } },
    after: grid,
    reward: -0.1,
  });
}
episode.step({
  action: { operation: 34 },
  after: grid,
  reward: 1,
  terminated: true,
  info: { success: true },
});
await episode.end();

await run.flush(); // everything accepted is written
await run.close();
console.log(run.dir);
