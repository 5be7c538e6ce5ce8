import type { EpisodeEndRecord, EpisodeRecord, StepRecord } from "../record/record.js";
import { EpisodeTracker } from "../view/episode-tracker.js";
import { EpisodeProgress } from "../view/progress.js";
import type { EpisodeView, StepView, SummaryView } from "../view/view.js";
import { episodeStartMissing, stepNotFound } from "./errors.js";
import { type EpisodeLogEntry, episodeLogEntry } from "./exports/episode-log.js";
import type { RunReader } from "./run-reader.js";

/** An episode's records, to be iterated as often as wanted. */
export interface EpisodeRecords {
  /** Number in the run, from 1. */
  readonly number: number;
  records(): Iterable<EpisodeRecord>;
}

/** Gives a recorded episode back: its records, and the views that its pictures were drawn from. */
export class Replayer {
  readonly #run: RunReader;

  constructor(run: RunReader) {
    this.#run = run;
  }

  /** The recorded stream of an episode, exactly. */
  records(number: number): Iterable<EpisodeRecord> {
    return this.#run.records(number);
  }

  /**
   * The whole episode in memory, as the original design's log entries, from its journal or, where that is gone, from an export; the
   * views are for everything large. Throws EPISODE_NOT_FOUND, EPISODE_NOT_KEPT.
   */
  loadEpisode(number: number): EpisodeLogEntry {
    const source = { number, records: () => this.records(number) };
    return episodeLogEntry(source, this.#run.configHashOf(number), this.#run.pictures(number));
  }

  /** One step, read without those before its segment. Throws STEP_NOT_FOUND. */
  step(number: number, step: number): StepRecord {
    using journal = this.#run.openJournal(number);
    const found = journal.step(step);
    if (found === undefined) throw stepNotFound(number, step, journal.index.steps);
    return found.record;
  }

  /** The view of one step, as live recording drew it. Throws STEP_NOT_FOUND. */
  stepView(number: number, step: number): StepView {
    using journal = this.#run.openJournal(number);
    const found = journal.stepsUpTo(step);
    if (found === undefined) throw stepNotFound(number, step, journal.index.steps);
    const start = journal.first;
    if (start?.type !== "episode-start") throw episodeStartMissing(number, journal.path);
    const progress = new EpisodeProgress(start, number);
    progress.resume(found.checkpoint, found.before ?? start.initial);
    const reasons = journal.index.keySteps.find((entry) => entry.step === step)?.reasons ?? [];
    let view: StepView | undefined;
    for (const record of found.steps) view = progress.step(record, record.step === step ? reasons : []);
    if (view === undefined) throw stepNotFound(number, step, journal.index.steps);
    return view;
  }

  /** The views of all steps, in order. */
  stepViews(number: number): Iterable<StepView> {
    return this.episodeView(number).steps;
  }

  summary(number: number): SummaryView {
    return this.episodeView(number).summary;
  }

  /** The whole episode, for pages. */
  episodeView(number: number): EpisodeView {
    return episodeViewOf({ number, records: () => this.records(number) });
  }
}

/** Follows an episode from its first record to its last, as live recording did. Throws EPISODE_START_MISSING. */
export function episodeViewOf(episode: EpisodeRecords): EpisodeView {
  const { tracker, end } = trackWhole(episode);
  return {
    kind: "episode",
    summary: tracker.summary(end),
    steps: { [Symbol.iterator]: () => stepViewsOf(episode) },
  };
}

function trackWhole(episode: EpisodeRecords): { tracker: EpisodeTracker; end: EpisodeEndRecord | undefined } {
  let tracker: EpisodeTracker | undefined;
  let end: EpisodeEndRecord | undefined;
  for (const record of episode.records()) {
    if (record.type === "episode-start") tracker = new EpisodeTracker(record, episode.number);
    else if (record.type === "step") tracker?.step(record);
    else end = record;
  }
  if (tracker === undefined) throw episodeStartMissing(episode.number, "");
  return { tracker, end };
}

function* stepViewsOf(episode: EpisodeRecords): Generator<StepView> {
  let tracker: EpisodeTracker | undefined;
  for (const record of episode.records()) {
    if (record.type === "episode-start") tracker = new EpisodeTracker(record, episode.number);
    else if (record.type === "step" && tracker !== undefined) yield tracker.step(record);
  }
}
