import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { changesDisk, failingFs } from "../failing-fs.js";
import { openFaultRun } from "../open-recorder.js";
import { readBack } from "../read-back.js";
import { all, atLeast, type Figure, none, type Outcome, type Row, type RowContext } from "../row.js";
import { stepStream } from "../steps.js";

const stream = stepStream(10);
const STEPS = 6;

/** What a run says, whatever failed: how far it acknowledged, and whether the N-th call was reached. */
interface Recorded {
  readonly dir: string;
  readonly acknowledged: number;
  /** Counted as dropped, and so not acknowledged. */
  readonly dropped: number;
  readonly reached: boolean;
  readonly threwInStep: boolean;
}

type Failure = "ENOSPC" | "EIO" | "killed";

/** Records two episodes while the N-th call that changes the disk fails; "killed": so do all after it. */
async function record(base: string, nth: number, failure: Failure): Promise<Recorded> {
  const faulty = failingFs();
  let calls = 0;
  faulty.rule = (call, args) => {
    if (!changesDisk(call)) return undefined;
    calls += 1;
    if (failure !== "killed") return calls === nth ? failure : undefined;
    // Dead is dead; the last write may have come through in part.
    if (calls === nth && call === "writeSync") return Math.floor((args[3] as number) / 2);
    return calls >= nth ? "EIO" : undefined;
  };
  let acknowledged = -1;
  let dropped = 0;
  let threwInStep = false;
  let dir = join(base, "run");
  const overrides = [
    "logging.async_logger.batch_size=2",
    "storage.durability=group",
    `storage.fallback_dir=${JSON.stringify(`${base}-fallback`)}`,
  ];
  try {
    const { run } = await openFaultRun(base, overrides, { fs: faulty.fs });
    dir = run.dir;
    const note = (): void => {
      if (failure === "killed" && calls >= nth) return;
      acknowledged = run.acknowledged;
      dropped = run.stats().accounting["journal"]?.dropped ?? 0;
    };
    for (let number = 0; number < 2; number++) {
      const episode = run.startEpisode({ taskId: "t", initial: stream.initial, target: stream.target });
      for (let step = 0; step < STEPS; step++) {
        try {
          episode.step(stream.step(step));
        } catch {
          threwInStep = true;
        }
        note();
      }
      await run.flush().catch(() => {});
      note();
      await episode.end().catch(() => {});
      note();
    }
    await run.close().catch(() => {});
    note();
  } catch {
    // The run could not be opened, and said so.
  }
  return { dir, acknowledged, dropped, reached: calls >= nth, threwInStep };
}

/** Files beside the journals that are neither whole nor absent. */
function halfWritten(dir: string, whole: ReadonlyMap<string, string>): number {
  let count = 0;
  for (const [name, text] of whole) {
    const path = join(dir, name);
    if (existsSync(path) && timeless(readFileSync(path, "utf8")) !== timeless(text)) count += 1;
  }
  const manifest = join(dir, "manifest.json");
  if (existsSync(manifest) && !isManifest(readFileSync(manifest, "utf8"))) count += 1;
  return count;
}

/** A saved config says when it was composed, and when its run began. */
function timeless(text: string): string {
  return text.replace(/"(?:composed|started)": "[^"]*"/g, "");
}

/** A manifest of some moment of this run: the episodes that had ended, in order, with their right totals. */
function isManifest(text: string): boolean {
  try {
    const { episcope, run, episodes } = JSON.parse(text) as {
      episcope: number;
      run: string;
      episodes: { number: number; totals: { steps: number } }[];
    };
    return episcope === 1 && run === "run" && episodes.every(({ totals }) => totals.steps <= STEPS);
  } catch {
    return false;
  }
}

/** D8: every call of the file system fails once. */
async function everyCall(context: RowContext): Promise<Outcome> {
  const figures: Figure[] = [];
  // The saved config names the directory, so all runs go to the same.
  const base = join(context.scratch(), "runs");
  const { dir } = await record(base, Number.POSITIVE_INFINITY, "EIO");
  const whole = new Map<string, string>();
  for (const folder of [".hydra", ".episcope"]) {
    if (!existsSync(join(dir, folder))) continue;
    for (const name of readdirSync(join(dir, folder))) {
      if (name !== "lock") whole.set(join(folder, name), readFileSync(join(dir, folder, name), "utf8"));
    }
  }
  for (const failure of ["ENOSPC", "EIO", "killed"] as const) {
    let calls = 0;
    let mixed = 0;
    let lost = 0;
    let dropped = 0;
    let wrong = 0;
    let threw = 0;
    let unreadable = 0;
    for (let nth = 1; ; nth++) {
      for (const place of [base, `${base}-fallback`]) rmSync(place, { recursive: true, force: true });
      const recorded = await record(base, nth, failure);
      if (!recorded.reached) break;
      calls += 1;
      mixed += halfWritten(recorded.dir, whole);
      if (recorded.threwInStep) threw += 1;
      if (!existsSync(recorded.dir)) {
        lost += recorded.acknowledged + 1;
        continue;
      }
      try {
        const back = readBack(recorded.dir, stream);
        wrong += back.wrong;
        const kept = back.seqs.filter((seq) => seq <= recorded.acknowledged).length;
        lost += Math.max(0, recorded.acknowledged + 1 - recorded.dropped - kept);
        dropped += recorded.dropped;
        mixed += halfWritten(recorded.dir, whole);
      } catch (error) {
        // A directory in which nothing was recorded yet is no run.
        if ((error as { code?: string }).code !== "RUN_NOT_FOUND" || recorded.acknowledged >= 0)
          unreadable += 1;
      }
    }
    figures.push(
      atLeast(`${failure}: calls that failed in turn`, calls, 20),
      none(`${failure}: metadata neither old nor new`, mixed),
      none(`${failure}: acknowledged records lost`, lost),
      ...(failure === "killed"
        ? []
        : [{ what: `${failure}: records given up, per failure`, value: dropped / calls, limit: 1 }]),
      none(`${failure}: wrong steps`, wrong),
      none(`${failure}: runs that cannot be recovered`, unreadable),
      all(`${failure}: calls of step() that threw`, threw, 0),
    );
  }
  return { figures };
}

export const METADATA_ROWS: readonly Row[] = [
  { id: "D8", fault: "every call of the file system fails in turn", run: everyCall },
];
