// Exports episodes as JSON and as pickle with the built packages; Python's own pickle.load has to find the same values.
//
//   node tools/interop/pickle-python.mjs --python PATH
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { encodeEpisode } from "@episcope/plugin-pickle";
import { encodeJsonEpisode } from "@episcope/records/store";
import { sampleEpisodes } from "@episcope/records/testing";

const { values } = parseArgs({ options: { python: { type: "string" } } });
if (values.python === undefined) {
  process.stderr.write("usage: pickle-python.mjs --python PATH\n");
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const directory = fs.mkdtempSync(join(tmpdir(), "episcope-pickle-"));
try {
  const episodes = sampleEpisodes().map(({ records }) => records);
  episodes.push(odd(episodes[0]));
  for (const [index, records] of episodes.entries()) {
    const source = { number: index + 1, records: () => records };
    const path = join(directory, `episode_${index + 1}`);
    fs.writeFileSync(`${path}.json`, [...encodeJsonEpisode(source, { configHash: "abc" })].join(""));
    fs.writeFileSync(`${path}.pkl`, Buffer.concat([...encodeEpisode(source, "abc")]));
  }
  const { status } = spawnSync(values.python, [join(here, "pickle_python.py"), directory], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  process.exitCode = status ?? 1;
} finally {
  fs.rmSync(directory, { recursive: true });
}

/** The first step with values at the edges of every kind. */
function odd([start, step, ...rest]) {
  const info = {
    integers: [0, 255, 256, 65535, 65536, -1, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, -(2 ** 53) + 1],
    floats: [0.1, 1e300, 5e-324],
    text: `${"é".repeat(200)}\u0000\u{1f600}`,
    nested: { a: [{ b: null }, true, false, []], c: {} },
  };
  return [start, { ...step, reward: 1, info }, ...rest];
}
