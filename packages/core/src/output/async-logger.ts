import type { Accounting, EpisodeView, StepView, SummaryView } from "@episcope/records";
import type { AsyncLoggerConfig, OverflowPolicy } from "../config/types.js";
import { reentrantCall } from "../contract/errors.js";
import type { Artifact, RecordItem, Sink, SinkItem } from "../contract/roles.js";
import { type LaneConsumer, PartialFailure, SinkLane } from "./sink-lane.js";
import { ByteBudget, PROTECTED, SinkQueue } from "./sink-queue.js";
import type { PicturePlace, Visualizer } from "./visualizer.js";

/** A picture to be drawn. */
export interface PictureJob {
  readonly view: StepView | SummaryView | EpisodeView;
  readonly place: PicturePlace;
}

export interface NamedSink {
  /** Config key of its node. */
  readonly key: string;
  readonly sink: Sink;
  /** Default `drop_low_priority`. */
  readonly overflow?: OverflowPolicy | undefined;
  readonly abort: AbortController;
  /** Longest time of one call. Default: `worker_timeout`; a sink with a limit of its own has a longer one here. */
  readonly timeoutMs?: number;
}

export interface AsyncLoggerOptions {
  readonly config: AsyncLoggerConfig;
  readonly visualizer: Visualizer;
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

/** Bytes of an entry beyond its grids, so that a queue of small things is bounded too. */
const ENTRY_BYTES = 256;

/**
 * The queues between the pipeline and what is slow: one lane per renderer, one per sink. A step that is offered
 * costs a few pushes; drawing and writing happen between the producer's turns.
 */
export class AsyncLogger {
  readonly #pictures: Map<string, SinkLane<PictureJob>> = new Map();
  readonly #sinks: { readonly accepts: ReadonlySet<string>; readonly lane: SinkLane<SinkItem> }[] = [];
  /** Record and picture types that some sink takes. */
  readonly #accepted: ReadonlySet<string>;
  /** Of the renderers, then of the sinks. */
  readonly lanes: readonly (SinkLane<PictureJob> | SinkLane<SinkItem>)[];
  readonly #visualizer: Visualizer;
  readonly #options: AsyncLoggerOptions;

  constructor(options: AsyncLoggerOptions) {
    this.#options = options;
    this.#visualizer = options.visualizer;
    const budget = new ByteBudget(options.config.queue_bytes);
    for (const [name, overflow] of options.rendererOverflow) {
      this.#pictures.set(
        name,
        this.#lane(
          `visualization.renderers.${name}`,
          this.#drawer(name),
          options.drawingThreads,
          overflow,
          budget,
          new AbortController(),
          options.drawingTimeoutMs,
        ),
      );
    }
    for (const { key, sink, overflow, abort, timeoutMs } of options.sinks) {
      this.#sinks.push({
        accepts: new Set(sink.accepts),
        lane: this.#lane(key, sink, options.config.batch_size, overflow, budget, abort, timeoutMs),
      });
    }
    this.#accepted = new Set(options.sinks.flatMap(({ sink }) => sink.accepts));
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

  /** Queues the pictures of a step. Larger `priority` = kept longer; at equal priority key steps are. */
  logStepVisualization(view: StepView, place: PicturePlace, priority = 0): void {
    const bytes =
      ENTRY_BYTES + view.before.data.length + view.after.data.length + (view.selection?.length ?? 0);
    const rank = rankOf(priority, place.key);
    for (const name of this.#visualizer.renderersFor("step")) {
      this.#pictures.get(name)?.offer({ view, place }, bytes, rank);
    }
  }

  /** Queues the picture of an episode's end; it is never dropped for a step's. */
  logEpisodeSummary(view: SummaryView | EpisodeView, place: PicturePlace): void {
    const summary = view.kind === "summary" ? view : view.summary;
    const bytes = ENTRY_BYTES + summary.rewards.byteLength * 2;
    for (const name of this.#visualizer.renderersFor(view.kind)) {
      this.#pictures.get(name)?.offer({ view, place }, bytes, PROTECTED);
    }
  }

  /** Queues a record for the sinks that accept its type; gives the keys of those whose policy refused it. */
  logRecord(item: RecordItem, priority = 0): string[] {
    const rank = item.type === "step" ? rankOf(priority, item.key) : PROTECTED;
    const bytes = ENTRY_BYTES + (item.record.type === "step" ? item.record.after.data.length : 0);
    return this.#offer(item.type, item, bytes, rank);
  }

  logArtifact(artifact: Artifact): void {
    const rank = artifact.step === null ? PROTECTED : rankOf(0, artifact.key);
    this.#offer(artifact.type, artifact, ENTRY_BYTES + artifact.bytes.length, rank);
  }

  /** Resolves when everything queued before is drawn, written or dropped, and every sink has flushed. */
  async flush(): Promise<void> {
    // Drawing feeds the sinks, so it comes first.
    await Promise.all([...this.#pictures.values()].map((lane) => lane.flush()));
    await Promise.all(this.#sinks.map(({ lane }) => lane.flush()));
  }

  /** Resolves when every queue has room for another entry: for producers that would rather wait than lose pictures. */
  async ready(): Promise<void> {
    for (const lane of this.lanes) await lane.ready();
  }

  /** Drains, drops and counts what is left when `deadline` resolves, closes every sink. Never throws. */
  async close(deadline: Promise<unknown>): Promise<void> {
    // Drawing feeds the sinks, so it comes first.
    await Promise.all([...this.#pictures.values()].map((lane) => lane.close(deadline)));
    await Promise.all(this.#sinks.map(({ lane }) => lane.close(deadline)));
  }

  /** Names of what has not been written, with counts. */
  pending(): string[] {
    return this.lanes.filter((lane) => lane.pending > 0).map((lane) => `${lane.pending} of ${lane.key}`);
  }

  accounting(): { [key: string]: Accounting } {
    return Object.fromEntries(this.lanes.map((lane) => [lane.key, lane.accounting()]));
  }

  #offer(type: string, item: SinkItem, bytes: number, rank: number): string[] {
    const refused: string[] = [];
    for (const { accepts, lane } of this.#sinks) {
      if (accepts.has(type) && !lane.offer(item, bytes, rank)) refused.push(lane.key);
    }
    return refused;
  }

  #drawer(name: string): LaneConsumer<PictureJob> {
    // A batch that is tried again must not give its sinks a picture twice.
    const done = new WeakSet<PictureJob>();
    const deliver = (job: PictureJob, artifact: Artifact): void => {
      done.add(job);
      this.#options.onArtifact(artifact);
      this.logArtifact(artifact);
    };
    return {
      write: (jobs) => {
        const drawing: Promise<void>[] = [];
        for (const job of jobs) {
          if (done.has(job)) continue;
          const { view, place } = job;
          const start = performance.now();
          const artifact =
            view.kind === "step"
              ? this.#visualizer.visualizeStep(name, view, place)
              : this.#visualizer.visualizeEpisodeSummary(name, view, place);
          this.#options.onDrawingTime(performance.now() - start);
          if (artifact instanceof Promise) drawing.push(artifact.then((drawn) => deliver(job, drawn)));
          else deliver(job, artifact);
        }
        return drawing.length === 0 ? undefined : allDone(drawing);
      },
    };
  }

  #lane<T>(
    key: string,
    consumer: LaneConsumer<T>,
    batchSize: number,
    overflow: OverflowPolicy | undefined,
    budget: ByteBudget,
    abort: AbortController,
    timeoutMs: number = this.#options.config.worker_timeout * 1000,
  ): SinkLane<T> {
    const { config, report } = this.#options;
    return new SinkLane({
      key,
      consumer,
      queue: new SinkQueue({ policy: overflow ?? "drop_low_priority", capacity: config.queue_size, budget }),
      batchSize,
      flushIntervalMs: config.flush_interval * 1000,
      timeoutMs,
      abort,
      report,
    });
  }
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
