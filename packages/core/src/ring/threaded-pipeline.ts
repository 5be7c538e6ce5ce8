import type { MessagePort, Worker } from "node:worker_threads";
import type { Accounting, Grid, Outcome, RunEndRecord, StreamRecord } from "@episcope/records";
import { checkSelection } from "@episcope/records";
import type { EpisodeManager, FileSystem } from "@episcope/records/store";
import {
  EPISODE_JOURNAL,
  type EpisodeLogEntry,
  episodeLogEntry,
  episodeNotFound,
  journalSource,
  unlockRun,
} from "@episcope/records/store";
import type { EpiscopeConfig } from "../config/types.js";
import { episodeAlreadyOpen, episodeUnknown, pipelineEnded } from "../contract/errors.js";
import type { Logger } from "../contract/plugin.js";
import type { RunIdentity } from "../contract/roles.js";
import type { PerformanceMonitor } from "../pipeline/performance-monitor.js";
import type { EpisodeIntake, Pipeline, Taken } from "../pipeline/pipeline.js";
import type { Problem, ProblemLog } from "../pipeline/problem-log.js";
import { onThreadEnd } from "../threads/start-thread.js";
import { type PackedError, unpackError } from "../threads/thread-errors.js";
import type { CellMove } from "./cell-move.js";
import { JournalTakeover } from "./journal-takeover.js";
import { CONTROL } from "./layout.js";
import { OutputTakeover } from "./output-takeover.js";
import { type OpenEpisode, RingIntake, type WriteStep } from "./ring-intake.js";
import type { RingMemory } from "./ring-memory.js";
import { RingProducer } from "./ring-producer.js";
import { SideChannel } from "./side-channel.js";
import { StepSlotReader } from "./step-slot-reader.js";
import { StepSlotWriter } from "./step-slot-writer.js";
import { ThreadCalls } from "./thread-calls.js";
import type {
  PipelineChannel,
  PipelineNews,
  PipelineRequest,
  PipelineStatus,
  SideMessage,
} from "./thread-messages.js";

export interface ThreadedPipelineOptions {
  readonly config: EpiscopeConfig;
  readonly identity: RunIdentity;
  readonly fs: FileSystem;
  readonly logger: Logger;
  readonly manager: EpisodeManager;
  readonly monitor: PerformanceMonitor;
  readonly problems: ProblemLog;
}

const NOT_REFUSED: Taken = { refusedBy: [] };
/** The producer's side of a pipeline in a thread of its own: steps go through a ring in shared memory. */
export class ThreadedPipeline implements Pipeline {
  readonly idle = false;
  readonly #options: ThreadedPipelineOptions;
  /** Where the run began. */
  readonly #firstDir: string;
  readonly #worker: Worker;
  readonly #channel: PipelineChannel;
  readonly #memory: RingMemory;
  readonly #ring: RingProducer;
  readonly #writer: StepSlotWriter;
  readonly #side: SideChannel;
  readonly #shapes: MessagePort;
  readonly #calls: ThreadCalls;
  readonly #open: Map<string, OpenEpisode> = new Map();
  #status: PipelineStatus;
  #episodes = 0;
  /** Records handed over. */
  #accepted = 0;
  #lastSeq = -1;
  #isClosed = false;
  #takeover: JournalTakeover | null = null;
  readonly #isStep: boolean;

  constructor(
    options: ThreadedPipelineOptions,
    { worker, channel }: { readonly worker: Worker; readonly channel: PipelineChannel },
    { memory, move }: { readonly memory: RingMemory; readonly move: CellMove },
    ports: { readonly side: MessagePort; readonly shapes: MessagePort },
    status: PipelineStatus,
  ) {
    this.#options = options;
    this.#firstDir = options.manager.runDir;
    this.#worker = worker;
    this.#channel = channel;
    this.#memory = memory;
    this.#status = status;
    this.#shapes = ports.shapes;
    const { config, logger } = options;
    this.#isStep = config.storage.durability === "step";
    // Longest time without a sign of life of the thread.
    const patienceMs = config.logging.async_logger.worker_timeout * 1000;
    this.#ring = new RingProducer({
      memory,
      patienceMs,
      wake: () => channel.tell({ do: "wake" }),
      onLost: () => this.#lose("it did not take what it was given"),
      onBlocked: (ms) =>
        logger.warn(
          `the journal cannot keep up: a step has waited ${(ms / 1000).toFixed(1)} s for room in its queue. A larger logging.async_logger.queue_size bridges bursts.`,
        ),
    });
    this.#side = new SideChannel({ memory, ring: this.#ring, port: ports.side });
    this.#calls = new ThreadCalls({
      channel,
      memory,
      patienceMs,
      onSilence: () => this.#lose(`it gave no sign of life for ${patienceMs / 1000} s`),
    });
    this.#writer = new StepSlotWriter(memory, move, (shape) => this.#shapes.postMessage(shape));
    channel.listen((news) => this.#hear(news));
    onThreadEnd(worker, (reason) => this.#lose(reason));
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
    return this.#takeover === null ? this.#status.pending : 0;
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
          advance(episode, record.after);
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

  flush(outputs: boolean): Promise<void> {
    return this.#ask({ do: "flush", outputs });
  }

  flushNow(): void {
    if (this.#isClosed) return;
    if (this.#takeover === null && !this.#ring.request()) this.#lose("it did not answer");
    this.#takeover?.flush();
  }

  ready(): Promise<void> {
    return this.#ask({ do: "ready" });
  }

  /** As the thread last told it, a tenth of a second ago; exact after `flush` and `close`. */
  accounting(): { readonly [key: string]: Accounting } {
    const { accounting } = this.#status;
    if (this.#takeover === null) return accounting;
    return accountingAfterLoss(accounting, this.#accepted, this.#takeover, this.#ring.owed);
  }

  describePending(): string[] {
    const waiting = this.#takeover === null ? this.#ring.held : this.#takeover.unwritten;
    const journal = waiting === 0 ? [] : [`${waiting} of journal`];
    return this.#takeover === null ? [...journal, ...this.#status.pendingNames] : journal;
  }

  loadEpisode(number: number): EpisodeLogEntry {
    const { manager, fs, identity } = this.#options;
    this.flushNow();
    this.#followMove();
    const journal = `${manager.episodeDir(number)}/${EPISODE_JOURNAL}`;
    if (!fs.existsSync(journal)) throw episodeNotFound(manager.runDir, number, manager.listEpisodesInRun());
    const source = journalSource(fs, journal, number);
    return episodeLogEntry(source, identity.configHash, manager.picturePaths(number));
  }

  async close(end: RunEndRecord, deadline: Promise<unknown>): Promise<readonly unknown[]> {
    void deadline.then(() => this.#channel.tell({ do: "cut" }));
    const errors: unknown[] = [];
    if (this.#takeover === null) {
      const packed = await this.#calls
        .ask<readonly PackedError[]>({ do: "close", end })
        .catch((error: unknown) => void errors.push(error));
      errors.push(...(packed ?? []).map(unpackError));
    }
    this.#isClosed = true;
    if (this.#takeover !== null) {
      const whole = { ...end, accounting: { ...this.accounting(), ...end.accounting } };
      this.#accepted += 1;
      errors.push(...this.#takeover.close(whole));
      this.#unlockSecond();
    }
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
    if (seq > this.#lastSeq) this.#lastSeq = seq;
    advance(episode, input.after);
    if (this.#isStep) ring.waitUntil(ring.head);
    return true;
  };

  #post(message: SideMessage): void {
    this.#accepted += 1;
    this.#lastSeq = Math.max(this.#lastSeq, seqOf(message));
    if (!this.#side.send(message)) this.#takeover?.take(message);
    else if (this.#isStep) this.#ring.waitUntil(this.#ring.head);
  }

  #ended(episode: OpenEpisode): Taken {
    episode.isOpen = false;
    this.#open.delete(episode.key);
    const done = this.#takeover === null ? this.#calls.end(episode.number) : Promise.resolve();
    return { refusedBy: [], done };
  }

  #get(key: string): OpenEpisode {
    const episode = this.#open.get(key);
    if (episode === undefined) throw episodeUnknown(key);
    return episode;
  }

  async #ask(request: PipelineRequest): Promise<void> {
    if (this.#takeover === null) {
      await this.#calls.ask(request);
      return;
    }
    const error = this.#takeover.flush();
    if (error !== null) throw error;
  }

  #hear(news: PipelineNews): void {
    if (news.type === "status") this.#know(news.status);
    else this.#calls.ended(news.number);
  }

  #know(status: PipelineStatus): void {
    this.#options.monitor.countReduced(status.reduced - this.#status.reduced);
    this.#status = status;
  }

  /** The thread is gone: what it had not written is written here, and so is everything that comes. */
  #lose(reason: string): void {
    if (this.#takeover !== null || this.#isClosed) return;
    const { problems, manager, fs, config } = this.#options;
    this.#ring.abandon();
    void this.#worker.terminate();
    problems.report(pipelineEnded(reason), "journal");
    this.#followMove();
    const left = this.#leftInRing();
    const inRing = new Map<number, number[]>();
    for (const { number, seq } of left) {
      const numbers = inRing.get(number);
      if (numbers === undefined) inRing.set(number, [seq]);
      else numbers.push(seq);
    }
    const { acknowledged } = this.#memory;
    const { durability } = config.storage;
    const outputs = new OutputTakeover({
      fs,
      runDir: this.#firstDir,
      left: left.length,
      report: (error, key) => problems.report(error, key),
    });
    const takeover = new JournalTakeover({
      outputs,
      fs,
      manager,
      durability,
      problems,
      acknowledged,
      lastSeq: this.#lastSeq,
      open: [...this.#open.values()].map(({ number }) => number),
      inRing,
    });
    this.#takeover = takeover;
    for (const { hand } of left) hand(takeover);
    this.#calls.abandon(takeover.flush());
  }

  /** What the thread may not have written, in order. */
  #leftInRing(): LeftRecord[] {
    const reader = new StepSlotReader(this.#memory, (id) => this.#writer.info.shapes[id]!);
    const kept = this.#side.kept();
    const left: LeftRecord[] = [];
    for (let position = this.#ring.tail; position !== this.#ring.head; position = (position + 1) | 0) {
      const message = kept.get(position);
      if (message !== undefined) {
        left.push({
          number: message.number ?? 0,
          seq: seqOf(message),
          hand: (takeover) => takeover.take(message),
        });
        continue;
      }
      const step = reader.read(this.#memory.offsetOf(position));
      left.push({ number: step.episode, seq: step.seq, hand: (takeover) => takeover.takeStep(step) });
    }
    return left;
  }

  /** The run may have gone on elsewhere, which the thread decides. */
  #followMove(): void {
    const { manager } = this.#options;
    const { elsewhere } = this.#memory;
    if (elsewhere !== null && elsewhere !== manager.runDir) manager.followElsewhere(elsewhere);
  }

  /** The lock of the second directory was the thread's to take away. */
  #unlockSecond(): void {
    if (this.#memory.elsewhere !== null) unlockRun(this.#options.fs, this.#memory.elsewhere);
  }
}

/** A record that stands in the ring when the thread is lost. */
interface LeftRecord {
  /** Of the episode; 0 = the run's. */
  readonly number: number;
  readonly seq: number;
  readonly hand: (takeover: JournalTakeover) => void;
}

function seqOf(message: SideMessage): number {
  return message.do === "take" ? message.record.seq : message.seq;
}

/**
 * What the outputs had not written when their thread was lost, and what came then, is still to come: `resumeRun` brings it to
 * those that want it. The journal goes on, but for records that it owed.
 */
function accountingAfterLoss(
  last: { readonly [key: string]: Accounting },
  accepted: number,
  takeover: JournalTakeover,
  owed: number,
): { readonly [key: string]: Accounting } {
  const entries = Object.entries(last).map(([key, sink]): [string, Accounting] => {
    if (key === "journal") {
      const dropped = sink.dropped + takeover.lost + owed;
      const written = accepted - dropped - takeover.unwritten;
      let { reasons } = sink;
      if (takeover.lost > 0) reasons = { ...reasons, storage: (reasons["storage"] ?? 0) + takeover.lost };
      if (owed > 0) reasons = { ...reasons, thread_ended: owed };
      return [key, { accepted, written, dropped, reasons }];
    }
    return [key, { ...sink, accepted: sink.accepted + takeover.withoutOutputs }];
  });
  return Object.fromEntries(entries);
}

function advance(episode: OpenEpisode, { shape }: Grid): void {
  episode.steps += 1;
  episode.rows = shape[0];
  episode.columns = shape[1];
}
