import type { Accounting, EpisodeView, StepView, SummaryView } from "@episcope/records";
import type { FileSystem } from "@episcope/records/store";
import type { AsyncLoggerConfig, OverflowPolicy } from "../config/types.js";
import { reentrantCall } from "../contract/errors.js";
import type { Artifact, PictureSize, RecordItem, Sink, SinkItem } from "../contract/roles.js";
import { type LateItems, LateReading, type PictureJob } from "./late-reading.js";
import type { LogSource } from "./log-source.js";
import type { Outgoing } from "./outgoing.js";
import { isKeptByTaker, type PictureTaker, sameSize, sizesToDraw } from "./picture-sizes.js";
import { type Checkpoint, type LaneConsumer, PartialFailure, SinkLane } from "./sink-lane.js";
import { ByteBudget, type EntryPlace, PROTECTED, SinkQueue, type StreamCursor } from "./sink-queue.js";
import type { PicturePlace, Visualizer } from "./visualizer.js";

export interface NamedSink {
  /** Config key of its node. */
  readonly key: string;
  readonly sink: Sink;
  /** Default `catch_up`. */
  readonly overflow?: OverflowPolicy | undefined;
  readonly abort: AbortController;
  /** Longest time of one call. Default: `worker_timeout`; a sink with a limit of its own has a longer one here. */
  readonly timeoutMs?: number;
}

/**
 * How far an output has come. The streams of a sink are "record" and the types of pictures that it takes; those of a renderer
 * are "picture" and "page".
 */
export interface OutputProgress extends Checkpoint {
  /** Entries that were accepted and are neither written nor dropped. */
  readonly waiting: number;
  /** Why it got nothing more; null while it did. */
  readonly gaveUp: string | null;
}

export interface AsyncLoggerOptions {
  readonly config: AsyncLoggerConfig;
  readonly visualizer: Visualizer;
  /** Where late outputs read what their queues had no room for; null where whoever offers waits for `room`. */
  readonly log: LogSource | null;
  readonly fs: FileSystem;
  /** Absolute, at the moment: loose files stand below it. */
  runDir(): string;
  /** The page of an episode that is over, from its journal; null where that is gone. */
  pageOf(episode: number): EpisodeView | null;
  /** Null where nobody taps `outgoing`; each reader has one of its own. */
  readonly openOutgoing: (() => Outgoing) | null;
  /** How far outputs had come when the run was interrupted, by their config keys. */
  readonly saved?: ReadonlyMap<string, OutputProgress>;
  /** Overflow policies of the renderers, by name. */
  readonly rendererOverflow: ReadonlyMap<string, OverflowPolicy | undefined>;
  readonly sinks: readonly NamedSink[];
  /** Pictures that a renderer may have in hand at once: the threads that draw, or 1. */
  readonly drawingThreads: number;
  /** Longest time of one picture before its renderer gets nothing more; a worker's own limit comes first. */
  readonly drawingTimeoutMs: number;
  /** Told of each picture before the sinks are. */
  onArtifact(artifact: Artifact): void;
  /** Told of the time that drawing took on this thread, in milliseconds. */
  onDrawingTime(ms: number): void;
  report(error: unknown, key: string): void;
}

/** Streams of an output, beside the types of pictures that a sink takes. */
const RECORDS = "record";
const PICTURES = "picture";
const PAGES = "page";
const BEGIN: StreamCursor = { position: 0, written: 0, reasons: {} };
/** Bytes of an entry beyond its grids, so that a queue of small things is bounded too. */
const ENTRY_BYTES = 256;

/** One of the pictures that are made of a view. */
interface Drawing {
  /** Undefined: its natural one. */
  readonly size: PictureSize | undefined;
  readonly goesTo: "files" | "sinks" | "both";
}

interface SinkOutput extends PictureTaker {
  readonly lane: SinkLane<SinkItem>;
}

/**
 * The queues between the pipeline and what is slow: one lane per renderer, one per sink. A step that is offered
 * costs a few pushes; drawing and writing happen between the producer's turns. What a queue has no room for is read again
 * from the log.
 */
export class AsyncLogger {
  readonly #pictures: Map<string, SinkLane<PictureJob>> = new Map();
  readonly #sinks: SinkOutput[] = [];
  /** Record and picture types that some sink takes. */
  readonly #accepted: ReadonlySet<string>;
  /** Of the renderers, then of the sinks. */
  readonly lanes: readonly (SinkLane<PictureJob> | SinkLane<SinkItem>)[];
  readonly #visualizer: Visualizer;
  readonly #options: AsyncLoggerOptions;
  readonly #late: LateReading[] = [];
  /** Positions of episodes' ends whose pages are still to be offered. */
  readonly #pagesToCome: Set<number> = new Set();
  /** Position that the next record of the run gets. */
  head = 0;

  constructor(options: AsyncLoggerOptions) {
    this.#options = options;
    this.#visualizer = options.visualizer;
    const { config, sinks } = options;
    const budget = new ByteBudget(config.queue_bytes);
    const takers = sinks.map(({ sink }) => ({ accepts: new Set(sink.accepts), size: sink.pictureSize }));
    for (const [name, overflow] of options.rendererOverflow) {
      const lane = this.#lane<PictureJob>({
        key: `visualization.renderers.${name}`,
        consumer: this.#drawer(name),
        batchSize: options.drawingThreads,
        overflow,
        budget,
        abort: new AbortController(),
        timeoutMs: options.drawingTimeoutMs,
        late: (reading) => reading.ofPictures(),
        offered: () =>
          new Map([
            [PICTURES, this.head],
            [PAGES, Math.min(this.head, ...this.#pagesToCome)],
          ]),
        ...(takers.some((taker) => this.#isKeptBy(taker, name))
          ? { beforeBatch: () => this.#roomFor(name) }
          : {}),
      });
      this.#pictures.set(name, lane);
    }
    for (const { key, sink, overflow, abort, timeoutMs = config.worker_timeout * 1000 } of sinks) {
      const consumer = sink as LaneConsumer<SinkItem>;
      const lane = this.#lane<SinkItem>({
        ...{ key, consumer, batchSize: config.batch_size, overflow, budget, abort, timeoutMs },
        late: (reading) => reading.ofItems(),
        offered: () => this.#offeredToSink(sink.accepts),
      });
      this.#sinks.push({ accepts: new Set(sink.accepts), size: sink.pictureSize, lane });
    }
    this.#accepted = new Set(sinks.flatMap(({ sink }) => sink.accepts));
    this.lanes = [...this.#pictures.values(), ...this.#sinks.map((entry) => entry.lane)];
  }

  /** True if some sink takes this record or picture type. */
  accepts(type: string): boolean {
    return this.#accepted.has(type);
  }

  /** The error that a call from inside a sink gets; null for every other call. */
  refusesReentry(): Error | null {
    for (const lane of this.lanes) if (lane.isInsideCall) return reentrantCall(lane.key);
    return null;
  }

  /** A record of this type is withheld from the sinks. */
  withhold(type: string, position: number): void {
    this.#lose(type, { position, stream: RECORDS });
  }

  /** Queues the pictures of a step. Larger `priority` = kept longer; at equal priority key steps are. */
  logStepVisualization(view: StepView, place: PicturePlace, priority = 0): void {
    const bytes =
      ENTRY_BYTES + view.before.data.length + view.after.data.length + (view.selection?.length ?? 0);
    const rank = rankOf(priority, place.key);
    this.#toRenderers({ view, place }, bytes, rank);
  }

  /** Queues the picture of an episode's end; it is never dropped for a step's. */
  logEpisodeSummary(view: SummaryView | EpisodeView, place: PicturePlace): void {
    const summary = view.kind === "summary" ? view : view.summary;
    const bytes = ENTRY_BYTES + summary.rewards.byteLength * 2;
    this.#toRenderers({ view, place }, bytes, PROTECTED);
  }

  /** Until `pageCame` outputs count as not past an episode's end, whose page is not there yet. */
  expectPage(position: number): void {
    this.#pagesToCome.add(position);
  }

  pageCame(position: number): void {
    this.#pagesToCome.delete(position);
  }

  /** Queues a record for the sinks that accept its type; gives the keys of those whose policy refused it. */
  logRecord(item: RecordItem, priority = 0): string[] {
    const rank = item.type === "step" ? rankOf(priority, item.key) : PROTECTED;
    const bytes = ENTRY_BYTES + (item.record.type === "step" ? item.record.after.data.length : 0);
    return this.#offer(item, bytes, rank, { position: item.position, stream: RECORDS });
  }

  /** The log had to drop a record of this type, and the picture of it that was to be drawn. */
  lost(type: string, isDrawn: boolean, position: number): void {
    for (const { accepts, lane } of this.#sinks)
      if (accepts.has(type)) lane.lose("log", { position, stream: RECORDS });
    if (!isDrawn) return;
    for (const name of this.#visualizer.renderersFor("step"))
      this.#pictures.get(name)?.lose("log", { position, stream: PICTURES });
  }

  /** Queues a picture for the sinks that take its type, and asked for its size. */
  logArtifact(artifact: Artifact, size?: PictureSize): void {
    const rank = artifact.step === null ? PROTECTED : rankOf(0, artifact.key);
    const place = { position: artifact.position, stream: artifact.type };
    this.#offer(artifact, ENTRY_BYTES + artifact.bytes.length, rank, place, (sink) =>
      sameSize(sink.size, size),
    );
  }

  /** Resolves when everything queued before is drawn, written or dropped, and every sink has flushed. */
  async flush(): Promise<void> {
    // Drawing feeds the sinks, so it comes first.
    await Promise.all([...this.#pictures.values()].map((lane) => lane.flush()));
    await Promise.all(this.#sinks.map(({ lane }) => lane.flush()));
  }

  /** Resolves when every queue that would lose something has room: for producers that would rather wait. */
  async ready(): Promise<void> {
    for (const lane of this.lanes) await lane.ready();
  }

  /** Drains, drops and counts what is left when `deadline` resolves, closes every sink. Never throws. */
  async close(deadline: Promise<unknown>): Promise<void> {
    // Drawing feeds the sinks, so it comes first.
    await Promise.all([...this.#pictures.values()].map((lane) => lane.close(deadline)));
    await Promise.all(this.#sinks.map(({ lane }) => lane.close(deadline)));
    for (const late of this.#late) late.close();
  }

  /**
   * Draws once more what its renderer has drawn before the run was interrupted, and a sink has not got. Rejects with what
   * the renderer throws.
   */
  async drawAgain({ view, place }: PictureJob): Promise<void> {
    for (const name of this.#visualizer.renderersFor(view.kind)) {
      const type = `picture/${this.#visualizer.extensionOf(name)}` as const;
      const { position } = place;
      const stream = view.kind === "episode" ? PAGES : PICTURES;
      if (!this.#has(this.#pictures.get(name)!.key, { position, stream })) continue;
      for (const drawing of this.#drawings(name)) {
        const { size } = drawing;
        const lacks = (sink: SinkOutput): boolean =>
          sink.accepts.has(type) &&
          sameSize(sink.size, size) &&
          !this.#has(sink.lane.key, { position, stream: type });
        if (drawing.goesTo === "files" || !this.#sinks.some(lacks)) continue;
        const artifact = await this.#draw(name, { view, place }, drawing);
        if (artifact !== null) this.logArtifact(artifact, size);
      }
    }
  }

  /** Resolves when no queue is longer than its bound, whatever its policy. */
  async room(): Promise<void> {
    for (const lane of this.lanes) await lane.room(this.#options.config.queue_size);
  }

  /** Flushes every output between two of its batches, so that `progress` is of now. */
  async save(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.save()));
  }

  /** How far each output had come at its last flush, by its config key. */
  progress(): ReadonlyMap<string, OutputProgress> {
    return new Map(
      this.lanes.map((lane) => {
        const { checkpoint, quarantine } = lane;
        return [lane.key, { ...checkpoint, waiting: lane.pending + lane.waiting, gaveUp: quarantine }];
      }),
    );
  }

  /** Lowest position that an output may still have to read. */
  get needed(): number {
    let needed = this.head;
    for (const { cursors } of this.progress().values())
      for (const { position } of cursors.values()) needed = Math.min(needed, position);
    for (const late of this.#late) needed = Math.min(needed, late.next);
    return needed;
  }

  /** Entries that outputs did not get in this run and may get in another. */
  get waiting(): number {
    return this.lanes.reduce((sum, lane) => sum + lane.waiting, 0);
  }

  /** Names of what has not been written, with counts. */
  pending(): string[] {
    return this.lanes.filter((lane) => lane.pending > 0).map((lane) => `${lane.pending} of ${lane.key}`);
  }

  accounting(): { [key: string]: Accounting } {
    return Object.fromEntries(this.lanes.map((lane) => [lane.key, lane.accounting()]));
  }

  #offer(
    item: SinkItem,
    bytes: number,
    rank: number,
    place: EntryPlace,
    wants: (sink: SinkOutput) => boolean = () => true,
  ): string[] {
    const refused: string[] = [];
    for (const sink of this.#sinks) {
      const { accepts, lane } = sink;
      if (!accepts.has(item.type) || !wants(sink) || this.#has(lane.key, place)) continue;
      if (!lane.offer(item, bytes, rank, place)) refused.push(lane.key);
    }
    return refused;
  }

  #toRenderers(job: PictureJob, bytes: number, rank: number): void {
    const { kind } = job.view;
    const place = { position: job.place.position, stream: kind === "episode" ? PAGES : PICTURES };
    for (const name of this.#visualizer.renderersFor(kind)) {
      const lane = this.#pictures.get(name);
      if (lane !== undefined && !this.#has(lane.key, place)) lane.offer(job, bytes, rank, place);
    }
  }

  #offeredToSink(accepts: readonly string[]): ReadonlyMap<string, number> {
    const offered = new Map([[RECORDS, this.head]]);
    for (const type of accepts) if (type.startsWith("picture/")) offered.set(type, this.head);
    // What is not drawn yet was not offered.
    for (const [name, lane] of this.#pictures) {
      const type = `picture/${this.#visualizer.extensionOf(name)}`;
      if (!offered.has(type)) continue;
      for (const { position } of lane.cursors.values())
        offered.set(type, Math.min(position, offered.get(type)!));
    }
    return offered;
  }

  /** Whether an output got an item before the run was interrupted. */
  #has(key: string, { position, stream }: EntryPlace): boolean {
    const saved = this.#options.saved?.get(key)?.cursors.get(stream);
    return saved !== undefined && position < saved.position;
  }

  /** Room in the sinks that take what a renderer draws for them alone: nothing else keeps it. */
  async #roomFor(name: string): Promise<void> {
    for (const sink of this.#sinks)
      if (this.#isKeptBy(sink, name)) await sink.lane.room(this.#options.config.queue_size);
  }

  #isKeptBy(taker: PictureTaker, name: string): boolean {
    const type = `picture/${this.#visualizer.extensionOf(name)}`;
    const hasFiles = this.#visualizer.storesFiles(name) && this.#options.openOutgoing === null;
    return isKeptByTaker(type, taker, hasFiles);
  }

  /** What a renderer draws of each view. Where `outgoing` is tapped, sinks get other pictures than files. */
  #drawings(name: string): readonly Drawing[] {
    const type = `picture/${this.#visualizer.extensionOf(name)}`;
    const storesFiles = this.#visualizer.storesFiles(name);
    if (this.#options.openOutgoing === null)
      return sizesToDraw(type, this.#sinks, storesFiles).map((size) => ({ size, goesTo: "both" }));
    const sizes = this.accepts(type) ? sizesToDraw(type, this.#sinks, false) : [];
    const files: Drawing[] = storesFiles ? [{ size: undefined, goesTo: "files" }] : [];
    return [...files, ...sizes.map((size): Drawing => ({ size, goesTo: "sinks" }))];
  }

  /** Null for what sinks may not see. A page is made of a whole journal: they get none. */
  #draw(
    name: string,
    { view, place }: PictureJob,
    { size, goesTo }: Drawing,
  ): Artifact | Promise<Artifact> | null {
    if (goesTo === "sinks") {
      const { outgoing = null, position } = place;
      if (outgoing !== null && view.kind !== "episode")
        return this.#visualizer.drawForSinks(name, outgoing, { place, size });
      const stream = `picture/${this.#visualizer.extensionOf(name)}`;
      this.#lose(stream, { position, stream }, (sink) => sameSize(sink.size, size));
      return null;
    }
    return view.kind === "step"
      ? this.#visualizer.visualizeStep(name, view, place, size)
      : this.#visualizer.visualizeEpisodeSummary(name, view, place, size);
  }

  #lose(type: string, place: EntryPlace, concerns: (sink: SinkOutput) => boolean = () => true): void {
    for (const sink of this.#sinks)
      if (sink.accepts.has(type) && concerns(sink) && !this.#has(sink.lane.key, place))
        sink.lane.lose("redaction", place);
  }

  #drawer(name: string): LaneConsumer<PictureJob> {
    // A batch that is tried again must not give its sinks a picture twice: the drawings of a job that were made.
    const done = new WeakMap<PictureJob, Set<Drawing>>();
    let drawings: readonly Drawing[] | undefined;
    const made = (job: PictureJob, drawing: Drawing): void =>
      void done.set(job, (done.get(job) ?? new Set()).add(drawing));
    const deliver = (job: PictureJob, drawing: Drawing, artifact: Artifact): void => {
      made(job, drawing);
      if (drawing.goesTo !== "sinks") this.#options.onArtifact(artifact);
      if (drawing.goesTo !== "files") this.logArtifact(artifact, drawing.size);
    };
    return {
      write: (jobs) => {
        drawings ??= this.#drawings(name);
        const waiting: Promise<void>[] = [];
        for (const job of jobs) {
          const parts: Promise<void>[] = [];
          for (const drawing of drawings) {
            if (done.get(job)?.has(drawing)) continue;
            const start = performance.now();
            const artifact = this.#draw(name, job, drawing);
            this.#options.onDrawingTime(performance.now() - start);
            if (artifact instanceof Promise)
              parts.push(artifact.then((drawn) => deliver(job, drawing, drawn)));
            else if (artifact !== null) deliver(job, drawing, artifact);
            else made(job, drawing);
          }
          if (parts.length > 0) waiting.push(parts.length === 1 ? parts[0]! : allDone(parts));
        }
        return waiting.length === 0 ? undefined : allDone(waiting);
      },
    };
  }

  #lane<T>(parts: LaneParts<T>): SinkLane<T> {
    const { config, report, log, fs, saved } = this.#options;
    const { overflow, budget, late, ...rest } = parts;
    const { runDir, pageOf } = this.#options;
    const openOutgoing = (): Outgoing | null => this.#options.openOutgoing?.() ?? null;
    const reading = new LateReading({ log, fs, runDir, pageOf, openOutgoing });
    this.#late.push(reading);
    const { shorten, restore } = late(reading);
    const before = saved?.get(parts.key);
    // What is read again, because its episode is, does not take an output back.
    const offered = (): ReadonlyMap<string, number> => {
      const heads = [...parts.offered()].map(([stream, head]): [string, number] => {
        return [stream, Math.max(head, before?.cursors.get(stream)?.position ?? 0)];
      });
      return new Map(heads);
    };
    const from = before === undefined ? {} : { from: before.cursors };
    const policy = overflow ?? "catch_up";
    return new SinkLane<T>({
      ...rest,
      offered,
      queue: new SinkQueue<T>({ policy, capacity: config.queue_size, budget, shorten, ...from }),
      flushIntervalMs: config.flush_interval * 1000,
      before: before ?? {
        cursors: new Map([...rest.offered().keys()].map((stream) => [stream, BEGIN])),
        state: null,
      },
      restore,
      report,
    });
  }
}

interface LaneParts<T> {
  readonly key: string;
  readonly consumer: LaneConsumer<T>;
  readonly batchSize: number;
  readonly overflow: OverflowPolicy | undefined;
  readonly budget: ByteBudget;
  readonly abort: AbortController;
  readonly timeoutMs: number;
  beforeBatch?(): Promise<void>;
  offered(): ReadonlyMap<string, number>;
  /** How its items are read when they come late. */
  late(reading: LateReading): LateItems<T>;
}

/** Waits for all; what failed is told with its number, the rest is done. */
async function allDone(promises: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  const failures = results.filter((result) => result.status === "rejected");
  if (failures.length > 0) throw new PartialFailure(failures.length, failures[0]!.reason);
}

/** Key steps win over ordinary ones of the same priority. */
function rankOf(priority: number, key: boolean): number {
  const finite = Number.isFinite(priority) ? priority : 0;
  return key ? finite + 0.5 : finite;
}
