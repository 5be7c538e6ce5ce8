import { spawnSync } from "node:child_process";
import fs, {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { definePlugin, type Renderer } from "@episcope/core";
import { compileNameFormat, readManifest } from "@episcope/records/store";
import { randomNumbers } from "@episcope/records/testing";
import { ChildProgram, lastNumber, startNode } from "../child-program.js";
import { changesDisk, failingFs } from "../failing-fs.js";
import { openFaultRun } from "../open-recorder.js";
import { readBack, stepsOf } from "../read-back.js";
import {
  all,
  atLeast,
  atMost,
  type Figure,
  none,
  type Outcome,
  type Row,
  type RowContext,
  startSeconds,
} from "../row.js";
import { mountSmallDisk } from "../small-disk.js";
import { stepStream } from "../steps.js";
import { METADATA_ROWS } from "./disk-metadata.js";

const stream = stepStream(10);
const START = { taskId: "t", initial: stream.initial, target: stream.target };

const tick = (milliseconds = 0) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** D1: the disk is full, and has room again later. */
async function fullDisk(context: RowContext): Promise<Outcome> {
  using disk = mountOrNull(join(context.scratch(), "disk"), "1m");
  const faulty = failingFs();
  const base = disk === null ? context.scratch() : disk.path;
  const filler = join(base, "filler");
  const { run, lines } = await openFaultRun(base, [], disk === null ? { fs: faulty.fs } : {});
  const episode = run.startEpisode(START);
  for (let step = 0; step < 100; step++) episode.step(stream.step(step));
  await run.flush();
  if (disk === null) faulty.rule = (call) => (call === "writeSync" ? "ENOSPC" : undefined);
  else fillDisk(base, filler);
  const fullAt = performance.now();
  let refused = 0;
  for (let step = 100; step < 20_000; step++) {
    if (!episode.step(stream.step(step)).accepted) refused += 1;
    if (step % 100 === 0) await tick();
  }
  const acknowledged = run.acknowledged;
  const falseAcks = acknowledged - readLive(run.dir);
  const warnings = lines.filter((line) => line.includes("no space")).length;
  const freed = performance.now();
  const fullSeconds = (freed - fullAt) / 1000;
  if (disk === null) faulty.rule = () => undefined;
  else rmSync(filler);
  let step = 20_000;
  while (run.acknowledged <= acknowledged && performance.now() - freed < 10_000) {
    episode.step(stream.step(step++));
    await tick(10);
  }
  const seconds = (performance.now() - freed) / 1000;
  await episode.end();
  await run.close();
  const { written, dropped, accepted } = run.stats().accounting["journal"]!;
  // Recovering needs room of its own.
  const copy = join(context.scratch(), "run");
  cpSync(run.dir, copy, { recursive: true });
  const back = readBack(copy, stream);
  return {
    figures: [
      ...(await fullForGood(context)),
      none("acknowledged records that are not in the journal", Math.max(0, falseAcks)),
      none("calls of step() refused", refused),
      atLeast("messages about it", warnings, 1),
      // It is said again, with its count, at most once a second.
      atMost("messages beyond one a second", warnings - 1 - Math.floor(fullSeconds), 0, ""),
      atMost("records again after space returned", seconds, 1 + 20 * startSeconds(), "s"),
      all("accepted = written + dropped", accepted, written + dropped),
      all("steps read back = steps that were not dropped", back.right, step - dropped),
      none("wrong or torn steps", back.wrong + back.damaged),
    ],
    note: disk === null ? "a tmpfs cannot be mounted here: ENOSPC came from a shim" : "1 MB tmpfs",
  };
}

/** D1: and never has room again. */
async function fullForGood(context: RowContext): Promise<Figure[]> {
  using disk = mountOrNull(join(context.scratch(), "disk"), "1m");
  const faulty = failingFs();
  const base = disk === null ? context.scratch() : disk.path;
  const spare = join(context.scratch(), "spare");
  const { run, lines } = await openFaultRun(
    base,
    [`storage.fallback_dir=${JSON.stringify(spare)}`],
    disk === null ? { fs: faulty.fs } : {},
  );
  const finished = run.startEpisode(START);
  for (let step = 0; step < 50; step++) finished.step(stream.step(step));
  await finished.end();
  const episode = run.startEpisode(START);
  for (let step = 0; step < 100; step++) episode.step(stream.step(step));
  await run.flush();
  if (disk === null) faulty.rule = refusesBelow(base);
  else fillDisk(base, join(base, "filler"));
  for (let step = 100; step < 3_000; step++) episode.step(stream.step(step));
  const flushed = await run.flush().then(
    () => 1,
    () => 0,
  );
  const { acknowledged } = run;
  await episode.end();
  await run.close();
  faulty.rule = () => undefined;
  const { accepted, written, dropped } = run.stats().accounting["journal"]!;
  const back = readBack(join(spare, "run"), stream);
  return [
    all("full for good: flush says that all is safe", flushed, 1),
    none("full for good: acknowledged records lost", Math.max(0, acknowledged - back.completeUpTo)),
    all("full for good: steps of both directories", back.right, 3_050),
    all("full for good: accepted = written + dropped, and nothing dropped", accepted, written - dropped),
    all(
      "full for good: messages that name the other directory",
      lines.filter((line) => line.includes(spare)).length,
      1,
    ),
  ];
}

/** Only reading goes on below `base`. */
function refusesBelow(base: string): (call: string, args: readonly unknown[]) => string | undefined {
  return (call, args) => {
    if (!changesDisk(call) || (call === "openSync" && args[1] === "r")) return undefined;
    const file = typeof args[0] === "number" ? fs.readlinkSync(`/proc/self/fd/${args[0]}`) : String(args[0]);
    return call !== "closeSync" && file.startsWith(base) ? "ENOSPC" : undefined;
  };
}

/** D2: every write takes half of what it is given. */
async function shortWrites(context: RowContext): Promise<Outcome> {
  const bytesOf = async (half: boolean): Promise<Buffer[]> => {
    const faulty = failingFs();
    if (half)
      faulty.rule = (call, args) =>
        call === "writeSync" ? Math.max(1, Math.floor((args[3] as number) / 2)) : undefined;
    const { run } = await openFaultRun(context.scratch(), [], { fs: faulty.fs, clock: stillClock() });
    const episode = run.startEpisode(START);
    for (let step = 0; step < 2_000; step++) episode.step(stream.step(step));
    await run.flush();
    const open = readFileSync(join(run.dir, "episode_0001", "journal.epi"));
    await episode.end();
    await run.close();
    return [open, readFileSync(join(run.dir, "episode_0001", "journal.epi"))];
  };
  const plain = await bytesOf(false);
  const halved = await bytesOf(true);
  const different = plain.filter((bytes, index) => !bytes.equals(halved[index]!)).length;
  return { figures: [none(`of ${plain.length} files different from those of whole writes`, different)] };
}

/** D3: the disk fails while it syncs. */
async function failingSync(context: RowContext): Promise<Outcome> {
  let falseAcks = 0;
  let silent = 0;
  let lost = 0;
  let tries = 0;
  for (const durability of ["group", "step"]) {
    for (let at = 1; at <= 8; at++) {
      tries += 1;
      const faulty = failingFs();
      const { run, lines } = await openFaultRun(context.scratch(), [`storage.durability=${durability}`], {
        fs: faulty.fs,
      });
      const episode = run.startEpisode(START);
      let syncs = 0;
      let before = -1;
      let failed = false;
      faulty.rule = (call) => {
        if (call !== "fdatasyncSync" || failed || ++syncs < at) return undefined;
        failed = true;
        before = run.acknowledged;
        return "EIO";
      };
      for (let step = 0; step < 400; step++) {
        episode.step(stream.step(step));
        if (step % 40 === 39) await run.flush().catch(() => {});
      }
      const claims = await run.flush().then(
        () => true,
        () => false,
      );
      // What was in the page cache at the failure may be gone: only another file could make it safe.
      if (failed && run.acknowledged > before && !existsSync(join(run.dir, "episode_0001", "journal.2.epi")))
        falseAcks += 1;
      if (failed && claims && run.acknowledged <= before) falseAcks += 1;
      if (failed && !lines.some((line) => line.includes("EIO"))) silent += 1;
      await episode.end().catch(() => {});
      await run.close().catch(() => {});
      lost += 400 - readBack(run.dir, stream).right;
    }
  }
  return {
    figures: [
      none(`acknowledgements after a failed sync, of ${tries} runs`, falseAcks),
      none("runs that said nothing", silent),
      none("steps lost where the data was there after all", lost),
    ],
  };
}

/** D4: no right to write. */
async function noPermission(context: RowContext): Promise<Outcome> {
  const program = join(context.root, "packages", "cli", "bin", "episcope.js");
  const play = (base: string, options: object) =>
    startNode(
      program,
      ["play", "episodes=1", `storage.base_output_dir=${base}`, "storage.min_free_gb=0"],
      options,
    ).ended;
  const figures: Figure[] = [];
  const notes: string[] = [];
  const locked = join(context.scratch(), "locked");
  mkdirSync(locked);
  chmodSync(locked, 0o555);
  const isRoot = process.getuid?.() === 0;
  const canRead =
    !isRoot || spawnSync(process.execPath, [program, "--version"], { uid: 65534, gid: 65534 }).status === 0;
  if (canRead) {
    chmodSync(context.scratch(), 0o755);
    const home = { cwd: "/tmp", ...(isRoot ? { uid: 65534, gid: 65534 } : {}) };
    chmodSync(join(locked, ".."), 0o755);
    figures.push(...refusal("EACCES at the start", await play(locked, home)));
  } else notes.push("EACCES: another user may not read this checkout");
  {
    using disk = mountOrNull(join(context.scratch(), "disk"), "1m");
    if (disk === null) notes.push("EROFS at the start: a tmpfs cannot be mounted here");
    else {
      disk.makeReadOnly();
      figures.push(...refusal("EROFS at the start", await play(disk.path, { cwd: context.scratch() })));
    }
  }
  for (const code of ["EACCES", "EROFS"]) {
    const faulty = failingFs();
    const { run, lines } = await openFaultRun(context.scratch(), [], { fs: faulty.fs });
    const episode = run.startEpisode(START);
    for (let step = 0; step < 100; step++) episode.step(stream.step(step));
    await run.flush();
    faulty.rule = (call) => (call === "writeSync" || call === "openSync" ? code : undefined);
    for (let step = 100; step < 200; step++) episode.step(stream.step(step));
    await run.flush().catch(() => {});
    faulty.rule = () => undefined;
    await tick(600);
    for (let step = 200; step < 300; step++) episode.step(stream.step(step));
    await episode.end();
    await run.close();
    const { dropped } = run.stats().accounting["journal"]!;
    figures.push(
      all(`${code} in the middle: steps read back = not dropped`, stepsOf(run.dir).length, 300 - dropped),
      {
        what: `${code} in the middle: messages`,
        value: lines.filter((line) => line.includes(code)).length,
        limit: 1,
        holds: "exactly",
      },
    );
  }
  return { figures, ...(notes.length === 0 ? {} : { note: `not run here: ${notes.join("; ")}` }) };
}

function refusal(
  what: string,
  { code, stderr }: { readonly code: number | null; readonly stderr: string },
): Figure[] {
  const told = stderr.split("\n").filter((line) => /EACCES|EROFS/.test(line)).length;
  return [
    // Recorded, but not where it was asked for.
    { what: `${what}: exit status`, value: code ?? -1, limit: 3, holds: "exactly" },
    { what: `${what}: messages`, value: told, limit: 1, holds: "exactly" },
  ];
}

/** D5: few descriptors. */
async function fewDescriptors(context: RowContext): Promise<Outcome> {
  const figures: Figure[] = [];
  for (const [episodes, atOnce] of [
    [200, 1],
    [128, 64],
  ] as const) {
    const base = context.scratch();
    const child = startNode(context.child("many-episodes"), [base, episodes, atOnce, 20]);
    await child.until(({ stdout }) => stdout.includes("ready"));
    // Node opens its modules many at once, so the limit comes after that.
    const limited = spawnSync("prlimit", ["--nofile=40:40", "--pid", String(child.process.pid)]);
    if (limited.status !== 0) {
      child.kill("SIGKILL");
      return { notRun: "prlimit, which takes the descriptors away, is missing" };
    }
    child.send("go");
    const { code, stdout, stderr } = await child.ended;
    if (code !== 0) throw new Error(`the child ended with ${code}: ${stderr.slice(-1000)}`);
    const what = `${atOnce} at once`;
    figures.push(
      none(
        `${what}: steps lost of ${episodes * 20}`,
        episodes * 20 - readBack(join(base, "run"), stream).right,
      ),
      { what: `${what}: most descriptors`, value: lastNumber(stdout, "descriptors"), limit: 16 },
    );
  }
  return { figures };
}

/** D6: 200 ms for every write. */
async function slowDisk(context: RowContext): Promise<Outcome> {
  if (spawnSync("strace", ["-V"]).status !== 0)
    return { notRun: "strace, which slows the writes, is missing" };
  const base = context.scratch();
  const steps = context.short ? 400 : 5_000;
  const child = new ChildProgram("strace", [
    ...["-f", "-qq", "-o", "/dev/null", "--seccomp-bpf", "-e", "trace=pwrite64"],
    ...["-e", "inject=pwrite64:delay_enter=200000"],
    ...[process.execPath, context.child("slow-disk"), base, String(steps)],
  ]);
  const { code, stdout, stderr } = await child.ended;
  if (code !== 0) {
    if (stderr.includes("ptrace")) return { notRun: "strace may not trace here" };
    throw new Error(`the child ended with ${code}: ${stderr.slice(-1000)}`);
  }
  const dropped = lastNumber(stdout, "dropped");
  const p99 = lastNumber(stdout, "p99");
  const lost = steps - dropped - readBack(join(base, "run"), stream).right;
  if (p99 >= 150 && lost === 0) {
    const cause = "the journal is written on the thread that records, which waits for the disk";
    return { notBuilt: `${cause}: p99 of step() is ${p99.toFixed(0)} ms (limit 1 ms), no step is lost` };
  }
  return {
    figures: [atMost("p99 of step()", p99, 1, "ms"), none("steps lost that were not dropped", lost)],
  };
}

/** D7: somebody else fills the disk. */
async function filledByOthers(context: RowContext): Promise<Outcome> {
  using disk = mountOrNull(join(context.scratch(), "disk"), "16m");
  if (disk === null) return { notRun: "a tmpfs cannot be mounted here" };
  const overrides = (name: string) => [
    `storage.run_name=${name}`,
    "visualization=debug_verbose",
    "visualization.output_formats=[big]",
    "visualization.step_pictures=all",
    "+visualization.renderers.big={_target_: big}",
    "storage.min_free_gb=0.004",
    "storage.cleanup_policy=oldest_first",
  ];
  const plugins = [bigRenderer];
  const record = async (
    run: Awaited<ReturnType<typeof openFaultRun>>["run"],
    steps: number,
  ): Promise<void> => {
    const episode = run.startEpisode(START);
    for (let step = 0; step < steps; step++) episode.step(stream.step(step));
    await run.flush();
    await episode.end();
  };
  const base = join(disk.path, "episodes");
  const old = await openFaultRun(base, overrides("old"), { plugins, cwd: disk.path });
  for (let episode = 0; episode < 4; episode++) await record(old.run, 50);
  await old.run.close();
  const { run } = await openFaultRun(base, overrides("live"), { plugins, cwd: disk.path });
  await record(run, 50);
  const live = run.startEpisode(START);
  for (let step = 0; step < 50; step++) live.step(stream.step(step));
  await run.flush();
  const foreign = join(disk.path, "foreign");
  const free = (): number => {
    const { bavail, bsize } = statfsSync(disk.path);
    return bavail * bsize;
  };
  // As `cp` of another user.
  const bytes = free() - 1e6;
  const filler = spawnSync("sh", ["-c", `head -c ${bytes} /dev/zero > ${foreign}`]);
  if (filler.status !== 0) throw new Error(String(filler.stderr));
  await tick(1_100);
  for (let step = 50; step < 100; step++) {
    live.step(stream.step(step));
    await tick(2);
  }
  await run.flush();
  // It looks at the disk once a second.
  await tick(1_100);
  live.step(stream.step(100));
  await run.flush();
  const left = free();
  await live.end();
  await run.close();
  const oldLeft = readManifest(fs, old.run.dir)?.episodes.length ?? 0;
  return {
    figures: [
      atLeast("left for others after the cleanup", left, 4e6),
      atLeast("old episodes pruned", 4 - oldLeft, 1),
      none("bytes of other programs' files gone", bytes - fs.statSync(foreign).size),
      none("steps of the live episode lost", 101 - stepsOf(run.dir, 2).length),
      none(
        "pictures of the live episode pruned",
        existsSync(join(run.dir, "episode_0002", "step_000.big")) ? 0 : 1,
      ),
    ],
  };
}

const bigRenderer = definePlugin({
  kind: "renderer",
  name: "big",
  create: (): Renderer => ({
    mediaType: "application/octet-stream",
    extension: "big",
    kinds: ["step"],
    render: () => new Uint8Array(40_000),
  }),
});

/** D9: the run's directory is taken away. */
async function directoryGone(context: RowContext): Promise<Outcome> {
  const { run, lines } = await openFaultRun(context.scratch());
  const episode = run.startEpisode(START);
  for (let step = 0; step < 100; step++) episode.step(stream.step(step));
  await run.flush();
  rmSync(run.dir, { recursive: true });
  let threw = 0;
  for (let step = 100; step < 200; step++) {
    try {
      episode.step(stream.step(step));
    } catch {
      threw += 1;
    }
  }
  await run.flush().catch(() => {});
  await episode.end().catch(() => {});
  await run.close().catch(() => {});
  const { accepted, written, dropped } = run.stats().accounting["journal"]!;
  const elsewhere = lines
    .map((line) => /goes on in ([^ ,]+)/.exec(line)?.[1])
    .find((dir) => dir !== undefined);
  let readable = 0;
  if (elsewhere !== undefined) {
    readable = readBack(elsewhere, stream).seqs.length;
    rmSync(elsewhere, { recursive: true });
  }
  return {
    figures: [
      none("calls of step() that threw", threw),
      atLeast("messages about it", lines.filter((line) => line.includes(run.dir)).length, 1),
      all("accepted = written + dropped", accepted, written + dropped),
      none("records counted as written that nobody can read", written - readable),
    ],
  };
}

/** D10: a disk behind a network. */
async function networkDisk(context: RowContext): Promise<Outcome> {
  const figures: Figure[] = [];
  for (const [code, call, times] of [
    ["ESTALE", "writeSync", 2],
    ["EBUSY", "renameSync", 2],
    ["EBUSY", "openSync", 2],
    ["ESTALE", "fdatasyncSync", 1],
  ] as const) {
    const faulty = failingFs();
    const { run } = await openFaultRun(context.scratch(), ["storage.durability=group"], { fs: faulty.fs });
    const episode = run.startEpisode(START);
    for (let step = 0; step < 100; step++) episode.step(stream.step(step));
    await run.flush();
    let left: number = times;
    faulty.rule = (name) => (name === call && left-- > 0 ? code : undefined);
    for (let step = 100; step < 200; step++) episode.step(stream.step(step));
    await run.flush().catch(() => {});
    await episode.end().catch(() => {});
    await tick(600);
    await run.flush().catch(() => {});
    await run.close().catch(() => {});
    const back = readBack(run.dir, stream);
    figures.push(
      none(`${code} of ${call}: false acknowledgements`, Math.max(0, run.acknowledged - back.completeUpTo)),
      none(`${code} of ${call}: steps lost of 200`, 200 - back.right),
    );
  }
  return { figures };
}

/** D11: names of all kinds. */
async function hostileNames(context: RowContext): Promise<Outcome> {
  const random = randomNumbers(17);
  const pieces = [
    "..",
    ".",
    "/",
    "\\",
    "a",
    "C:",
    "\0",
    "é",
    "e\u0301",
    "\u202e",
    "x".repeat(300),
    "%2e",
    "{episode}",
  ];
  pieces.push("~", " ", "con", "\uff0e\uff0e", "{episode:04d}", "{episode:9999999d}", "\n", "-", "$(id)");
  const tries = context.short ? 500 : 5_000;
  let outside = 0;
  let untyped = 0;
  let opened = 0;
  const base = context.scratch();
  for (let count = 0; count < tries; count++) {
    const text = Array.from(
      { length: 1 + Math.floor(random() * 4) },
      () => pieces[Math.floor(random() * pieces.length)],
    ).join("");
    const root = join(base, `root${count}`);
    const faulty = failingFs();
    faulty.rule = (call, args) => {
      const path = typeof args[0] === "string" ? resolve(args[0]) : root;
      const harmless = path === root || path.startsWith(`${root}/`) || path.startsWith("/proc/");
      const syncs = call === "openSync" && args[1] === "r";
      if (changesDisk(call) && !syncs && !harmless && path !== base) outside += 1;
      return undefined;
    };
    const key = ["storage.run_name", "storage.episode_dir_format", "storage.step_file_format"][count % 3]!;
    try {
      if (key !== "storage.run_name")
        compileNameFormat(key, text, key.includes("episode") ? "episode" : "step");
      const { run } = await openFaultRun(root, [`${key}=${JSON.stringify(text)}`], { fs: faulty.fs });
      opened += 1;
      const episode = run.startEpisode(START);
      episode.step(stream.step(0));
      await episode.end();
      await run.close();
    } catch (error) {
      if (!/^[A-Z_]+$/.test(String((error as { code?: unknown }).code))) untyped += 1;
    }
    rmSync(root, { recursive: true, force: true });
  }
  return {
    figures: [
      none(`changes outside the root, of ${tries} names`, outside),
      none("refusals without a code", untyped),
      atLeast("names that were used", opened, 1),
    ],
  };
}

function mountOrNull(path: string, size: string): ReturnType<typeof mountSmallDisk> & object {
  const disk = mountSmallDisk(path, size);
  return (typeof disk === "string" ? null : disk) as ReturnType<typeof mountSmallDisk> & object;
}

/** Writes until nothing more fits. */
function fillDisk(base: string, filler: string): void {
  const { bavail, bsize } = statfsSync(base);
  writeFileSync(filler, "");
  for (let size = bavail * bsize; size >= 1; size = Math.floor(size / 2)) {
    try {
      fs.appendFileSync(filler, Buffer.alloc(size));
    } catch {
      // What fitted is there.
    }
  }
}

/** Highest seq up to which a live journal holds everything. */
function readLive(dir: string): number {
  return stepsOf(dir).length + 1;
}

function stillClock() {
  return { now: () => 1_700_000_000, monotonic: () => performance.now() };
}

export const DISK_ROWS: readonly Row[] = [
  { id: "D1", fault: "disk full in the middle", run: fullDisk },
  { id: "D2", fault: "short writes", run: shortWrites },
  { id: "D3", fault: "the disk fails while it syncs", run: failingSync },
  { id: "D4", fault: "no right to write", run: noPermission },
  { id: "D5", fault: "few descriptors", run: fewDescriptors },
  { id: "D6", fault: "slow disk", run: slowDisk },
  { id: "D7", fault: "another process fills the disk", run: filledByOthers },
  ...METADATA_ROWS,
  { id: "D9", fault: "the run's directory is deleted", run: directoryGone },
  { id: "D10", fault: "a disk behind a network", run: networkDisk },
  { id: "D11", fault: "names of all kinds", run: hostileNames },
];
