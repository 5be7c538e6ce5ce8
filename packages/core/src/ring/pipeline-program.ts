import fs from "node:fs";
import { deserialize } from "node:v8";
import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import type { RunEndRecord } from "@episcope/records";
import { CLOCK, FILE_SYSTEM, LOGGER, RUN_IDENTITY } from "../contract/services.js";
import { CORE_PLUGINS } from "../host/builtin-plugins.js";
import { createClock } from "../host/console-logger.js";
import { RunContainer } from "../host/container.js";
import { planNodes } from "../host/plugin-nodes.js";
import { PluginRegistry } from "../host/plugin-registry.js";
import type { LocalPipeline } from "../pipeline/local-pipeline.js";
import { openLocalPipeline } from "../pipeline/open-local-pipeline.js";
import type { DrawingBudget, EpisodeIntake, Taken } from "../pipeline/pipeline.js";
import { ProblemLog } from "../pipeline/problem-log.js";
import { openServedChannel, type ServedChannel } from "../threads/call-channel.js";
import { type PackedError, packError } from "../threads/thread-errors.js";
import type { InfoShape } from "./info-shape.js";
import { CONTROL, KIND, WORD } from "./layout.js";
import { ownRecord } from "./own-record.js";
import { RingConsumer } from "./ring-consumer.js";
import { RingMemory } from "./ring-memory.js";
import { type SlotStep, StepSlotReader } from "./step-slot-reader.js";
import type {
  PipelineNews,
  PipelineNotice,
  PipelineRequest,
  PipelineSetup,
  PipelineStatus,
  ShapeMessage,
  SideMessage,
} from "./thread-messages.js";

/** Longest time that what the run knows of its sinks is old. */
const STATUS_MS = 100;

class SharedBudget implements DrawingBudget {
  readonly #memory: RingMemory;
  reduced = 0;

  constructor(memory: RingMemory) {
    this.#memory = memory;
  }

  get detail(): 0 | 1 | 2 {
    return Atomics.load(this.#memory.control, CONTROL.detail) as 0 | 1 | 2;
  }

  countReduced(): void {
    this.reduced += 1;
  }

  /** Drawing in this thread costs the producer nothing. */
  addRecordingTime(): void {}
}

interface PipelineThreadParts {
  readonly setup: PipelineSetup;
  readonly memory: RingMemory;
  readonly pipeline: LocalPipeline;
  readonly budget: SharedBudget;
  send(news: PipelineNews): void;
  onProblem(error: unknown): void;
}

/** Hands what comes out of the ring to the pipeline of this thread. */
class PipelineThread {
  readonly #parts: PipelineThreadParts;
  readonly #pipeline: LocalPipeline;
  readonly #consumer: RingConsumer;
  readonly #reader: StepSlotReader;
  readonly #shapes: InfoShape[] = [];
  /** Of open episodes, by number. */
  readonly #intakes: Map<number, { readonly key: string; readonly intake: EpisodeIntake }> = new Map();
  #cut: () => void = () => {};
  readonly #deadline: Promise<void> = new Promise((resolve) => {
    this.#cut = resolve;
  });
  #statusTimer: NodeJS.Timeout | null = null;

  constructor(parts: PipelineThreadParts) {
    const { memory, pipeline, onProblem } = parts;
    this.#parts = parts;
    this.#pipeline = pipeline;
    this.#reader = new StepSlotReader(memory, (id) => this.#shape(id));
    this.#consumer = new RingConsumer({
      memory,
      take: (slot) => {
        try {
          this.#take(slot);
        } catch (error) {
          onProblem(error);
        }
      },
      flushNow: () => pipeline.flushNow(),
      unwritten: () => pipeline.unwritten,
      onTurn: () => this.#scheduleStatus(),
    });
  }

  /** Records were written: their slots are free, and the run may know. */
  progress(): void {
    this.#parts.memory.acknowledged = this.#pipeline.acknowledged;
    this.#consumer.settle();
    this.#scheduleStatus();
  }

  /** This thread waits for a sink's, and lives. */
  beat(): void {
    this.#consumer.beat();
  }

  status(): PipelineStatus {
    const pipeline = this.#pipeline;
    return {
      accounting: pipeline.accounting(),
      pending: pipeline.pending,
      pendingNames: pipeline.describePending(),
      problems: pipeline.problems.map(({ error, source, count }) => ({
        error: packError(error),
        source,
        count,
      })),
      reduced: this.#parts.budget.reduced,
    };
  }

  /** What a request is answered with, once how the pipeline stands then has been told. */
  async answer(request: Exclude<PipelineRequest, { do: "open" }>): Promise<unknown> {
    this.#consumer.wake();
    this.#consumer.drain();
    try {
      switch (request.do) {
        case "flush":
          return await this.#pipeline.flush(request.outputs);
        case "ready":
          return await this.#pipeline.ready();
        case "close":
          return await this.#close(request.end);
      }
    } finally {
      this.#parts.send({ type: "status", status: this.status() });
    }
  }

  hear(notice: PipelineNotice): void {
    this.#consumer.wake();
    if (notice.do === "cut") this.#cut();
  }

  async #close(end: RunEndRecord): Promise<PackedError[]> {
    const errors = await this.#pipeline.close(end, this.#deadline);
    this.#consumer.settle();
    this.#consumer.end();
    if (this.#statusTimer !== null) clearTimeout(this.#statusTimer);
    return errors.map((error) => packError(error));
  }

  #take(slot: number): void {
    if (this.#parts.memory.words[(slot >> 2) + WORD.kind] === KIND.step) this.#step(this.#reader.read(slot));
    else
      this.#message(
        deserialize(receiveMessageOnPort(this.#parts.setup.side)!.message as Uint8Array) as SideMessage,
      );
  }

  #step({ episode, step, seq, time, priority, input }: SlotStep): void {
    const { key, intake } = this.#intakes.get(episode)!;
    if (step === intake.steps && intake.take(seq, time, input, priority) !== null) return;
    this.#pipeline.take(ownRecord(key, step, seq, time, input), priority);
  }

  #message(message: SideMessage): void {
    // A turn of large ones takes its time.
    this.#consumer.beat();
    const pipeline = this.#pipeline;
    const { number } = message;
    if (message.do === "end") {
      const { key, seq, time, outcome } = message;
      this.#ended(number!, pipeline.end(key, seq, time, outcome));
      return;
    }
    const { record, priority } = message;
    const taken = pipeline.take(record, priority);
    if (record.type === "episode-end") this.#ended(number!, taken);
    else if (record.type === "episode-start")
      this.#intakes.set(number!, { key: record.episode, intake: pipeline.intake(record.episode) });
  }

  #ended(number: number, { done = Promise.resolve() }: Taken): void {
    this.#intakes.delete(number);
    void done.then(() => this.#parts.send({ type: "ended", number }));
  }

  #shape(id: number): InfoShape {
    // A shape is sent before the first slot that has it.
    while (this.#shapes.length <= id)
      this.#shapes.push(receiveMessageOnPort(this.#parts.setup.shapes)!.message as ShapeMessage);
    return this.#shapes[id]!;
  }

  #scheduleStatus(): void {
    this.#statusTimer ??= setTimeout(() => {
      this.#statusTimer = null;
      const status = this.status();
      this.#parts.send({ type: "status", status });
      // What sinks and renderers come to later is to be known too.
      if (status.pendingNames.length > 0) this.#scheduleStatus();
    }, STATUS_MS);
  }
}

/** The program of the thread behind the ring. */
export function servePipeline(setup: PipelineSetup): void {
  const memory = new RingMemory(setup.ring);
  // A producer that waits for room must not wait for a thread that is gone.
  process.on("exit", () => {
    Atomics.store(memory.control, CONTROL.ended, 1);
    Atomics.notify(memory.control, CONTROL.tail);
    Atomics.notify(memory.control, CONTROL.answer);
  });
  const channel = openServedChannel<PipelineRequest, PipelineNotice, PipelineNews>(parentPort!);
  let thread: PipelineThread | undefined;
  channel.serve({
    answer: async (request) => {
      if (request.do !== "open") return thread!.answer(request);
      thread = await open(setup, memory, channel, () => thread);
      return thread.status();
    },
    hear: (notice) => thread?.hear(notice),
  });
}

/** `threadOf` gives the thread once it is there. */
async function open(
  setup: PipelineSetup,
  memory: RingMemory,
  { logger, send }: ServedChannel<PipelineRequest, PipelineNotice, PipelineNews>,
  threadOf: () => PipelineThread | undefined,
): Promise<PipelineThread> {
  const { config, identity, runDir, cwd, allowPlugins } = setup;
  const clock = createClock();
  const problems = new ProblemLog(logger, clock);
  const budget = new SharedBudget(memory);
  const registry = new PluginRegistry([...CORE_PLUGINS, ...setup.plugins], { cwd, allowPlugins });
  const container = new RunContainer(undefined);
  container.use(FILE_SYSTEM, fs);
  container.use(CLOCK, clock);
  container.use(LOGGER, logger);
  container.use(RUN_IDENTITY, identity);
  const planner = { config, registry, container };
  const nodes = await planNodes(planner);
  const pipeline = await openLocalPipeline({
    ...{ config, planner, nodes, identity, runDir, cwd, fs, clock, logger, problems, budget },
    onProgress: () => threadOf()?.progress(),
    onMove: (dir) => {
      memory.elsewhere = dir;
    },
    onWait: () => threadOf()?.beat(),
  });
  const onProblem = (error: unknown): void => problems.report(error, "journal");
  return new PipelineThread({ setup, memory, pipeline, budget, send, onProblem });
}
