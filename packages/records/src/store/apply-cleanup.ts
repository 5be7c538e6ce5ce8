import { join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import { cleanupRefused } from "../disk/storage-errors.js";
import type { CleanupStep } from "./cleanup-policy.js";
import { assertDirectory, holdDirectory } from "./held-directory.js";
import { HeldRun } from "./held-run.js";
import { EPISODE_JOURNAL, type Manifest, type ManifestEpisode } from "./manifest.js";

export interface ApplyCleanupOptions {
  readonly fs: FileSystem;
  /** Absolute path of the directory that holds the runs. */
  readonly base: string;
  /** The run that this process records, whose manifest is kept in memory: `forget` is told instead. */
  readonly own?: { readonly name: string; readonly manifest: Manifest };
  forget?(episode: number, what: CleanupStep["what"]): void;
  /** Told of each step that could not be done; the others go on. */
  onError(error: unknown, step: CleanupStep): void;
}

/**
 * Deletes what a plan says, and nothing else: only episodes that a manifest of ours lists, in runs directly below the
 * real base, never through a link, never in a run that another process records or cleans up. An episode is renamed into
 * a trash directory of our own first, so that it is there whole or not at all; what a cleanup that died left in its trash
 * is removed by the next. Gives the bytes freed.
 */
export function applyCleanup(steps: readonly CleanupStep[], options: ApplyCleanupOptions): number {
  if (steps.length === 0) return 0;
  const { fs } = options;
  const base = fs.realpathSync(options.base);
  removeOldTrash(fs, base);
  const trash = fs.mkdtempSync(join(base, `${TRASH}${process.pid}-`));
  let held: HeldRun | null = null;
  let freed = 0;
  try {
    for (const step of steps) {
      try {
        if (held?.name !== step.run) {
          const last = held;
          held = null;
          last?.[Symbol.dispose]();
          held = new HeldRun(fs, base, step.run, ownManifest(options, step.run));
        }
        freed += applyStep(step, held, trash, options);
      } catch (error) {
        options.onError(error, step);
      }
    }
  } finally {
    try {
      held?.[Symbol.dispose]();
    } finally {
      fs.rmSync(trash, { recursive: true, force: true });
    }
  }
  return freed;
}

const TRASH = ".trash-";
const TRASH_NAME = /^\.trash-(\d+)-[A-Za-z0-9]{6}$/;

/** What cleanups have left whose process is gone. */
function removeOldTrash(fs: FileSystem, base: string): void {
  for (const name of fs.readdirSync(base).map(String)) {
    const pid = TRASH_NAME.exec(name)?.[1];
    if (pid === undefined || isProcess(Number(pid))) continue;
    if (fs.lstatSync(join(base, name)).isDirectory())
      fs.rmSync(join(base, name), { recursive: true, force: true });
  }
}

function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function ownManifest({ own }: ApplyCleanupOptions, run: string): Manifest | null {
  return own?.name === run ? own.manifest : null;
}

function applyStep(step: CleanupStep, run: HeldRun, trash: string, options: ApplyCleanupOptions): number {
  const { fs } = options;
  const episode = run.manifest.episodes.find(({ number }) => number === step.episode);
  if (episode === undefined)
    throw cleanupRefused(step.run, `no manifest of ours lists episode ${step.episode}`);
  const from = join(run.path, episode.dir);
  // A cleanup that died may have got as far as the deletion.
  const isThere = fs.lstatSync(from, { throwIfNoEntry: false }) !== undefined;
  if (isThere) discard(step, from, `${trash}/${step.run}.${step.episode}.${step.what}`, episode, fs);
  if (run.isOwn) options.forget?.(step.episode, step.what);
  else run.manifest = without(run.manifest, step);
  return isThere ? step.bytes : 0;
}

function discard(
  { what }: CleanupStep,
  from: string,
  name: string,
  episode: ManifestEpisode,
  fs: FileSystem,
): void {
  assertDirectory(fs, from);
  if (what === "episode") {
    fs.renameSync(from, name);
    assertDirectory(fs, name);
    fs.rmSync(name, { recursive: true, force: true });
    return;
  }
  using directory = holdDirectory(fs, from);
  fs.mkdirSync(name);
  const kept = new Set([EPISODE_JOURNAL, ...episode.files.map((file) => file.path)]);
  for (const entry of fs.readdirSync(directory.path, { withFileTypes: true })) {
    // Only plain files: a directory or a link in there is not a picture of ours.
    if (!entry.isFile() || kept.has(entry.name)) continue;
    fs.renameSync(join(directory.path, entry.name), join(name, entry.name));
  }
}

function without(manifest: Manifest, step: CleanupStep): Manifest {
  const episodes =
    step.what === "episode"
      ? manifest.episodes.filter(({ number }) => number !== step.episode)
      : manifest.episodes.map((episode) =>
          episode.number === step.episode ? { ...episode, pictures: { count: 0, bytes: 0 } } : episode,
        );
  return { ...manifest, episodes };
}
