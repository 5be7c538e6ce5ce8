// What an application composes with Python's Hydra and hands over is what the program records with, for every combination of options;
// and it is what the program composes by itself.
//
//   node tools/interop/hydra-application.mjs --python PATH
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { parse } from "yaml";
import { main } from "../../packages/cli/dist/main.js";
import { processIo } from "../../packages/cli/dist/terminal/io.js";

const { values } = parseArgs({ options: { python: { type: "string" } } });
if (values.python === undefined) {
  process.stderr.write("usage: hydra-application.mjs --python PATH\n");
  process.exit(2);
}
/** The three presets of the original design, five of the pictures and three of the storage, make 45; ours are more. */
const LEAST = 45;

const here = dirname(fileURLToPath(import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), "episcope-hydra-"));
const application = spawn(values.python, [join(here, "hydra_application.py"), scratch], {
  stdio: ["pipe", "pipe", "inherit"],
  env: {
    ...process.env,
    PYTHONPATH: join(here, "..", "..", "python", "src"),
    PYTHONDONTWRITEBYTECODE: "1",
  },
});
const world = processIo();
let compared = 0;
let wrong = 0;
for await (const line of createInterface({ input: application.stdout })) {
  const { choices, words, node } = JSON.parse(line);
  const handed = await composed(words);
  const own = await composed(Object.entries(choices).map((choice) => choice.join("=")));
  // The application names the run.
  const named = { ...own, storage: { ...own.storage, run_name: "agent" } };
  for (const [what, config] of [
    ["handed over", handed],
    ["composed here", named],
  ]) {
    if (isDeepStrictEqual(config, { ...node, input: "-" })) continue;
    wrong += 1;
    process.stdout.write(`WRONG ${what} ${JSON.stringify(choices)}: ${JSON.stringify(config)}\n`);
  }
  compared += 1;
  application.stdin.write("\n");
}
if (application.exitCode === null) await once(application, "exit");
rmSync(scratch, { recursive: true, force: true });
process.stdout.write(`${compared} combinations compared, ${wrong} wrong\n`);
process.exitCode = application.exitCode === 0 && wrong === 0 && compared >= LEAST ? 0 : 1;

/** The job config of `episcope record` with these words. */
async function composed(words) {
  let text = "";
  const out = async (data) => {
    text += data;
  };
  const io = { ...world, env: {}, out };
  const status = await main(["record", ...words, "--cfg", "job"], io);
  if (status !== 0) return { status };
  return parse(text);
}
