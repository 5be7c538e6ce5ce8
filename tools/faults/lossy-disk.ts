import nodeFs, { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { FileSystem } from "@episcope/records/store";

interface Write {
  readonly offset: number;
  /** Null: the file is cut at the offset. */
  readonly bytes: Uint8Array | null;
}

/** The form of `writeSync` that stores call. */
type PositionedWrite = [fd: number, bytes: Uint8Array, offset: number, length: number, position: number];

/** A file, whatever its name: what the disk has, and what only the page cache has. */
class Inode {
  bytes: Uint8Array = new Uint8Array(0);
  size = 0;
  pending: Write[] = [];

  sync(): void {
    for (const write of this.pending) this.#apply(write);
    this.pending = [];
  }

  /** What a power loss leaves: any of the writes that were not synced, each perhaps in part. */
  image(random: () => number): Uint8Array {
    const copy = new Inode();
    copy.bytes = this.bytes.slice(0, this.size);
    copy.size = this.size;
    for (const { offset, bytes } of this.pending) {
      const luck = random();
      if (luck < 0.4) continue;
      const part =
        bytes === null || luck > 0.7 ? bytes : bytes.subarray(0, Math.floor(bytes.length * random()));
      copy.#apply({ offset, bytes: part });
    }
    return copy.bytes.subarray(0, copy.size);
  }

  #apply({ offset, bytes }: Write): void {
    if (bytes === null) {
      this.bytes.fill(0, offset);
      this.size = offset;
      return;
    }
    const end = offset + bytes.length;
    if (end > this.bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.bytes.length));
      larger.set(this.bytes.subarray(0, this.size));
      this.bytes = larger;
    }
    this.bytes.set(bytes, offset);
    this.size = Math.max(this.size, end);
  }
}

type Entry = Inode | "directory";
/** Sets names, or takes them away where the entry is null; all of them or none. */
interface NameChange {
  readonly directory: string;
  readonly names: readonly (readonly [path: string, entry: Entry | null])[];
}

/**
 * A disk that forgets: passes calls to the real one and keeps in mind what has been synced. File contents need
 * `fsync` or `fdatasync`, names need `fsync` of their directory; nothing else is safe.
 */
export class LossyDisk {
  readonly fs: FileSystem;
  readonly #random: () => number;
  readonly #now: Map<string, Entry> = new Map();
  readonly #safe: Map<string, Entry> = new Map();
  #pending: NameChange[] = [];
  readonly #open: Map<number, { readonly path: string; readonly entry: Entry }> = new Map();

  /** `root` itself is safe. */
  constructor(root: string, random: () => number) {
    this.#random = random;
    this.#now.set(root, "directory");
    this.#safe.set(root, "directory");
    this.fs = this.#wrap(nodeFs);
  }

  /** Writes what a power loss would leave of `dir` now into a new directory, which does not exist if it is lost. */
  writeImage(dir: string, target: string): void {
    const names = new Map(this.#safe);
    // A file system replays its changes in their order, up to some point.
    const upTo = Math.floor(this.#random() * (this.#pending.length + 1));
    for (const change of this.#pending.slice(0, upTo)) setNames(names, change);
    if (!names.has(dir)) return;
    mkdirSync(target, { recursive: true });
    for (const [path, entry] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!path.startsWith(`${dir}/`) || names.get(dirname(path)) !== "directory") continue;
      const place = join(target, path.slice(dir.length + 1));
      if (entry === "directory") mkdirSync(place, { recursive: true });
      else writeFileSync(place, entry.image(this.#random));
    }
  }

  #change(...names: NameChange["names"]): void {
    const change = { directory: dirname(names[0]![0]), names };
    setNames(this.#now, change);
    this.#pending.push(change);
  }

  #syncDirectory(directory: string): void {
    for (const change of this.#pending) if (change.directory === directory) setNames(this.#safe, change);
    this.#pending = this.#pending.filter((change) => change.directory !== directory);
  }

  #create(path: string): Inode {
    const known = this.#now.get(path);
    if (known instanceof Inode) return known;
    const inode = new Inode();
    this.#change([path, inode]);
    return inode;
  }

  #wrap(inner: FileSystem): FileSystem {
    const overrides: Partial<FileSystem> = {
      openSync: (path, flags, mode) => {
        const place = resolve(String(path));
        const exists = inner.existsSync(place);
        const fd = inner.openSync(path, flags, mode);
        const writes = typeof flags === "string" && /[wa]/.test(flags);
        let entry = this.#now.get(place);
        if (writes && (entry === undefined || !exists)) entry = this.#create(place);
        if (entry instanceof Inode && writes && String(flags).startsWith("w"))
          entry.pending.push({ offset: 0, bytes: null });
        if (entry !== undefined) this.#open.set(fd, { path: place, entry });
        return fd;
      },
      closeSync: (fd) => {
        this.#open.delete(fd);
        inner.closeSync(fd);
      },
      writeSync: ((...args: PositionedWrite) => this.#write(...args)) as FileSystem["writeSync"],
      ftruncateSync: (fd, length) => {
        inner.ftruncateSync(fd, length);
        const entry = this.#open.get(fd)?.entry;
        if (entry instanceof Inode) entry.pending.push({ offset: length ?? 0, bytes: null });
      },
      fsyncSync: (fd) => this.#sync(fd),
      fdatasyncSync: (fd) => this.#sync(fd),
      writeFileSync: (path, data, options) => {
        inner.writeFileSync(path, data, options);
        const inode = this.#create(resolve(String(path)));
        inode.pending.push({ offset: 0, bytes: null });
        inode.pending.push({
          offset: 0,
          bytes: typeof data === "string" ? Buffer.from(data) : toBytes(data),
        });
      },
      renameSync: (from, to) => {
        inner.renameSync(from, to);
        const [source, target] = [resolve(String(from)), resolve(String(to))];
        const entry = this.#now.get(source);
        if (entry !== undefined) this.#change([target, entry], [source, null]);
      },
      unlinkSync: (path) => {
        inner.unlinkSync(path);
        this.#change([resolve(String(path)), null]);
      },
      rmSync: (path, options) => {
        inner.rmSync(path, options);
        const place = resolve(String(path));
        if (this.#now.has(place)) this.#change([place, null]);
      },
      mkdirSync: ((path: string, options: object) => {
        const made = inner.mkdirSync(path, options);
        const missing: string[] = [];
        for (
          let place = resolve(path);
          !this.#now.has(place) && place !== dirname(place);
          place = dirname(place)
        )
          missing.unshift(place);
        for (const place of missing) this.#change([place, "directory"]);
        return made;
      }) as FileSystem["mkdirSync"],
    };
    return { ...inner, ...overrides } as FileSystem;
  }

  #write(...[fd, bytes, offset, length, position]: PositionedWrite): number {
    const written = nodeFs.writeSync(fd, bytes, offset, length, position);
    const entry = this.#open.get(fd)?.entry;
    if (entry instanceof Inode)
      entry.pending.push({ offset: position, bytes: bytes.slice(offset, offset + written) });
    return written;
  }

  #sync(fd: number): void {
    const opened = this.#open.get(fd);
    if (opened === undefined) return;
    if (opened.entry === "directory") this.#syncDirectory(opened.path);
    else opened.entry.sync();
  }
}

function setNames(names: Map<string, Entry>, { names: changes }: NameChange): void {
  for (const [path, entry] of changes) {
    if (entry === null) names.delete(path);
    else names.set(path, entry);
  }
}

function toBytes(data: string | NodeJS.ArrayBufferView): Uint8Array {
  if (typeof data === "string") return Buffer.from(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
}
