import * as nodeFs from "node:fs";
import { join } from "node:path";
import type { StreamRecord } from "@episcope/records";
import {
  type FileSystem,
  type Finding,
  type Manifest,
  RunReader,
  recoverRun,
  verifyRun,
} from "@episcope/records/store";
import { randomNumbers } from "@episcope/records/testing";
import { memoryDisk } from "./memory-disk.js";

/** Files of a run by their paths below its directory. */
export type RunFiles = ReadonlyMap<string, Buffer>;

export interface MutationCounts {
  /** Mutations that were tried. */
  tried: number;
  /** Of them those after which the run does not read as it did. */
  changed: number;
  /** Changed, and `verify` says nothing that it did not say before. */
  unnamed: string[];
  /** Nothing in the file can tell these: a file that is being written, cut at the end of a frame, and open journals of version 1. */
  untold: number;
  /** Mutations after which `recover` made less readable. */
  lostByRecover: string[];
  /** Mutations after which a record that was never written was read, and nothing was said. */
  wrong: string[];
  /** Errors without a code of ours. */
  raw: string[];
  /** Most bytes that were read of one run's files, in all that was done with it. */
  mostRead: number;
}

const HEAD_BYTES = 40;
const RUN = "/runs/run_1";

/** The files of a directory, with those of its directories. */
export function filesOf(fs: FileSystem, dir: string, prefix = ""): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const entry of fs.readdirSync(join(dir, prefix), { withFileTypes: true })) {
    const path = join(prefix, entry.name);
    if (entry.isDirectory()) for (const [name, bytes] of filesOf(fs, dir, path)) files.set(name, bytes);
    else files.set(path, fs.readFileSync(join(dir, path)) as Buffer);
  }
  return files;
}

export function filesOnDisk(dir: string): RunFiles {
  return filesOf(nodeFs as unknown as FileSystem, dir);
}

/**
 * Changes one thing of a run, by chance, as often as it is told, and looks whether `verify` names what was changed, and
 * whether `recover` loses something that could be read. The same seed gives the same changes.
 */
export function mutateRuns(
  runs: Readonly<Record<string, RunFiles>>,
  { count, seed }: { readonly count: number; readonly seed: number },
): MutationCounts {
  const counts: MutationCounts = {
    ...{ tried: 0, changed: 0, untold: 0, mostRead: 0 },
    ...{ unnamed: [], lostByRecover: [], wrong: [], raw: [] },
  };
  const names = Object.keys(runs);
  const whole = new Map(names.map((name) => [name, look(runs[name]!)]));
  for (let at = 0; at < count; at++) {
    const random = chance(seed + at);
    const name = names[at % names.length]!;
    const { files, what, isCut } = mutated(runs[name]!, random);
    counts.tried += 1;
    check(`${name}, seed ${seed + at}: ${what}`, files, whole.get(name)!, isCut, counts);
  }
  return counts;
}

function check(what: string, files: RunFiles, whole: Look, isUntold: boolean, counts: MutationCounts): void {
  const disk = diskOf(files);
  const before = lookAt(disk.fs);
  const { raw } = before;
  if (raw !== null) counts.raw.push(`${what}: ${raw}`);
  const isChanged = !same(before.records, whole.records);
  const isNamed =
    before.code !== null || [...before.findings].some((finding) => !whole.findings.has(finding));
  if (isChanged) {
    counts.changed += 1;
    if (!isNamed) {
      if (isUntold) counts.untold += 1;
      else {
        counts.unnamed.push(what);
        if (hasMore(before.records, whole.records)) counts.wrong.push(what);
      }
    }
  }
  try {
    recoverRun(RUN, { fs: disk.fs });
    const after = lookAt(disk.fs);
    if (after.raw !== null) counts.raw.push(`${what}, recovered: ${after.raw}`);
    // Wherever it stands now: a journal that another has been put in the place of is made again.
    const kept = new Set([...after.records.values()].flat());
    const readable = [...before.records.values()].flat();
    if (!readable.every((text) => kept.has(text))) counts.lostByRecover.push(what);
  } catch (error) {
    const code = codeOf(error);
    if (code === null) counts.raw.push(`${what}, recover: ${String((error as Error).stack)}`);
  }
  counts.mostRead = Math.max(counts.mostRead, disk.read.bytes);
}

/** What a run gives to those who read it. */
interface Look {
  /** The records by the episode's number, and those of no episode. */
  readonly records: ReadonlyMap<string, readonly string[]>;
  readonly findings: ReadonlySet<string>;
  /** Of the error by which the whole run cannot be read. */
  readonly code: string | null;
  readonly raw: string | null;
}

function look(files: RunFiles): Look {
  return lookAt(diskOf(files).fs);
}

function lookAt(fs: FileSystem): Look {
  const records = new Map<string, string[]>();
  const findings = new Set<string>();
  let raw: string | null = null;
  try {
    const run = new RunReader(RUN, { fs });
    const keep = (key: string, list: () => Iterable<StreamRecord>): void => {
      const texts: string[] = [];
      records.set(key, texts);
      try {
        for (const record of list()) texts.push(textOf(record));
      } catch (error) {
        if (codeOf(error) === null) raw = String((error as Error).stack);
      }
    };
    keep("run", () => run.runRecords());
    for (const { number } of run.episodes) keep(String(number), () => run.records(number));
    for (const finding of verifyRun(run, { fs }).findings) findings.add(nameOf(finding));
    return { records, findings, code: null, raw };
  } catch (error) {
    const code = codeOf(error);
    return { records, findings, code, raw: code === null ? String((error as Error).stack) : raw };
  }
}

function nameOf({ kind, episode, step, message }: Finding): string {
  return `${kind} ${episode} ${step} ${message}`;
}

/** Of our errors, and of the system's for a file that is missing. */
function codeOf(error: unknown): string | null {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /^[A-Z]+_[A-Z_]+$|^ENOENT$/.test(code) ? code : null;
}

function textOf(record: StreamRecord): string {
  return JSON.stringify(record, (_key, value: unknown) =>
    value instanceof Uint8Array
      ? Buffer.from(value).toString("base64")
      : typeof value === "number" && !Number.isFinite(value)
        ? String(value)
        : value,
  );
}

function same(one: Look["records"], other: Look["records"]): boolean {
  return !hasMore(one, other) && !hasMore(other, one);
}

/** Whether `one` has a record that `other` has not. */
function hasMore(one: Look["records"], other: Look["records"]): boolean {
  for (const [key, texts] of one) {
    const left = new Map<string, number>();
    for (const text of other.get(key) ?? []) left.set(text, (left.get(text) ?? 0) + 1);
    for (const text of texts) {
      const count = left.get(text) ?? 0;
      if (count === 0) return true;
      left.set(text, count - 1);
    }
  }
  return false;
}

function diskOf(files: RunFiles): { readonly fs: FileSystem; readonly read: { bytes: number } } {
  const { fs } = memoryDisk(Object.fromEntries([...files].map(([path, bytes]) => [join(RUN, path), bytes])));
  fs.mkdirSync(RUN, { recursive: true });
  const read = { bytes: 0 };
  const readSync = (...call: unknown[]): number => {
    const count = (fs.readSync as (...args: unknown[]) => number).apply(fs, call);
    read.bytes += count;
    return count;
  };
  const get = (target: FileSystem, key: PropertyKey): unknown =>
    key === "readSync" ? readSync : Reflect.get(target, key);
  return { fs: new Proxy(fs, { get }), read };
}

type Below = (limit: number) => number;

function chance(seed: number): Below {
  const next = randomNumbers(seed);
  return (limit) => Math.floor(next() * limit);
}

interface Mutation {
  readonly files: RunFiles;
  readonly what: string;
  /** A file that is being written was cut, or is one whose frames know nothing of each other. */
  readonly isCut: boolean;
}

function mutated(files: RunFiles, below: Below): Mutation {
  const paths = [...files.keys()].filter(
    (path) => path.endsWith(".epi") || path.endsWith(".epl") || path.endsWith(".json"),
  );
  const path = paths[below(paths.length)]!;
  const bytes = files.get(path)!;
  const result = new Map(files);
  const others = paths.filter((other) => other !== path && other.slice(-4) === path.slice(-4));
  const other = others.length === 0 ? path : others[below(others.length)]!;
  const kind = below(10);
  if (kind === 0) {
    result.delete(path);
    return {
      files: result,
      what: `${path} deleted`,
      isCut: isLastOfLog(path, files) || isUnlisted(path, files),
    };
  }
  if (kind === 1) {
    const [replacement, what] =
      below(2) === 0 ? [Buffer.alloc(0), "emptied"] : [files.get(other)!, `replaced by ${other}`];
    result.set(path, replacement);
    return {
      files: result,
      what: `${path} ${what}`,
      isCut: replacement.length === 0 && (isLastOfLog(path, files) || isUnlisted(path, files)),
    };
  }
  const framed = path.endsWith(".json") ? null : framesOf(bytes);
  if (framed !== null && framed.length > 1 && kind < 6) {
    const { frames, what, cut } = mutatedFrames(framed, framesOf(files.get(other)!), below);
    const isOpen = isUnchained(bytes) || (cut && isLastOfLog(path, files));
    result.set(path, Buffer.concat([bytes.subarray(0, HEAD_BYTES), ...frames]));
    return { files: result, what: `${path}: ${what}`, isCut: isOpen };
  }
  const { changed, what, cut } = mutatedBytes(bytes, files.get(other)!, below);
  result.set(path, changed);
  return {
    files: result,
    what: `${path}: ${what}`,
    isCut: cut && (isUnchained(bytes) || isLastOfLog(path, files)),
  };
}

/** An episode that went on when its recorder died: of one without a byte nothing tells that it had begun. */
function isUnlisted(path: string, files: RunFiles): boolean {
  const manifest = JSON.parse(String(files.get("manifest.json"))) as Manifest;
  return !manifest.complete && !manifest.episodes.some(({ dir }) => path.startsWith(`${dir}/`));
}

/** An open journal of version 1. */
function isUnchained(bytes: Buffer): boolean {
  return bytes.length >= HEAD_BYTES && bytes[8] === 1 && bytes[12] === 0;
}

function isLastOfLog(path: string, files: RunFiles): boolean {
  const segments = [...files.keys()].filter((name) => name.endsWith(".epl")).sort();
  return path.endsWith(".epl") && segments.at(-1) === path;
}

/** The frames of a file, and what is behind them as the last. */
function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  let at = HEAD_BYTES;
  while (at + 8 < bytes.length) {
    const end = at + 8 + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  if (at < bytes.length) frames.push(bytes.subarray(at));
  return frames;
}

function mutatedFrames(
  frames: readonly Buffer[],
  others: readonly Buffer[],
  below: Below,
): { readonly frames: Buffer[]; readonly what: string; readonly cut: boolean } {
  const at = below(frames.length);
  const result = [...frames];
  switch (below(5)) {
    case 0:
      result.splice(at, 1);
      return { frames: result, what: `frame ${at} taken out`, cut: at === frames.length - 1 };
    case 1:
      result.splice(at, 0, frames[at]!);
      return { frames: result, what: `frame ${at} doubled`, cut: false };
    case 2: {
      const to = below(frames.length);
      [result[at], result[to]] = [result[to]!, result[at]!];
      return { frames: result, what: `frames ${at} and ${to} exchanged`, cut: false };
    }
    case 3:
      result[at] = others[below(others.length)] ?? frames[0]!;
      return { frames: result, what: `frame ${at} is one of another file`, cut: false };
    default:
      result.length = at;
      return { frames: result, what: `cut before frame ${at}`, cut: true };
  }
}

function mutatedBytes(
  bytes: Buffer,
  other: Buffer,
  below: Below,
): { readonly changed: Buffer; readonly what: string; readonly cut: boolean } {
  const changed = Buffer.from(bytes);
  const at = below(bytes.length);
  const length = 1 + below(Math.min(64, bytes.length - at));
  const range = `${length} bytes at ${at}`;
  switch (below(6)) {
    case 0:
      changed[at]! ^= 1 << below(8);
      return { changed, what: `a bit at ${at}`, cut: false };
    case 1:
      return { changed: changed.fill(0, at, at + length), what: `${range} are 0`, cut: false };
    case 2:
      return { changed: changed.fill(0xff, at, at + length), what: `${range} are 255`, cut: false };
    case 3:
      return { changed: changed.subarray(0, at), what: `cut at ${at}`, cut: true };
    case 4: {
      const inserted = Buffer.from(Array.from({ length }, () => below(256)));
      return {
        changed: Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]),
        what: `${range} inserted`,
        cut: false,
      };
    }
    default: {
      const from = below(other.length);
      changed.set(other.subarray(from, from + Math.min(length, other.length - from)), at);
      return { changed, what: `${range} are of another file`, cut: false };
    }
  }
}
