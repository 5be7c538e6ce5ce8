import { basename, join } from "node:path";
import type { CleanupStep } from "../pipeline/roles.js";
import type { FileSystem } from "./file-system.js";
import { EPISODE_JOURNAL, type Manifest, readManifest, writeManifest } from "./manifest.js";
import { isRunLocked } from "./run-lock.js";
import { cleanupRefused } from "./storage-errors.js";

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
 * real base, never through a link, never in a run that another process records. An episode is renamed into a trash
 * directory of our own first, so that it is there whole or not at all. Gives the bytes freed.
 */
export function applyCleanup(steps: readonly CleanupStep[], options: ApplyCleanupOptions): number {
  if (steps.length === 0) return 0;
  const { fs } = options;
  const base = fs.realpathSync(options.base);
  const trash = fs.mkdtempSync(join(base, ".trash-"));
  const changed = new Map<string, Manifest>();
  let freed = 0;
  try {
    for (const step of steps) {
      try {
        freed += applyStep(step, base, trash, options, changed);
      } catch (error) {
        options.onError(error, step);
      }
    }
  } finally {
    for (const [run, manifest] of changed) writeManifest(fs, join(base, run), manifest);
    fs.rmSync(trash, { recursive: true, force: true });
  }
  return freed;
}

function applyStep(
  step: CleanupStep,
  base: string,
  trash: string,
  options: ApplyCleanupOptions,
  changed: Map<string, Manifest>,
): number {
  const { fs, own } = options;
  if (step.run !== basename(step.run) || step.run === "." || step.run === "..") {
    throw cleanupRefused(step.run, "it is no name of a directory below the base");
  }
  using runDir = holdDirectory(fs, join(base, step.run));
  const isOwn = own?.name === step.run;
  if (!isOwn && isRunLocked(fs, runDir.path))
    throw cleanupRefused(step.run, "another process records into it");
  const manifest = isOwn ? own.manifest : (changed.get(step.run) ?? readManifest(fs, runDir.path));
  const episode = manifest?.episodes.find(({ number }) => number === step.episode);
  if (manifest === null || manifest === undefined || episode === undefined) {
    throw cleanupRefused(step.run, `no manifest of ours lists episode ${step.episode}`);
  }
  const name = `${trash}/${step.run}.${step.episode}.${step.what}`;
  const from = join(runDir.path, episode.dir);
  assertDirectory(fs, from);
  if (step.what === "episode") {
    fs.renameSync(from, name);
    assertDirectory(fs, name);
    fs.rmSync(name, { recursive: true, force: true });
  } else {
    using episodeDir = holdDirectory(fs, from);
    fs.mkdirSync(name);
    const kept = new Set([EPISODE_JOURNAL, ...episode.files.map((file) => file.path)]);
    for (const entry of fs.readdirSync(episodeDir.path, { withFileTypes: true })) {
      // Only plain files: a directory or a link in there is not a picture of ours.
      if (!entry.isFile() || kept.has(entry.name)) continue;
      fs.renameSync(join(episodeDir.path, entry.name), join(name, entry.name));
    }
  }
  if (isOwn) options.forget?.(step.episode, step.what);
  else changed.set(step.run, without(manifest, step));
  return step.bytes;
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

function assertDirectory(fs: FileSystem, path: string): void {
  if (!fs.lstatSync(path).isDirectory()) throw cleanupRefused(path, "it is no directory, or a link to one");
}

interface HeldDirectory extends Disposable {
  /** Leads to this very directory, whatever its name is given to meanwhile. */
  readonly path: string;
}

/** Opens a directory so that nobody can put a link in its place while we work below it; where the system allows it. */
function holdDirectory(fs: FileSystem, path: string): HeldDirectory {
  assertDirectory(fs, path);
  const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = fs.constants;
  if (O_DIRECTORY === undefined || O_NOFOLLOW === undefined) return { path, [Symbol.dispose]: () => {} };
  const fd = fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  const held = `/proc/self/fd/${fd}`;
  return { path: fs.existsSync(held) ? held : path, [Symbol.dispose]: () => fs.closeSync(fd) };
}
