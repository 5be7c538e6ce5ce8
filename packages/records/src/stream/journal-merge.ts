import type { FileSystem } from "../disk/file-system.js";
import { DecisionsAnew } from "../journal/decisions-anew.js";
import { type JournalItem, JournalReader } from "../journal/journal-reader.js";
import type { RunItem } from "../log/log-reader.js";

/** A sealed journal of a run. */
export interface JournalPlace {
  readonly path: string;
  /** Number of the episode; 0 = records that belong to none. */
  readonly number: number;
  /** Positions of its first and its last record, where they are known without opening it. */
  readonly positions?: { readonly first: number; readonly last: number } | undefined;
  /** Gives the episode's records from elsewhere, where the file is missing or no journal. */
  open?(): JournalReader;
}

/** So many journals are open at the same time; others are opened for each block of theirs. */
const OPEN_JOURNALS = 12;

/**
 * The records of a run in the order in which they arrived, from its journals. Of version 1, which has no positions, they are
 * ordered by (`seq`, number of the episode) and numbered from 0, and what was decided is decided anew: each time the same.
 */
export class JournalMerge {
  readonly #fs: FileSystem;
  readonly #from: number;
  readonly #until: number;
  /** Not begun yet, in the order of their first records. */
  readonly #waiting: Cursor[];
  readonly #active: Cursor[] = [];
  readonly #anew: DecisionsAnew | null;

  /** Items at positions in [`from`, `until`). */
  constructor(
    fs: FileSystem,
    journals: readonly JournalPlace[],
    from = 0,
    until: number = Number.POSITIVE_INFINITY,
  ) {
    this.#fs = fs;
    this.#from = from;
    this.#until = until;
    const cursors = journals.flatMap((place) => this.#cursor(place) ?? []);
    // A journal whose head is damaged may look older than it is.
    const isOld = cursors.some(({ version }) => version === 1) && !cursors.some(({ version }) => version > 1);
    this.#anew = isOld ? new DecisionsAnew() : null;
    this.#waiting = cursors.sort((one, other) => one.key - other.key || one.number - other.number);
  }

  next(): RunItem | null {
    for (;;) {
      const cursor = this.#first();
      if (cursor === null) return null;
      const item = cursor.current!;
      const { number } = cursor;
      if (!cursor.next(this.#active.length <= OPEN_JOURNALS))
        this.#active.splice(this.#active.indexOf(cursor), 1);
      const found = this.#anew === null ? placed(item, number) : this.#anew.decide(item.record, number);
      if (found === null) continue;
      if (found.position >= this.#until) {
        this.close();
        return null;
      }
      if (found.position >= this.#from) return found;
    }
  }

  close(): void {
    for (const cursor of this.#active.splice(0)) cursor.close();
    this.#waiting.length = 0;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The cursor whose record comes first. */
  #first(): Cursor | null {
    let first: Cursor | null = null;
    for (const cursor of this.#active) if (first === null || isBefore(cursor, first)) first = cursor;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (first !== null && isBefore(first, next)) break;
      this.#waiting.shift();
      if (!next.next(this.#active.length < OPEN_JOURNALS)) continue;
      this.#active.push(next);
      if (first === null || isBefore(next, first)) first = next;
    }
    return first;
  }

  #cursor(place: JournalPlace): Cursor | null {
    try {
      const cursor = new Cursor(this.#fs, place);
      return cursor.last < this.#from && cursor.version > 1 ? null : cursor;
    } catch {
      // A journal that cannot be read at all: `verify` tells it.
      return null;
    }
  }
}

function isBefore(one: Cursor, other: Cursor): boolean {
  return one.key < other.key || (one.key === other.key && one.number < other.number);
}

function placed({ record, position, decisions, lost }: JournalItem, number: number): RunItem | null {
  if (position === null || decisions === null) return null;
  return { position, record, episode: number === 0 ? null : number, decisions, lost };
}

const UNREADABLE: ReadonlySet<string> = new Set(["ENOENT", "JOURNAL_NOT_RECOGNISED", "EPISODE_NOT_KEPT"]);

/** Walks through one journal, a block at a time. */
class Cursor {
  readonly #fs: FileSystem;
  readonly #place: JournalPlace;
  readonly number: number;
  readonly version: number;
  readonly last: number;
  /** By which it is compared: the position of the next record, or its `seq` in version 1. */
  key: number;
  current: JournalItem | null = null;
  #reader: JournalReader | null = null;
  #segment = 0;
  #items: Generator<JournalItem, undefined> | null = null;

  constructor(fs: FileSystem, place: JournalPlace) {
    const { number, positions } = place;
    this.#fs = fs;
    this.#place = place;
    this.number = number;
    if (positions !== undefined) {
      this.version = 2;
      this.key = positions.first;
      this.last = positions.last;
      return;
    }
    using reader = this.#open();
    // One that was made of an export says nothing about the others.
    this.version = reader.path === place.path ? reader.version : 0;
    const stored = this.version !== 1 ? reader.index.positions : null;
    this.key = stored?.first ?? reader.first?.seq ?? 0;
    this.last = stored?.last ?? Number.POSITIVE_INFINITY;
  }

  /** Leads to the next record; false where there is none. */
  next(staysOpen: boolean): boolean {
    let item = this.#items?.next().value;
    while (item === undefined) {
      this.#reader ??= this.#openOrNull();
      if (this.#reader === null) return false;
      if (this.#segment >= this.#reader.index.segments.length) {
        this.close();
        this.current = null;
        return false;
      }
      this.#items = this.#reader.segmentItems(this.#segment);
      this.#segment += 1;
      item = this.#items.next().value;
      // Of an open journal of version 1 a segment is many frames.
      if (!staysOpen && this.#reader.sealed) this.close();
    }
    this.current = item;
    this.key = item.position ?? item.record.seq;
    return true;
  }

  /** Null for what cannot be read at all: `verify` tells it. */
  #openOrNull(): JournalReader | null {
    try {
      return this.#open();
    } catch (error) {
      if (UNREADABLE.has(String((error as { code?: unknown }).code))) return null;
      throw error;
    }
  }

  #open(): JournalReader {
    const { path, open } = this.#place;
    try {
      const reader = new JournalReader(path, { fs: this.#fs });
      if (reader.version > 0 || open === undefined) return reader;
      reader.close();
      return open();
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (open === undefined || (code !== "ENOENT" && code !== "JOURNAL_NOT_RECOGNISED")) throw error;
      return open();
    }
  }

  close(): void {
    this.#reader?.close();
    this.#reader = null;
  }
}
