import { basename, join } from "node:path";
import type { FileSystem } from "../disk/file-system.js";
import type { JournalProblem } from "../journal/journal-reader.js";
import { JournalReader } from "../journal/journal-reader.js";
import { LogReader } from "../log/log-reader.js";
import { checkGrid, type Grid, gridsEqual } from "../record/grid.js";
import type { EpisodeEndRecord, EpisodeStartRecord, StepRecord } from "../record/record.js";
import type { Remark } from "../record/remark.js";
import { selectionMask } from "../record/selection.js";
import { EPISODE_JOURNAL, fileChecksum, type ManifestEpisode, RUN_JOURNAL } from "../store/manifest.js";
import type { RunReader } from "../store/run-reader.js";
import { episodeDirectories } from "../store/scan-episodes.js";
import { EpisodeCheck } from "../view/episode-check.js";
import { inputProblems, SeqSurvey } from "../view/input-survey.js";
import { gridSimilarity } from "../view/similarity.js";

export type FindingKind =
  | JournalProblem["kind"]
  | "unreadable"
  | "start_missing"
  | "end_missing"
  | "after_end"
  | "gap"
  | "duplicate"
  | "continuity"
  | "step_after_end"
  | "outcome"
  | "seq"
  | "input"
  | "grid"
  | "selection"
  | "time"
  | "steps"
  | "reward"
  | "similarity"
  | "checksum"
  | "file_missing"
  | "manifest";

export interface Finding {
  readonly kind: FindingKind;
  /**
   * `loss`: something recorded cannot be read. `error`: what can be read contradicts itself. `warning`: worth a look,
   * and repaired without loss or none of ours.
   */
  readonly severity: "loss" | "error" | "warning";
  /** Number of the episode; null for the run itself. */
  readonly episode: number | null;
  readonly step: number | null;
  /** In the file, where the finding is about bytes. */
  readonly offset: number | null;
  readonly message: string;
}

export interface VerifyReport {
  readonly run: string;
  readonly episodes: number;
  readonly steps: number;
  readonly findings: readonly Finding[];
  /** No finding of severity `loss` or `error`. */
  readonly intact: boolean;
}

/** How far sums and similarities of a producer may be from ours: it may compute with 32 bits. */
const TOLERANCE = 1e-6;

/** Reads a whole run and checks it against itself. Changes nothing. */
export function verifyRun(run: RunReader, { fs }: { readonly fs: FileSystem }): VerifyReport {
  const findings: Finding[] = [];
  let steps = 0;
  if (!run.manifest.complete) {
    findings.push(
      runFinding(
        "manifest",
        "warning",
        "the manifest is missing or was never completed: the run did not end",
      ),
    );
  }
  const seqs = new SeqSurvey();
  verifyManifest(run, fs, findings);
  for (const episode of run.episodes) steps += verifyEpisode(run, episode, fs, findings, seqs);
  verifyRunJournal(run, fs, findings, seqs);
  verifyLog(run, fs, findings);
  // Where a cleanup has taken episodes, their numbers are missing, and so are their seqs.
  const isWhole = run.episodes.every(({ number }, index) => number === index + 1);
  if (isWhole && seqs.missing > 0) {
    const were = seqs.missing === 1 ? "1 record is" : `${seqs.missing} records are`;
    findings.push(runFinding("seq", "warning", `by their seq ${were} missing: refused, or never received`));
  }
  return {
    run: run.name,
    episodes: run.episodes.length,
    steps,
    findings,
    intact: findings.every(({ severity }) => severity === "warning"),
  };
}

/** What is there and not listed; what is listed and not there is found where it is read. */
function verifyManifest(run: RunReader, fs: FileSystem, findings: Finding[]): void {
  if (!run.manifest.complete) {
    const numbers = new Set(run.episodes.map(({ number }) => number));
    const last = run.episodes.at(-1)?.number ?? 0;
    const missing = last - numbers.size;
    if (missing <= 0) return;
    const what = `${missing} of the first ${last} episodes are not there: removed by a cleanup, or lost`;
    findings.push(runFinding("manifest", "warning", what));
    return;
  }
  const listed = new Set(run.episodes.map(({ dir }) => dir));
  for (const dir of episodeDirectories(fs, run.dir)) {
    if (listed.has(dir)) continue;
    findings.push(
      runFinding("manifest", "error", `the manifest does not list '${dir}', which holds a journal`),
    );
  }
}

function verifyRunJournal(run: RunReader, fs: FileSystem, findings: Finding[], seqs: SeqSurvey): void {
  const path = run.runJournalPath;
  try {
    for (const record of run.runRecords()) {
      seqs.add(record.seq);
      if (record.type !== "run-end") continue;
      for (const problem of inputProblems(record)) findings.push(runFinding("input", "warning", problem));
    }
    const size = fs.statSync(path, { throwIfNoEntry: false })?.size ?? null;
    if (size === null || size === 0) {
      lackingRunJournal(run, size, findings);
      return;
    }
    using journal = new JournalReader(path, { fs });
    for (const _entry of journal.glances());
    for (const problem of journal.problems) findings.push(journalFinding(problem, null));
    if (journal.episode !== 0) {
      const what = `${RUN_JOURNAL} is the journal of episode ${journal.episode}: what belongs to no episode is lost`;
      findings.push(runFinding("foreign", "loss", what));
    }
  } catch (error) {
    findings.push(runFinding("unreadable", "loss", (error as Error).message));
  }
}

/** A run that was closed has records of its own; one that goes on, or crashed, may have none yet. */
function lackingRunJournal({ manifest }: RunReader, size: 0 | null, findings: Finding[]): void {
  if (size === null && !manifest.complete) return;
  const problem = size === null ? "is missing" : "is empty";
  const kind = size === null ? "file_missing" : "unreadable";
  const severity = manifest.complete ? "loss" : "warning";
  findings.push(runFinding(kind, severity, `${RUN_JOURNAL} ${problem}: what belongs to no episode is lost`));
}

/** The log of a run that goes on, or whose producer died. */
function verifyLog(run: RunReader, fs: FileSystem, findings: Finding[]): void {
  using log = new LogReader(run.logDir, { fs, glances: true });
  while (log.next() !== null);
  log.checkTail();
  for (const { kind, segment, offset, bytes, lost, orphans, message } of log.problems) {
    const tail = lost + orphans > 0 ? `; ${lost + orphans} records are lost` : "";
    findings.push({
      kind: kind === "missing" ? "cut" : kind,
      severity: kind === "torn-tail" ? "warning" : "loss",
      episode: null,
      step: null,
      offset,
      message: `log, segment ${segment}: ${message} (${bytes} bytes at ${offset}${tail})`,
    });
  }
}

function verifyEpisode(
  run: RunReader,
  episode: ManifestEpisode,
  fs: FileSystem,
  findings: Finding[],
  seqs: SeqSurvey,
): number {
  const checker = new EpisodeChecker(episode.number, findings);
  try {
    using journal = run.openJournal(episode.number);
    if (journal.path !== run.journalPath(episode.number)) {
      const from = `the records come from ${basename(journal.path)}`;
      checker.add("unreadable", "loss", `${EPISODE_JOURNAL} is gone or has lost its beginning; ${from}`);
    }
    for (const record of journal.records()) {
      seqs.add(record.seq);
      if (record.type === "episode-start") checker.start(record);
      else if (record.type === "step") checker.step(record);
      else if (record.type === "episode-end") checker.end(record);
    }
    for (const problem of journal.problems) findings.push(journalFinding(problem, episode.number));
    if (journal.episode !== 0 && journal.episode !== episode.number) {
      checker.add("foreign", "error", `the journal is that of episode ${journal.episode}`);
    }
    checker.finish(episode);
  } catch (error) {
    checker.add("unreadable", "loss", (error as Error).message);
  }
  for (const file of episode.files) {
    const actual = fileChecksum(fs, join(run.episodeDir(episode.number), file.path));
    const isJournal = file.path === EPISODE_JOURNAL;
    if (actual === null)
      checker.add("file_missing", isJournal ? "loss" : "warning", `${file.path} is missing`);
    else if (actual.sha256 !== file.sha256) {
      checker.add("checksum", isJournal ? "error" : "warning", `${file.path} is not what the manifest lists`);
    }
  }
  return checker.steps;
}

/** Follows one episode and notes what does not fit. */
class EpisodeChecker {
  readonly #number: number;
  readonly #findings: Finding[];
  #start: EpisodeStartRecord | null = null;
  #check: EpisodeCheck | null = null;
  /** The step at hand. */
  #at: number | null = null;
  #end: EpisodeEndRecord | null = null;
  #last: Grid | null = null;
  #time = Number.NEGATIVE_INFINITY;
  #next = 0;
  #reward = 0;
  #similarity: number | null = null;
  steps = 0;

  constructor(number: number, findings: Finding[]) {
    this.#number = number;
    this.#findings = findings;
  }

  add(kind: FindingKind, severity: Finding["severity"], message: string, step: number | null = null): void {
    this.#findings.push({ kind, severity, episode: this.#number, step, offset: null, message });
  }

  start(record: EpisodeStartRecord): void {
    if (this.#start !== null) this.add("duplicate", "error", "the episode starts twice");
    this.#start = record;
    this.#check = new EpisodeCheck(record, (remark) => this.#remark(remark));
    this.#last = record.initial;
    this.#similarity = record.target === null ? null : gridSimilarity(record.initial, record.target);
    this.#time = record.time;
    for (const [name, grid] of [
      ["initial", record.initial],
      ["input", record.input],
      ["target", record.target],
    ] as const) {
      if (grid !== undefined && grid !== null) this.#checkGrid(grid, name, null);
    }
  }

  step(record: StepRecord): void {
    const { step } = record;
    this.steps += 1;
    if (this.#end !== null) this.add("after_end", "error", "a step follows the episode's end", step);
    if (step < this.#next) this.add("duplicate", "error", `step ${step} comes again`, step);
    else if (step > this.#next) {
      const missing = step - this.#next;
      this.add(
        "gap",
        "loss",
        `${missing} ${missing === 1 ? "step is" : "steps are"} missing before it`,
        step,
      );
    }
    const follows = step === this.#next;
    this.#next = Math.max(this.#next, step + 1);
    if (record.time < this.#time)
      this.add("time", "warning", "it is earlier than the record before it", step);
    this.#time = record.time;
    this.#checkGrid(record.after, "after", step);
    if (record.before !== undefined) this.#checkGrid(record.before, "before", step);
    if (
      follows &&
      this.#last !== null &&
      record.before !== undefined &&
      !gridsEqual(record.before, this.#last)
    ) {
      this.add("continuity", "error", "'before' is not the 'after' of the step before it", step);
    }
    const before = record.before ?? this.#last;
    if (before !== null && record.action.selection !== undefined) {
      try {
        selectionMask(record.action.selection, before.shape);
      } catch (error) {
        this.add("selection", "error", (error as Error).message, step);
      }
    }
    this.#at = step;
    this.#check?.step(record);
    this.#at = null;
    this.#checkSimilarity(record);
    this.#reward += record.reward;
    this.#last = record.after;
  }

  end(record: EpisodeEndRecord): void {
    if (this.#end !== null) this.add("duplicate", "error", "the episode ends twice");
    this.#end = record;
    this.#check?.end(record);
  }

  /** What a stream is told of when it is recorded, but for what is looked at more closely here. */
  #remark({ kind, message }: Remark): void {
    const what = message.replace(/^episode '[^']*': /, "");
    if (kind === "step_after_end" || kind === "outcome") this.add(kind, "error", what, this.#at);
    else if (kind === "selection_outside") this.add("selection", "warning", what, this.#at);
    else if (kind === "time") this.add("time", "warning", what, this.#at);
  }

  finish(listed: ManifestEpisode): void {
    if (this.#start === null) this.add("start_missing", "loss", "the record 'episode-start' is missing");
    else if (!isListed(this.#start, this.#end, listed)) {
      this.add("manifest", "error", "the manifest lists another episode than the journal has");
    }
    if (this.#end === null) {
      this.#knewMore(listed);
      this.add("end_missing", "warning", "the episode has no end: its producer died or it still runs");
      return;
    }
    const { totals } = this.#end;
    this.#compare("steps", "'totals.steps'", totals.steps, this.steps);
    this.#compare("reward", "'totals.reward'", totals.reward, this.#reward);
    if (totals.final_similarity !== null && this.#similarity !== null) {
      this.#compare("similarity", "'totals.final_similarity'", totals.final_similarity, this.#similarity);
    }
    if (!near(listed.totals.reward, totals.reward) || listed.totals.steps !== totals.steps) {
      this.add("manifest", "error", "the manifest lists other totals than the journal");
    }
  }

  /** What the manifest took from the journal when that was whole. */
  #knewMore({ ended, outcome, totals }: ManifestEpisode): void {
    if (ended === null && totals.steps <= this.steps) return;
    const end = ended === null ? "no end" : `the outcome ${outcome}`;
    const message = `the manifest knew more: ${totals.steps} steps and ${end}, the journal gives ${this.steps} steps and no end`;
    this.add("manifest", "loss", message);
  }

  #checkGrid(grid: Grid, name: string, step: number | null): void {
    try {
      checkGrid(grid, name);
    } catch (error) {
      this.add("grid", "error", (error as Error).message, step);
    }
  }

  #checkSimilarity(record: StepRecord): void {
    const own = record.info.similarity;
    const target = this.#start?.target ?? null;
    const computed = target === null ? null : gridSimilarity(record.after, target);
    this.#similarity = own ?? computed;
    if (own === undefined || computed === null || near(own, computed)) return;
    this.add(
      "similarity",
      "warning",
      `the producer's similarity is ${own}, the grids give ${computed}`,
      record.step,
    );
  }

  #compare(kind: FindingKind, name: string, stated: number, computed: number): void {
    if (!near(stated, computed)) this.add(kind, "error", `${name} is ${stated}, the steps give ${computed}`);
  }
}

function isListed(start: EpisodeStartRecord, end: EpisodeEndRecord | null, listed: ManifestEpisode): boolean {
  return (
    listed.key === start.episode &&
    listed.task_id === start.task_id &&
    listed.pair_index === start.pair_index &&
    listed.mode === start.mode &&
    near(listed.started, start.time) &&
    (end === null || (listed.outcome === end.outcome && near(listed.ended ?? Number.NaN, end.time)))
  );
}

function near(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
}

function journalFinding(problem: JournalProblem, episode: number | null): Finding {
  const { kind, offset, bytes, orphans, message } = problem;
  const lost = kind === "damaged" || kind === "content" || kind === "cut";
  if (kind === "foreign") {
    const others = orphans > 0 ? `, ${orphans + 1} in all` : "";
    const what = `${message} from ${offset} on${others}; they are left out`;
    return { kind, severity: "error", episode, step: null, offset, message: what };
  }
  const tail = orphans > 0 ? `; ${orphans} records behind it refer to what is lost` : "";
  return {
    kind,
    severity: lost ? "loss" : "warning",
    episode,
    step: null,
    offset,
    message: `${message} (${bytes} bytes at ${offset}${tail})`,
  };
}

function runFinding(kind: FindingKind, severity: Finding["severity"], message: string): Finding {
  return { kind, severity, episode: null, step: null, offset: null, message };
}
