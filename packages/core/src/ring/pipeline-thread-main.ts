import fs from "node:fs";
import { deserialize } from "node:v8";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { CORE_PLUGINS } from "../host/builtin-plugins.js";
import { createClock } from "../host/console-logger.js";
import { RunContainer } from "../host/container.js";
import { planNodes } from "../host/plugin-nodes.js";
import { PluginRegistry } from "../host/plugin-registry.js";
import type { LocalPipeline } from "../pipeline/local-pipeline.js";
import { openLocalPipeline } from "../pipeline/open-local-pipeline.js";
import type { DrawingBudget, EpisodeIntake, Taken } from "../pipeline/pipeline.js";
import { ProblemLog } from "../pipeline/problem-log.js";
import { packError } from "../threads/thread-errors.js";
import { createThreadLogger } from "../threads/thread-logger.js";
import type { InfoShape } from "./info-shape.js";
import { CONTROL, KIND, WORD } from "./layout.js";
import { ownRecord } from "./own-record.js";
import { RingConsumer } from "./ring-consumer.js";
import { RingMemory } from "./ring-memory.js";
import { type SlotStep, StepSlotReader } from "./step-slot-reader.js";
import type {
  PipelineReply,
  PipelineRequest,
  PipelineSetup,
  PipelineStatus,
  ShapeMessage,
  SideMessage,
} from "./thread-messages.js";

// The entry of a thread: this file is run, never imported by another.
const setup = workerData as PipelineSetup;
const port = parentPort!;
const memory = new RingMemory(setup.ring);
/** Longest time that what the run knows of its sinks is old. */
const STATUS_MS = 100;

function send(reply: PipelineReply): void {
  port.postMessage(reply);
}

/** A producer that waits for room must not wait for a thread that is gone. */
process.on("exit", () => {
  Atomics.store(memory.control, CONTROL.ended, 1);
  Atomics.notify(memory.control, CONTROL.tail);
  Atomics.notify(memory.control, CONTROL.answer);
});

class SharedBudget implements DrawingBudget {
  reduced = 0;

  get detail(): 0 | 1 | 2 {
    return Atomics.load(memory.control, CONTROL.detail) as 0 | 1 | 2;
  }

  countReduced(): void {
    this.reduced += 1;
  }

  /** Drawing in this thread costs the producer nothing. */
  addRecordingTime(): void {}
}

/** Hands what comes out of the ring to the pipeline of this thread. */
class PipelineThread {
  readonly #pipeline: LocalPipeline;
  readonly #budget: SharedBudget;
  readonly #consumer: RingConsumer;
  readonly #reader = new StepSlotReader(memory, (id) => this.#shape(id));
  readonly #shapes: InfoShape[] = [];
  /** Of open episodes, by number. */
  readonly #intakes: Map<number, { readonly key: string; readonly intake: EpisodeIntake }> = new Map();
  #cut: () => void = () => {};
  readonly #deadline: Promise<void> = new Promise((resolve) => {
    this.#cut = resolve;
  });
  #statusTimer: NodeJS.Timeout | null = null;

  constructor(pipeline: LocalPipeline, budget: SharedBudget, onProblem: (error: unknown) => void) {
    this.#pipeline = pipeline;
    this.#budget = budget;
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
    port.on("message", (request: PipelineRequest) => this.#receive(request));
  }

  /** Records were written: their slots are free, and the run may know. */
  progress(): void {
    memory.acknowledged = this.#pipeline.acknowledged;
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
      reduced: this.#budget.reduced,
    };
  }

  #receive(request: PipelineRequest): void {
    this.#consumer.wake();
    switch (request.do) {
      case "wake":
        return;
      case "cut":
        this.#cut();
        return;
      case "flush":
        this.#consumer.drain();
        this.#answer(request.id, this.#pipeline.flush());
        return;
      case "ready":
        this.#consumer.drain();
        this.#answer(request.id, this.#pipeline.ready());
        return;
      case "close": {
        this.#consumer.drain();
        const closed = this.#pipeline.close(request.end, this.#deadline);
        void closed.then((errors) => {
          this.#consumer.settle();
          this.#consumer.end();
          if (this.#statusTimer !== null) clearTimeout(this.#statusTimer);
          send({
            type: "answer",
            id: request.id,
            status: this.status(),
            errors: errors.map((error) => packError(error)),
          });
        });
      }
    }
  }

  #answer(id: number, work: Promise<void>): void {
    const done = (errors: readonly unknown[]): void =>
      send({ type: "answer", id, status: this.status(), errors: errors.map((error) => packError(error)) });
    work.then(
      () => done([]),
      (error: unknown) => done([error]),
    );
  }

  #take(slot: number): void {
    if (memory.words[(slot >> 2) + WORD.kind] === KIND.step) this.#step(this.#reader.read(slot));
    else this.#message(deserialize(receiveMessageOnPort(setup.side)!.message as Uint8Array) as SideMessage);
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
    void done.then(() => send({ type: "ended", number }));
  }

  #shape(id: number): InfoShape {
    // A shape is sent before the first slot that has it.
    while (this.#shapes.length <= id)
      this.#shapes.push(receiveMessageOnPort(setup.shapes)!.message as ShapeMessage);
    return this.#shapes[id]!;
  }

  #scheduleStatus(): void {
    this.#statusTimer ??= setTimeout(() => {
      this.#statusTimer = null;
      const status = this.status();
      send({ type: "status", status });
      // What sinks and renderers come to later is to be known too.
      if (status.pendingNames.length > 0) this.#scheduleStatus();
    }, STATUS_MS);
  }
}

async function open(): Promise<void> {
  const { config, identity, runDir, cwd, allowPlugins } = setup;
  const logger = createThreadLogger(send);
  const clock = createClock();
  const problems = new ProblemLog(logger, clock);
  const budget = new SharedBudget();
  const registry = new PluginRegistry([...CORE_PLUGINS, ...setup.plugins], { cwd, allowPlugins });
  const planner = { config, registry, container: new RunContainer(undefined) };
  let thread: PipelineThread | undefined;
  const pipeline = await openLocalPipeline({
    ...{
      config,
      planner,
      nodes: await planNodes(planner),
      identity,
      runDir,
      cwd,
      fs,
      clock,
      logger,
      problems,
    },
    budget,
    onProgress: () => thread?.progress(),
    onMove: (dir) => {
      memory.elsewhere = dir;
    },
    onWait: () => thread?.beat(),
  });
  thread = new PipelineThread(pipeline, budget, (error) => problems.report(error, "journal"));
  send({ type: "ready", status: thread.status() });
}

open().catch((error: unknown) => send({ type: "failed", error: packError(error) }));
