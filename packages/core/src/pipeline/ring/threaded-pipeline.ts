import { serialize } from "node:v8";
import { MessageChannel, type MessagePort, type Worker } from "node:worker_threads";
import type { Durability } from "../../config/types.js";
import { type EpisodeLogEntry, episodeLogEntry } from "../../episode/episode-log.js";
import type { EpisodeManager } from "../../episode/episode-manager.js";
import { episodeNotFound } from "../../episode/errors.js";
import { EPISODE_JOURNAL } from "../../episode/manifest.js";
import type { Accounting, Outcome, RunEndRecord, StepRecord, StreamRecord } from "../../episode/record.js";
import { checkSelection } from "../../episode/selection.js";
import { episodeAlreadyOpen, episodeUnknown, workerEnded } from "../errors.js";
import { journalSource } from "../journal-view.js";
import type { PerformanceMonitor } from "../performance-monitor.js";
import type { EpisodeIntake, Pipeline, Taken } from "../pipeline.js";
import type { FileSystem, Logger } from "../plugin.js";
import { isModule, type PluginEntry } from "../plugin-registry.js";
import type { Problem, ProblemLog } from "../problem-log.js";
import type { StepInput } from "../run.js";
import { startThread } from "../start-thread.js";
import { unpackError } from "../thread-errors.js";
import type { CellMove } from "./cell-move.js";
import { JournalTakeover } from "./journal-takeover.js";
import { CONTROL, KIND, WORD } from "./layout.js";
import { RingMemory } from "./ring-memory.js";
import { RingProducer } from "./ring-producer.js";
import { StepSlotReader } from "./step-slot-reader.js";
import { StepSlotWriter } from "./step-slot-writer.js";
import type {
  PipelineReply,
  PipelineRequest,
  PipelineSetup,
  PipelineStatus,
  SideMessage,
} from "./thread-messages.js";

export interface ThreadedPipelineOptions extends Omit<PipelineSetup, "ring" | "side" | "shapes" | "plugins"> {
  readonly plugins: readonly PluginEntry[];
  readonly fs: FileSystem;
  readonly logger: Logger;
  readonly manager: EpisodeManager;
  readonly monitor: PerformanceMonitor;
  readonly problems: ProblemLog;
}

const NOT_REFUSED: Taken = { refusedBy: [] };
/** Records of the side channel that are kept until they are written: no more bytes than this wait. */
const SIDE_BYTES = 64 << 20;

/** Starts the thread of a pipeline; what goes wrong while it builds its plugins is thrown here. */
export async function openThreadedPipeline(options: ThreadedPipelineOptions): Promise<ThreadedPipeline> {
  const { config, identity, runDir, cwd, plugins, allowPlugins } = options;
  const { queue_size, queue_bytes } = config.logging.async_logger;
  const { buffers: ring, move } = RingMemory.allocate(queue_size, queue_bytes);
  const [side, shapes] = [new MessageChannel(), new MessageChannel()];
  const modules = plugins.filter(isModule).map(({ load: _load, ...module }) => module);
  const places = { config, identity, runDir, cwd, plugins: modules, allowPlugins };
  const setup: PipelineSetup = { ...places, ring, side: side.port2, shapes: shapes.port2 };
  const worker = startThread("ring/pipeline-thread-main", setup, [side.port2, shapes.port2]);
  const status = await ready(worker, options.logger);
  const ports = { side: side.port1, shapes: shapes.port1 };
  return new ThreadedPipeline(options, worker, { memory: new RingMemory(ring), move }, ports, status);
}

/** Waits until the thread has built everything; rejects with what it throws. */
async function ready(worker: Worker, logger: Logger): Promise<PipelineStatus> {
  const stop = new AbortController();
  const { signal } = stop;
  worker.ref();
  try {
    return await new Promise<PipelineStatus>((resolve, reject) => {
      const on = (event: string, listener: (value: never) => void): void => {
        worker.on(event, listener as (value: unknown) => void);
        signal.addEventListener("abort", () => worker.off(event, listener as (value: unknown) => void));
      };
      on("message", (reply: PipelineReply) => {
        if (reply.type === "log") logger[reply.level](reply.message);
        else if (reply.type === "ready") resolve(reply.status);
        else if (reply.type === "failed") reject(unpackError(reply.error));
      });
      on("error", reject);
      on("exit", (code: number) => reject(workerEnded(`it ended with code ${code} before it was ready`)));
    });
  } catch (error) {
    await worker.terminate();
    throw error;
  } finally {
    stop.abort();
    worker.unref();
  }
}

interface OpenEpisode {
  readonly key: string;
  readonly number: number;
  steps: number;
  /** Of the grid before the next step. */
  rows: number;
  columns: number;
  isOpen: boolean;
}

type WriteStep = (
  episode: OpenEpisode,
  step: number,
  seq: number,
  time: number,
  input: StepInput,
  priority: number,
) => boolean;

class RingIntake implements EpisodeIntake {
  readonly number: number;
  readonly #episode: OpenEpisode;
  readonly #write: WriteStep;

  constructor(episode: OpenEpisode, write: WriteStep) {
    this.number = episode.number;
    this.#episode = episode;
    this.#write = write;
  }

  get steps(): number {
    if (!this.#episode.isOpen) throw episodeUnknown(this.#episode.key);
    return this.#episode.steps;
  }

  take(seq: number, time: number, input: StepInput, priority: number): boolean | null {
    return this.#write(this.#episode, this.#episode.steps, seq, time, input, priority) ? true : null;
  }
}

/** A record of the side channel that may still have to be written by somebody else. */
interface KeptMessage {
  readonly position: number;
  readonly message: SideMessage;
  readonly bytes: number;
}

/** The producer's side of a pipeline in a thread of its own: steps go through a ring in shared memory. */
export class ThreadedPipeline implements Pipeline {
  readonly idle = false;
  readonly #options: ThreadedPipelineOptions;
  readonly #worker: Worker;
  readonly #memory: RingMemory;
  readonly #ring: RingProducer;
  readonly #writer: StepSlotWriter;
  readonly #side: MessagePort;
  readonly #shapes: MessagePort;
  readonly #open: Map<string, OpenEpisode> = new Map();
  readonly #calls: Map<number, { resolve(errors: readonly unknown[]): void }> = new Map();
  readonly #ends: Map<number, () => void> = new Map();
  readonly #kept: KeptMessage[] = [];
  #keptBytes = 0;
  #status: PipelineStatus;
  #episodes = 0;
  /** Records handed over. */
  #accepted = 0;
  #nextCall = 0;
  #waiting = 0;
  #watch: NodeJS.Timeout | null = null;
  #isClosed = false;
  #takeover: JournalTakeover | null = null;
  readonly #isStep: boolean;

  constructor(
    options: ThreadedPipelineOptions,
    worker: Worker,
    { memory, move }: { readonly memory: RingMemory; readonly move: CellMove },
    ports: { readonly side: MessagePort; readonly shapes: MessagePort },
    status: PipelineStatus,
  ) {
    this.#options = options;
    this.#worker = worker;
    this.#memory = memory;
    this.#status = status;
    this.#side = ports.side;
    this.#shapes = ports.shapes;
    const { config, logger } = options;
    const durability: Durability = config.storage.durability;
    this.#isStep = durability === "step";
    this.#ring = new RingProducer({
      memory,
      patienceMs: this.patienceMs,
      wake: () => this.#send({ do: "wake" }),
      onLost: () => this.#lose("it did not take what it was given"),
      onBlocked: (ms) =>
        logger.warn(
          `the journal cannot keep up: a step has waited ${(ms / 1000).toFixed(1)} s for room in its queue. A larger logging.async_logger.queue_size bridges bursts.`,
        ),
    });
    this.#writer = new StepSlotWriter(memory, move, (shape) => this.#shapes.postMessage(shape));
    worker.on("message", (reply: PipelineReply) => this.#receive(reply));
    worker.on("error", (error) => this.#lose(`it failed: ${error.message}`));
    worker.on("exit", (code) => this.#lose(`it ended with code ${code}`));
    worker.unref();
  }

  /** Longest time without a sign of life of the thread. */
  get patienceMs(): number {
    return this.#options.config.logging.async_logger.worker_timeout * 1000;
  }

  get episodesStarted(): number {
    return this.#episodes;
  }

  get openEpisodes(): readonly string[] {
    return [...this.#open.keys()];
  }

  get acknowledged(): number {
    return this.#takeover?.acknowledged ?? this.#memory.acknowledged;
  }

  get pending(): number {
    return this.#status.pending;
  }

  get problems(): readonly Problem[] {
    const there = this.#status.problems.map(({ error, source, count }) => ({
      error: unpackError(error),
      source,
      count,
    }));
    return [...this.#options.problems.problems, ...there];
  }

  intake(key: string): EpisodeIntake {
    return new RingIntake(this.#get(key), this.#write);
  }

  take(record: StreamRecord, priority = 0): Taken {
    switch (record.type) {
      case "episode-start": {
        const { episode: key, initial } = record;
        if (this.#open.has(key)) throw episodeAlreadyOpen(key);
        this.#episodes += 1;
        const [rows, columns] = initial.shape;
        this.#open.set(key, { key, number: this.#episodes, steps: 0, rows, columns, isOpen: true });
        this.#post({ do: "take", number: this.#episodes, record, priority });
        return NOT_REFUSED;
      }
      case "step": {
        const episode = this.#get(record.episode);
        const { action, before } = record;
        if (action.selection !== undefined)
          checkSelection(action.selection, before?.shape ?? [episode.rows, episode.columns]);
        const { step, seq, time } = record;
        if (!this.#write(episode, step, seq, time, record, priority)) {
          this.#post({ do: "take", number: episode.number, record, priority });
          this.#advance(episode, record);
        }
        return NOT_REFUSED;
      }
      case "episode-end": {
        const episode = this.#get(record.episode);
        this.#post({ do: "take", number: episode.number, record, priority });
        return this.#ended(episode);
      }
      default:
        this.#post({ do: "take", number: null, record, priority });
        return NOT_REFUSED;
    }
  }

  end(key: string, seq: number, time: number, outcome?: Outcome): Taken {
    const episode = this.#get(key);
    this.#post({ do: "end", number: episode.number, key, seq, time, outcome });
    return this.#ended(episode);
  }

  /** Sinks stand in another thread: no call comes from inside them. */
  refusesReentry(): null {
    return null;
  }

  async flush(): Promise<void> {
    await this.#ask("flush");
  }

  flushNow(): void {
    if (this.#isClosed) return;
    if (this.#takeover === null && !this.#ring.request()) this.#lose("it did not answer");
    this.#takeover?.flush();
  }

  async ready(): Promise<void> {
    await this.#ask("ready");
  }

  /** As the thread last told it: exact after `flush` and `close`. */
  accounting(): { readonly [key: string]: Accounting } {
    const { accounting } = this.#status;
    return this.#takeover === null ? accounting : accountingAfterLoss(accounting, this.#accepted);
  }

  describePending(): string[] {
    return [...this.#status.pendingNames];
  }

  loadEpisode(number: number): EpisodeLogEntry {
    const { manager, fs, config, identity } = this.#options;
    const journal = `${manager.episodeDir(number)}/${EPISODE_JOURNAL}`;
    this.flushNow();
    if (!config.logging.structured_logging) throw episodeNotFound(manager.runDir, number, []);
    if (!fs.existsSync(journal)) throw episodeNotFound(manager.runDir, number, manager.listEpisodesInRun());
    return episodeLogEntry(journalSource(fs, journal, number), identity.configHash);
  }

  async close(
    end: Omit<RunEndRecord, "accounting">,
    deadline: Promise<unknown>,
  ): Promise<readonly unknown[]> {
    void deadline.then(() => this.#send({ do: "cut" }));
    const errors = this.#takeover === null ? await this.#call((id) => ({ do: "close", id, end })) : [];
    this.#isClosed = true;
    if (this.#takeover !== null) errors.push(...this.#takeover.close(end));
    this.#side.close();
    this.#shapes.close();
    await this.#worker.terminate();
    return errors;
  }

  /** False for a step that is not of the usual form, and for every step once the thread is gone. */
  readonly #write: WriteStep = (episode, step, seq, time, input, priority) => {
    const ring = this.#ring;
    const slot = ring.claim();
    if (slot < 0) return false;
    const { detail } = this.#options.monitor;
    const control = this.#memory.control;
    if (control[CONTROL.detail] !== detail) Atomics.store(control, CONTROL.detail, detail);
    if (!this.#writer.write(slot, episode, step, seq, time, input, priority)) return false;
    ring.publish();
    this.#accepted += 1;
    episode.steps += 1;
    const { shape } = input.after;
    episode.rows = shape[0];
    episode.columns = shape[1];
    if (this.#isStep) ring.waitUntil(ring.head);
    return true;
  };

  #post(message: SideMessage): void {
    const ring = this.#ring;
    const bytes = serialize(message);
    this.#makeRoom(bytes.length);
    const slot = ring.claim();
    this.#accepted += 1;
    if (slot < 0) {
      this.#takeover?.take(message);
      return;
    }
    this.#kept.push({ position: ring.head, message, bytes: bytes.length });
    this.#keptBytes += bytes.length;
    this.#side.postMessage(bytes);
    this.#memory.words[(slot >> 2) + WORD.kind] = KIND.message;
    ring.publish();
    if (this.#isStep) ring.waitUntil(ring.head);
  }

  /** Waits until the messages that are kept leave room for another. */
  #makeRoom(bytes: number): void {
    this.#release();
    while (this.#keptBytes + bytes > SIDE_BYTES && this.#kept.length > 0) {
      if (!this.#ring.waitUntil(this.#kept[0]!.position + 1)) return;
      this.#release();
    }
  }

  /** Forgets messages that are written. */
  #release(): void {
    const { tail } = this.#ring;
    let count = 0;
    while (count < this.#kept.length && ((this.#kept[count]!.position - tail) | 0) < 0) {
      this.#keptBytes -= this.#kept[count]!.bytes;
      count += 1;
    }
    this.#kept.splice(0, count);
  }

  #advance(episode: OpenEpisode, record: StepRecord): void {
    episode.steps += 1;
    [episode.rows, episode.columns] = record.after.shape;
  }

  #ended(episode: OpenEpisode): Taken {
    episode.isOpen = false;
    this.#open.delete(episode.key);
    if (this.#takeover !== null) return { refusedBy: [], done: Promise.resolve() };
    const done = new Promise<void>((resolve) => this.#ends.set(episode.number, resolve));
    this.#hold();
    return { refusedBy: [], done };
  }

  #get(key: string): OpenEpisode {
    const episode = this.#open.get(key);
    if (episode === undefined) throw episodeUnknown(key);
    return episode;
  }

  async #ask(what: "flush" | "ready"): Promise<void> {
    if (this.#takeover !== null) {
      this.#takeover.flush();
      return;
    }
    const [error] = await this.#call((id) => ({ do: what, id }));
    if (error !== undefined) throw error;
  }

  #call(request: (id: number) => PipelineRequest): Promise<unknown[]> {
    const id = this.#nextCall++;
    this.#hold();
    return new Promise((resolve) => {
      this.#calls.set(id, { resolve: (errors) => resolve([...errors]) });
      this.#send(request(id));
    });
  }

  #send(request: PipelineRequest): void {
    this.#worker.postMessage(request);
  }

  #receive(reply: PipelineReply): void {
    const { logger } = this.#options;
    switch (reply.type) {
      case "log":
        logger[reply.level](reply.message);
        break;
      case "status":
        this.#know(reply.status);
        break;
      case "ended":
        this.#ends.get(reply.number)?.();
        if (this.#ends.delete(reply.number)) this.#letGo();
        break;
      case "answer":
        this.#know(reply.status);
        this.#calls.get(reply.id)?.resolve(reply.errors.map((error) => unpackError(error)));
        if (this.#calls.delete(reply.id)) this.#letGo();
    }
  }

  #know(status: PipelineStatus): void {
    this.#options.monitor.countReduced(status.reduced - this.#status.reduced);
    this.#status = status;
  }

  /** Only a thread that owes an answer keeps the process alive; it is watched as long. */
  #hold(): void {
    this.#waiting += 1;
    if (this.#waiting > 1) return;
    this.#worker.ref();
    const { patienceMs } = this;
    const control = this.#memory.control;
    let beat = -1;
    this.#watch = setInterval(() => {
      const next = Atomics.load(control, CONTROL.beat);
      if (next === beat) this.#lose(`it gave no sign of life for ${patienceMs / 1000} s`);
      beat = next;
      // One that sleeps has a beat when it is woken.
      this.#send({ do: "wake" });
    }, patienceMs).unref();
  }

  #letGo(): void {
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    this.#worker.unref();
    if (this.#watch !== null) clearInterval(this.#watch);
  }

  /** The thread is gone: what it had not written is written here, and so is everything that comes. */
  #lose(reason: string): void {
    if (this.#takeover !== null || this.#isClosed) return;
    const { problems, manager, fs, config } = this.#options;
    this.#ring.abandon();
    void this.#worker.terminate();
    const error = workerEnded(
      `the pipeline's thread is gone (${reason}): the journal is kept, drawing and sinks are not`,
    );
    problems.report(error, "journal");
    const reader = new StepSlotReader(this.#memory, (id) => this.#writer.info.shapes[id]!);
    this.#takeover = new JournalTakeover({ fs, manager, durability: config.storage.durability, problems });
    const kept = new Map(this.#kept.map(({ position, message }) => [position, message]));
    for (let position = this.#ring.tail; position !== this.#ring.head; position = (position + 1) | 0) {
      const slot = this.#memory.offsetOf(position);
      const message = kept.get(position);
      if (message === undefined) this.#takeover.takeStep(reader.read(slot));
      else this.#takeover.take(message);
    }
    this.#kept.length = 0;
    this.#takeover.flush();
    for (const { resolve } of this.#calls.values()) resolve([error]);
    for (const resolve of this.#ends.values()) resolve();
    this.#waiting -= this.#calls.size + this.#ends.size - 1;
    this.#calls.clear();
    this.#ends.clear();
    this.#letGo();
  }
}

/** What the sinks had not written is lost with their thread; the journal's records are not. */
function accountingAfterLoss(
  last: { readonly [key: string]: Accounting },
  accepted: number,
): { readonly [key: string]: Accounting } {
  const entries = Object.entries(last).map(([key, sink]): [string, Accounting] => {
    if (key === "journal") return [key, { ...sink, accepted, written: accepted - sink.dropped }];
    const lost = sink.accepted - sink.written - sink.dropped;
    const reasons = lost === 0 ? sink.reasons : { ...sink.reasons, thread_ended: lost };
    return [key, { ...sink, dropped: sink.dropped + lost, reasons }];
  });
  return Object.fromEntries(entries);
}
