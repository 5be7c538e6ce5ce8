import { join } from "node:path";
import type { EpisodeView, StepView, SummaryView } from "@episcope/records";
import type { FileSystem } from "@episcope/records/store";
import type { Artifact, SinkItem } from "../contract/roles.js";
import type { LogSource } from "./log-source.js";
import type { LoggedItem, LoggedItems } from "./logged-items.js";
import type { Outgoing } from "./outgoing.js";
import type { Shortened } from "./sink-queue.js";
import type { PicturePlace } from "./visualizer.js";

/** A picture to be drawn. */
export interface PictureJob {
  readonly view: StepView | SummaryView | EpisodeView;
  readonly place: PicturePlace;
}

/** What is kept of an item that has no room in its queue, and how the item is had again. */
export interface LateItems<T> {
  shorten(item: T): Shortened;
  restore(shorts: readonly unknown[]): Promise<readonly Restored<T>[]>;
}

type Restored<T> = { readonly item: T } | { readonly lost: string };

/** Of a picture: where it belongs, and what is drawn. A page is drawn of the episode's journal. */
type ShortJob = { readonly place: PicturePlace } & (
  | { readonly kind: "step" | "summary" }
  | { readonly kind: "episode"; readonly episode: number }
);

/** Of a sink's item: the position of its record, or a picture whose bytes stand in its loose file. */
type ShortItem = number | (Artifact & { readonly path: string });

export interface LateReadingOptions {
  readonly log: LogSource | null;
  readonly fs: FileSystem;
  runDir(): string;
  pageOf(episode: number): EpisodeView | null;
  /** Null where nobody taps `outgoing`. */
  openOutgoing(): Outgoing | null;
}

const NO_BYTES = new Uint8Array();

/** One output's way through the log, for what its queue had no room for. It is asked in the order of the positions. */
export class LateReading {
  readonly #options: LateReadingOptions;
  #items: LoggedItems | null = null;
  /** Where they are read. */
  #place: unknown = null;

  constructor(options: LateReadingOptions) {
    this.#options = options;
  }

  /** Lowest position that it may read next. */
  get next(): number {
    return this.#items?.next ?? Number.POSITIVE_INFINITY;
  }

  ofItems(): LateItems<SinkItem> {
    return {
      shorten: (item) => {
        if ("record" in item) return this.#shortened(item.position);
        // Drawn for sinks only: there is no file that has it.
        if (item.path === null) return "whole";
        return { short: { ...item, bytes: NO_BYTES } };
      },
      restore: (shorts) =>
        this.#restored<ShortItem, SinkItem>(shorts as readonly ShortItem[], async (short) => {
          if (typeof short !== "number") return this.#picture(short);
          const item = await this.#at(short);
          if (item === null) return { lost: "log" };
          return item.sinkItem === null ? { lost: "redaction" } : { item: item.sinkItem };
        }),
    };
  }

  ofPictures(): LateItems<PictureJob> {
    return {
      shorten: ({ view, place }) => {
        const { outgoing: _seen, ...where } = place;
        if (view.kind !== "episode")
          return this.#shortened({ kind: view.kind, place: where } satisfies ShortJob);
        const short: ShortJob = { kind: "episode", episode: view.summary.episode.number, place };
        return { short };
      },
      restore: (shorts) =>
        this.#restored<ShortJob, PictureJob>(shorts as readonly ShortJob[], async (short) => {
          const { place } = short;
          if (short.kind === "episode") {
            const page = this.#options.pageOf(short.episode);
            return page === null ? { lost: "cleanup" } : { item: { view: page, place } };
          }
          const item = await this.#at(place.position);
          const view = short.kind === "step" ? item?.view : item?.summary;
          if (view === null || view === undefined) return { lost: "log" };
          const outgoing = short.kind === "step" ? item?.passed?.view : item?.passed?.summary;
          return { item: { view, place: outgoing === undefined ? place : { ...place, outgoing } } };
        }),
    };
  }

  close(): void {
    this.#items?.close();
    this.#items = null;
  }

  #shortened(short: ShortItem | ShortJob): Shortened {
    return this.#options.log === null ? "whole" : { short };
  }

  async #restored<Short, T>(
    shorts: readonly Short[],
    restore: (short: Short) => Promise<Restored<T>>,
  ): Promise<Restored<T>[]> {
    const restored: Restored<T>[] = [];
    for (const short of shorts) restored.push(await restore(short));
    return restored;
  }

  async #at(position: number): Promise<LoggedItem | null> {
    const log = this.#options.log!;
    if (!(await log.readable(position))) return null;
    const isElsewhere = log.place !== this.#place;
    if (this.#items !== null && (isElsewhere || log.readFrom(position) > this.#items.next)) this.close();
    this.#place = log.place;
    this.#items ??= log.open(position, this.#options.openOutgoing());
    return this.#items.at(position);
  }

  #picture(short: Artifact & { readonly path: string }): Restored<SinkItem> {
    const { fs, runDir } = this.#options;
    try {
      return { item: { ...short, bytes: fs.readFileSync(join(runDir(), short.path)) } };
    } catch {
      return { lost: "cleanup" };
    }
  }
}
