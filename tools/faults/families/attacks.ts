import { createHash } from "node:crypto";
import fs, {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { EpisodeManager } from "@episcope/records/store";
import { lastNumber, startNode } from "../child-program.js";
import { faultConfig, openFaultRun } from "../open-recorder.js";
import { all, atLeast, none, type Outcome, type Row, type RowContext } from "../row.js";
import { stepStream } from "../steps.js";

/** Longest time of the race. */
const RACE_MS = 60_000;

const stream = stepStream(10);

/** A8: links in the run root that lead outside, planted before and swapped in during the cleanup. */
async function plantedLinks(context: RowContext): Promise<Outcome> {
  const rounds = context.short ? 100 : 1_000;
  const outside = context.scratch();
  for (let index = 0; index < 20; index++)
    writeFileSync(join(outside, `step_${index}.svg`), `precious ${index}`);
  mkdirSync(join(outside, "episode_0001"));
  writeFileSync(join(outside, "episode_0001", "journal.epi"), "precious");
  const before = treeHash(outside);
  const base = context.scratch();
  const { run } = await openFaultRun(base, ["storage.run_name=victim"]);
  for (let number = 0; number < 2; number++) {
    const episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
    episode.step(stream.step(0));
    await episode.end();
  }
  await run.close();
  const { storage } = faultConfig([`storage.base_output_dir=${JSON.stringify(base)}`]);
  const manager = new EpisodeManager(storage, {
    fs,
    clock: { now: () => Date.now() / 1000, monotonic: () => performance.now() },
    cwd: base,
  });
  let refused = 0;
  const clean = (name: string, what: "episode" | "pictures"): void => {
    const step = { run: name, episode: 1, what, bytes: 1, reason: "" } as const;
    try {
      manager.applyCleanup([step], () => {
        refused += 1;
      });
    } catch {
      refused += 1;
    }
  };
  const manifest = readFileSync(join(run.dir, "manifest.json"));
  const place = join(run.dir, "episode_0001");
  const restore = (): void => {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place);
    writeFileSync(join(place, "step_000.svg"), "ours");
    writeFileSync(join(run.dir, "manifest.json"), manifest);
  };

  // Planted: the episode's directory, a file in it, the run itself, a parent that leads elsewhere.
  rmSync(place, { recursive: true });
  symlinkSync(join(outside, "episode_0001"), place);
  clean("victim", "episode");
  clean("victim", "pictures");
  rmSync(place, { force: true });
  restore();
  symlinkSync(join(outside, "step_0.svg"), join(place, "step_001.svg"));
  symlinkSync(outside, join(place, "folder"));
  clean("victim", "pictures");
  clean("victim", "episode");
  symlinkSync(outside, join(base, "linked"));
  writeFileSync(join(outside, "manifest.json"), manifest);
  clean("linked", "episode");
  clean("../victim", "episode");
  rmSync(join(outside, "manifest.json"));
  const planted = treeHash(outside) === before;
  const refusedPlanted = refused;

  // Swapped: another process exchanges directory and link while the cleanup runs.
  restore();
  const swapper = startNode(context.child("swap-links"), [run.dir, "episode_0001", outside]);
  await swapper.until(({ stdout }) => stdout.includes("ready"));
  let changed = 0;
  let round = 0;
  // As many rounds as it takes until the other process has got in so often, which depends on the machine.
  const end = performance.now() + RACE_MS;
  while (round < rounds || (lastNumber(swapper.stdout, "swaps") < rounds && performance.now() < end)) {
    clean("victim", round % 2 === 0 ? "episode" : "pictures");
    if (treeHash(outside) !== before) changed += 1;
    makeAgain(run.dir, place, manifest);
    round += 1;
    if (round % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  swapper.kill("SIGTERM");
  const { stdout } = await swapper.ended;
  return {
    figures: [
      all("planted links: outside unchanged", Number(planted), 1),
      atLeast("planted links: refused", refusedPlanted, 4),
      none("swapped links: rounds that changed something outside", changed),
      atLeast("swaps during the rounds", lastNumber(stdout, "swaps"), rounds),
    ],
  };
}

/** Beside a process that swaps: whatever is in the way, a directory with a picture stands there again. */
function makeAgain(runDir: string, place: string, manifest: Buffer): void {
  try {
    writeFileSync(join(runDir, "manifest.json"), manifest);
    if (existsSync(place) || existsSync(join(runDir, ".aside-episode_0001"))) return;
    const fresh = join(runDir, ".fresh");
    mkdirSync(fresh, { recursive: true });
    writeFileSync(join(fresh, "step_000.svg"), "ours");
    renameSync(fresh, place);
  } catch {
    // The swapper was between two of its calls.
  }
}

function treeHash(dir: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(dir, { recursive: true }).map(String).sort()) {
    const path = join(dir, name);
    hash.update(name);
    if (lstatSync(path).isFile()) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

export const ATTACK_ROWS: readonly Row[] = [
  { id: "A8", fault: "links in the run root that lead outside", run: plantedLinks },
];
