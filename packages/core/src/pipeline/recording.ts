import type {
  EpisodeEndRecord,
  EpisodeStartRecord,
  EpisodeView,
  Outcome,
  StepRecord,
  StepView,
  StreamRecord,
} from "@episcope/records";
import { EpisodeTracker, outcomeOf } from "@episcope/records";
import type { Decisions } from "@episcope/records/store";
import type { DrawingPlan } from "../config/trigger.js";
import { episodeAlreadyOpen, episodeUnknown } from "../contract/errors.js";
import { hasTaps, type RunHooks } from "../contract/hooks.js";
import type { RecordItem } from "../contract/roles.js";
import type { KeyStepDetection, StepTrigger } from "../contract/services.js";
import type { StructuredLogger } from "../log/structured-logger.js";
import type { AsyncLogger } from "../output/async-logger.js";
import type { Outgoing, Passed } from "../output/outgoing.js";
import type { StepToDump } from "../output/state-dump.js";
import type { DrawingBudget, Taken } from "./pipeline.js";

export interface RecordingOptions {
  /** Null where neither journals are made nor outputs read. */
  readonly log: StructuredLogger | null;
  readonly asyncLogger: AsyncLogger;
  readonly hooks: RunHooks;
  readonly plan: DrawingPlan;
  readonly detection: KeyStepDetection;
  readonly trigger: StepTrigger;
  /** Null where nobody taps `outgoing`. */
  readonly outgoing: Outgoing | null;
  /** False where the trigger wants to draw what is no key step only if it draws every step. */
  readonly triggerKeepsSteps: boolean;
  readonly budget: DrawingBudget;
  /** Whether some renderer of the run draws a page of a whole episode. */
  readonly drawsPages: boolean;
  /** False past `storage.max_episodes_per_run`. */
  mayDraw(episode: number): boolean;
  /** The steps of an episode again, from its sealed journal; read when they are iterated. */
  stepViews(number: number): EpisodeView["steps"];
  /** Writes the dump of a step; called only with `state_dumps`. */
  dumpStep(episode: number, step: StepToDump): void;
  report(error: unknown, key: string): void;
}

/** What goes with a record to the sinks. */
interface ForSinks {
  readonly decisions: Decisions;
  readonly episode?: number | null;
  readonly similarity?: number | null;
  /** What they see of it; null where nobody taps `outgoing`. */
  readonly passed: Passed | null;
}

const NONE: readonly string[] = [];
/** Of a record that is no step. */
const ORDINARY: Decisions = { global_step: null, priority: 0, key: [], draw: null };

interface OpenEpisode {
  readonly number: number;
  readonly tracker: EpisodeTracker;
  globalStep: number;
  /** Of its last record. */
  position: number;
  lastDrawn: number;
  /** Of its start and its last record, by the producer's clock. */
  readonly startTime: number;
  lastTime: number;
}

/**
 * Takes records in their order and sends each where it belongs: journal, hooks, pictures, sinks. It runs in the
 * producer's thread or in the pipeline's; nothing here waits. Many episodes may be open at once.
 */
export class Recording {
  readonly #options: RecordingOptions;
  readonly #open: Map<string, OpenEpisode> = new Map();
  #episodes = 0;
  #globalStep = -1;
  /** Of the record in hand. */
  #position = -1;

  constructor(options: RecordingOptions) {
    this.#options = options;
  }

  get episodesStarted(): number {
    return this.#episodes;
  }

  get openEpisodes(): readonly string[] {
    return [...this.#open.keys()];
  }

  /** What the end of an open episode would say now. Throws EPISODE_UNKNOWN. */
  endOf(key: string): { readonly outcome: Outcome; readonly totals: EpisodeEndRecord["totals"] } {
    const { tracker } = this.#get(key);
    return { outcome: outcomeOf(tracker.lastView), totals: tracker.totals };
  }

  /** Number in the run of an open episode. Throws EPISODE_UNKNOWN. */
  numberOf(key: string): number {
    return this.#get(key).number;
  }

  /** Number of steps that an open episode has. Throws EPISODE_UNKNOWN. */
  stepsOf(key: string): number {
    return this.#get(key).tracker.steps;
  }

  /** True while every step goes somewhere that keeps it: then it needs arrays of its own. */
  get keepsSteps(): boolean {
    const { asyncLogger, hooks, plan, triggerKeepsSteps } = this.#options;
    if (plan.steps === "all" || plan.stateDumps || triggerKeepsSteps || this.#options.outgoing !== null)
      return true;
    return hasTaps(hooks.step) || hasTaps(hooks.draw) || asyncLogger.accepts("step");
  }

  /** Takes a step whose arrays hold others later, which is only for runs that do not keep steps; else as `take`. */
  takeBorrowed(record: StepRecord, priority = 0): Taken {
    return this.#step(record, priority, true);
  }

  /** Throws EPISODE_OPEN, EPISODE_UNKNOWN or SELECTION_INVALID, and has changed nothing then. */
  take(record: StreamRecord, priority = 0): Taken {
    switch (record.type) {
      case "episode-start":
        return this.#start(record);
      case "step":
        return this.#step(record, priority, false);
      case "episode-end":
        return this.#end(record);
      default:
        return this.#runRecord(record);
    }
  }

  #runRecord(record: StreamRecord): Taken {
    const decisions = { ...ORDINARY, global_step: this.#lastStep };
    const { log } = this.#options;
    if (!this.#isAt(log === null ? this.#next : log.logRunRecord(record, decisions)))
      return this.#lost(record);
    const passed = this.#options.outgoing?.pass(record, null) ?? null;
    return { refusedBy: this.#toSinks(record, { decisions, passed }) };
  }

  #start(record: EpisodeStartRecord): Taken {
    if (this.#open.has(record.episode)) throw episodeAlreadyOpen(record.episode);
    const number = this.#episodes + 1;
    const tracker = new EpisodeTracker(record, number, (initialSimilarity) =>
      this.#options.detection.forEpisode(record, initialSimilarity),
    );
    const decisions = { ...ORDINARY, global_step: this.#lastStep };
    const { log, hooks } = this.#options;
    this.#isAt(log?.startEpisode(number, record, decisions) ?? this.#next);
    this.#episodes = number;
    this.#open.set(record.episode, {
      number,
      tracker,
      globalStep: Math.max(0, this.#globalStep),
      position: this.#position,
      lastDrawn: -1,
      startTime: record.time,
      lastTime: record.time,
    });
    if (hasTaps(hooks.episodeStart)) hooks.episodeStart.call(record, number);
    const passed = this.#options.outgoing?.pass(record, number) ?? null;
    return { refusedBy: this.#toSinks(record, { decisions, episode: number, passed }) };
  }

  #step(record: StepRecord, priority: number, borrowed: boolean): Taken {
    const episode = this.#get(record.episode);
    const view = episode.tracker.step(record, borrowed);
    const before = episode.lastTime;
    episode.lastTime = record.time;
    this.#globalStep += 1;
    episode.globalStep = this.#globalStep;
    const { number } = episode;
    const { log, hooks, plan, budget, trigger } = this.#options;
    const isKey = view.reasons.length > 0;
    const verdict = hasTaps(hooks.draw) ? hooks.draw.call(view) : undefined;
    const wanted = verdict ?? trigger.draws(view);
    const mayDraw = (wanted || plan.stateDumps) && this.#options.mayDraw(number);
    const draw = wanted && mayDraw && this.#affords(isKey || verdict === true || budget.detail === 0);
    const decisions = { global_step: episode.globalStep, priority, key: view.reasons, draw };
    const isLogged = this.#isAt(log === null ? this.#next : log.logStep(number, record, decisions));
    if (hasTaps(hooks.step)) hooks.step.call(record, number);
    const passed = this.#options.outgoing?.pass(record, number) ?? null;
    if (!isLogged) return this.#lost(record, draw);
    episode.position = this.#position;
    const { similarity } = passed?.view ?? view;
    const refusedBy = this.#toSinks(record, { decisions, episode: number, similarity, passed });
    if (draw) this.#draw(episode, view, { priority, passed });
    if (plan.stateDumps && mayDraw && this.#affords(budget.detail < 2)) {
      const timing = { since_start: record.time - episode.startTime, since_previous: record.time - before };
      this.#guard(
        () => this.#options.dumpStep(number, { record, view, timing }),
        "visualization.state_dumps",
      );
    }
    return { refusedBy };
  }

  #end(record: EpisodeEndRecord): Taken {
    const episode = this.#get(record.episode);
    this.#open.delete(record.episode);
    const { number, tracker, globalStep } = episode;
    const { asyncLogger, log, plan, hooks } = this.#options;
    const mayDraw = this.#options.mayDraw(number);
    const last = tracker.lastView;
    // An episode that is cut short has its last step among the key steps only now.
    const draw = mayDraw && last !== null && episode.lastDrawn !== last.step && this.#drawsAsLast(last);
    const decisions = { ...ORDINARY, global_step: globalStep, draw };
    const logged =
      log === null
        ? { position: this.#next, sealed: Promise.resolve() }
        : log.endEpisode(number, record, decisions);
    const passed = this.#options.outgoing?.pass(record, number) ?? null;
    if (logged === null || !this.#isAt(logged.position)) return this.#lost(record);
    const { position, sealed } = logged;
    episode.position = position;
    const similarity = record.totals.final_similarity;
    const refusedBy = this.#toSinks(record, { decisions, episode: number, similarity, passed });
    if (draw) this.#draw(episode, last, { priority: 0, passed });
    const shown = passed === null ? {} : { outgoing: passed.summary };
    const place = { position, globalStep, key: false, ...shown };
    const summary = tracker.summary(record);
    const drawsSummary = mayDraw && plan.summary;
    if (drawsSummary) asyncLogger.logEpisodeSummary(summary, place);
    const drawsPage = drawsSummary && log?.keepsJournals === true && this.#options.drawsPages;
    if (drawsPage) asyncLogger.expectPage(position);
    const done = sealed.then(async () => {
      if (drawsPage && this.#affords(this.#options.budget.detail < 2))
        asyncLogger.logEpisodeSummary(
          { kind: "episode", summary, steps: this.#options.stepViews(number) },
          place,
        );
      asyncLogger.pageCame(position);
      if (hasTaps(hooks.episodeEnd)) await hooks.episodeEnd.promise(record, number);
    });
    return {
      refusedBy,
      done: done.catch((cause) => this.#options.report(cause, "journal")),
    };
  }

  /** Whether the last step of an episode is drawn as such, where it was not drawn when it came. */
  #drawsAsLast(view: StepView): boolean {
    const { plan, trigger, hooks } = this.#options;
    // What the budget gave up is not made up for.
    if (plan.steps === "all" || view.reasons.includes("last")) return false;
    const last: StepView = { ...view, reasons: [...view.reasons, "last"] };
    const verdict = hasTaps(hooks.draw) ? hooks.draw.call(last) : undefined;
    return verdict ?? trigger.draws(last);
  }

  /** Position of the next record, where no log gives it. */
  get #next(): number {
    return this.#position + 1;
  }

  /** The record in hand stands at this position; false where the log had to drop it. */
  #isAt(position: number | null): boolean {
    if (position === null) return false;
    this.#position = position;
    this.#options.asyncLogger.head = position + 1;
    return true;
  }

  /** What the log could not take no output can read. */
  #lost({ type }: StreamRecord, isDrawn = false): Taken {
    this.#options.asyncLogger.lost(type, isDrawn, this.#next);
    return { refusedBy: NONE };
  }

  /** Of the run so far; null before the first step. */
  get #lastStep(): number | null {
    return this.#globalStep < 0 ? null : this.#globalStep;
  }

  /** Counts what the budget of `performance_monitor` gives up. */
  #affords(isAffordable: boolean): boolean {
    if (!isAffordable) this.#options.budget.countReduced();
    return isAffordable;
  }

  #draw(
    episode: OpenEpisode,
    view: StepView,
    { priority, passed }: { readonly priority: number; readonly passed: Passed | null },
  ): void {
    episode.lastDrawn = view.step;
    const key = view.reasons.length > 0;
    const { position, globalStep } = episode;
    const shown = passed === null ? {} : { outgoing: passed.view };
    const place = { position, globalStep, key, ...shown };
    this.#options.asyncLogger.logStepVisualization(view, place, priority);
  }

  #toSinks(
    given: StreamRecord,
    { decisions, episode = null, similarity = null, passed }: ForSinks,
  ): readonly string[] {
    const { asyncLogger } = this.#options;
    if (!asyncLogger.accepts(given.type)) return NONE;
    const position = this.#position;
    const record = passed === null ? given : passed.record;
    if (record === null) {
      asyncLogger.withhold(given.type, position);
      return NONE;
    }
    const { global_step } = decisions;
    const key = decisions.key.length > 0;
    const item: RecordItem = { position, type: record.type, record, episode, global_step, key, similarity };
    return asyncLogger.logRecord(item, decisions.priority);
  }

  #guard(action: () => void, key: string): void {
    try {
      action();
    } catch (cause) {
      this.#options.report(cause, key);
    }
  }

  #get(key: string): OpenEpisode {
    const episode = this.#open.get(key);
    if (episode === undefined) throw episodeUnknown(key);
    return episode;
  }
}
