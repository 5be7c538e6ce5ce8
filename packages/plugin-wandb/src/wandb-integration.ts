import type { Artifact, Logger, RunIdentity } from "@episcope/core";
import type { BatchRecord, EpisodeEndRecord, MetricsRecord, StepRecord } from "@episcope/records";
import type { Clock, FileSystem } from "@episcope/records/store";
import { stringifyExtended } from "./format/extended-json.js";
import { LogFile } from "./format/log-file.js";
import { ProtobufWriter } from "./format/protobuf-writer.js";
import { encodeRecord, type WandbItem, type WandbRecord } from "./format/wandb-records.js";
import { type Fields, type HistoryRow, HistoryRows } from "./history/history-rows.js";
import {
  batchFields,
  type EpisodeBeginning,
  episodeFields,
  histogramFields,
  metricsFields,
  stepFields,
} from "./history/row-fields.js";
import { RunSummary } from "./history/run-summary.js";
import { type LogCounts, rememberLog } from "./log-memory.js";
import { artifactRecord } from "./run/artifact.js";
import { hyperparameterItems } from "./run/config-items.js";
import { ConsoleLines } from "./run/console-lines.js";
import { EpisodeTable, TABLE_KEY } from "./run/episode-table.js";
import { type LoggedFile, loggedPicture } from "./run/media.js";
import { MetricDefinitions } from "./run/metric-definitions.js";
import { modelGraph } from "./run/model-graph.js";
import type { WandbConfig } from "./run/options.js";
import { REQUIREMENTS_FILE, statedRequirements } from "./run/requirements.js";
import { RunDirectory } from "./run/run-directory.js";
import { headFiles, headRecords, type RunSurroundings, timestamp } from "./run/run-head.js";
import { tableArtifact } from "./run/table-artifact.js";
import type { WandbState } from "./state.js";

const SUMMARY_INTERVAL_MS = 10_000;
/** Values above it make W&B's pages slow; above 10 383 360 bytes a row is not uploaded at all. */
const WIDE_ROW_BYTES = 1_000_000;

export interface WandbWorld {
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absolute; the W&B directory is made in it. */
  readonly runDir: string;
  readonly surroundings: RunSurroundings;
}

/** What is known of a step beside its record. */
interface StepContext {
  /** Number in the run, from 1. */
  readonly episode: number;
  /** Over all episodes, from 0. */
  readonly globalStep: number;
  readonly similarity: number | null;
  /** Whether it has a row whatever `log_frequency` says: first, last, submit and key steps. */
  readonly marked: boolean;
}

/**
 * Writes one W&B run: an offline run directory in the official format. `logX` only composes; `commit` puts everything
 * composed so far on disk in one write. Opens no connection.
 */
export class WandbIntegration {
  readonly #options: WandbConfig;
  readonly #world: WandbWorld;
  readonly #writer = new ProtobufWriter();
  readonly #definitions = new MetricDefinitions();
  readonly #summary = new RunSummary();
  readonly #rows = new HistoryRows((row) => this.#compose(row));
  readonly #table = new EpisodeTable();
  readonly #wideKeys = new Set<string>();
  #console: ConsoleLines;
  #seed = "";
  #kept: LogCounts = { records: 0, files: 0, artifacts: 0 };
  #directory: RunDirectory | null = null;
  #log: LogFile | null = null;
  #startTime = 0;
  /** Unix seconds of the newest record: a picture has no time of its own, and a run that is resumed must say the same again. */
  #time = 0;
  #pending: Uint8Array[] = [];
  #written = 0;
  #summaryWritten = 0;

  constructor(options: WandbConfig, world: WandbWorld) {
    this.#options = options;
    this.#world = world;
    this.#console = new ConsoleLines(world.fs, world.runDir);
  }

  /** Absolute path of the W&B run directory; null before `initializeRun`. */
  get directory(): string | null {
    return this.#directory?.path ?? null;
  }

  /** Bytes of the log that will not be taken back. */
  get length(): number {
    return this.#log?.length ?? Number.POSITIVE_INFINITY;
  }

  /** What of the log was there when the run went on; what came behind it was taken back. */
  get kept(): LogCounts {
    return this.#kept;
  }

  /** Goes on with a run's own directory; false where it is not there any more. Throws WANDB_LOG_NOT_WRITTEN. */
  resumeRun(run: RunIdentity, { directory: name, length, rows, time, console }: WandbState): boolean {
    const { fs, clock, runDir } = this.#world;
    const directory = RunDirectory.reopen(fs, runDir, name);
    if (directory === null) return false;
    this.#directory = directory;
    this.#log = LogFile.reopen(fs, directory.logPath, length);
    this.#kept = rememberLog(fs, directory.logPath, length, {
      ...{ definitions: this.#definitions, summary: this.#summary, table: this.#table },
    });
    this.#written = this.#kept.records;
    this.#seed = seedOf(run, runDir);
    this.#console = new ConsoleLines(fs, runDir, console);
    this.#startTime = run.startTime;
    this.#time = time;
    this.#summaryWritten = clock.monotonic();
    this.#rows.restore(rows);
    return true;
  }

  /** Makes the directory and writes the head of the log: the config is on disk before the first step. */
  initializeRun(run: RunIdentity): void {
    const { fs, clock, runDir, surroundings } = this.#world;
    this.#seed = seedOf(run, runDir);
    const directory = RunDirectory.create({ fs, runDir, now: clock.now(), seed: this.#seed });
    this.#directory = directory;
    this.#log = LogFile.create(fs, directory.logPath);
    this.#startTime = run.startTime;
    this.#time = run.startTime;
    this.#summaryWritten = clock.monotonic();
    const about = { run, runId: directory.id, seed: this.#seed };
    for (const record of headRecords(this.#options, surroundings, about)) this.#add(record);
    for (const [path, bytes] of headFiles(surroundings)) this.#storeOwn(path, bytes);
    this.commit();
  }

  /** A row for every `log_frequency`-th step and every marked one; the others are only held for the episode's end. */
  logStep(record: StepRecord, { episode, globalStep, similarity, marked }: StepContext): void {
    this.#time = record.time;
    const fields = stepFields(record, episode, globalStep, similarity);
    if (this.#isSampled(globalStep, marked)) this.#rows.add(globalStep, record.time, fields);
    else this.#rows.hold(globalStep, fields);
  }

  /** Into the row of the episode's last step. */
  logEpisodeSummary(
    record: EpisodeEndRecord,
    start: EpisodeBeginning | undefined,
    { episode, globalStep }: Pick<StepContext, "episode" | "globalStep">,
  ): void {
    this.#time = record.time;
    if (this.#table.isFull) this.#rows.add(globalStep, record.time, this.#tableFields(globalStep));
    this.#rows.add(globalStep, record.time, episodeFields(record, episode, start));
  }

  /**
   * A picture of a step is logged where the step has a row; all others always. Its file is on disk before the row.
   * Returns whether it was logged; throws where it cannot be.
   */
  logPicture(picture: Artifact): boolean {
    if (picture.view === "step" && !this.#isSampled(picture.global_step, picture.key)) return false;
    const file = loggedPicture(picture, this.#options.max_image_size);
    this.#store(file);
    const fields = new Map([[file.key, stringifyExtended(file.value)]]);
    // Episodes may end at the same time, and the table of episodes takes its pictures from the rows.
    if (picture.view === "summary" && picture.episode !== null)
      fields.set("episode", String(picture.episode));
    // It may have been drawn after the next step came: it then goes into that step's row and says its own.
    if (picture.global_step < this.#rows.position) {
      fields.set(`${file.key}_global_step`, String(picture.global_step));
    }
    this.#rows.add(picture.global_step, this.#time, fields);
    return true;
  }

  /** `globalStep`: of the newest step, 0 before the first. */
  logMetrics(record: MetricsRecord, globalStep: number): void {
    this.#time = record.time;
    this.#rows.add(globalStep, record.time, metricsFields(record));
  }

  /** The names of those that are no histogram and were left out. */
  logHistograms(record: MetricsRecord, globalStep: number): readonly string[] {
    const { fields, unsound } = histogramFields(record);
    if (fields.size > 0) this.#rows.add(globalStep, record.time, fields);
    return unsound;
  }

  logBatch(record: BatchRecord, globalStep: number): void {
    this.#time = record.time;
    this.#rows.add(globalStep, record.time, batchFields(record));
  }

  /** What the producer says of itself in the `meta` of its stream's start becomes part of the config. */
  logHyperparameters(meta: RunIdentity["config"]): void {
    const items = hyperparameterItems(meta);
    if (items.length > 0) this.#add({ kind: "config", items });
    const stated = statedRequirements(meta);
    if (stated !== null) this.#storeOwn(REQUIREMENTS_FILE, Buffer.from(`${stated.join("\n")}\n`));
  }

  /** Values measured now, of process and machine. */
  logSystem(items: readonly WandbItem[]): void {
    this.#add({ kind: "stats", time: timestamp(this.#world.clock.now()), items });
  }

  /** From the `meta` of the stream's start. "missing": none was sent; "unsound": it is no graph. */
  logModelTopology(meta: RunIdentity["config"]): "logged" | "missing" | "unsound" {
    const graph = modelGraph(meta);
    if (graph === undefined) return "missing";
    if (graph === null) return "unsound";
    this.#store(graph);
    this.#summary.update(new Map([[graph.key, stringifyExtended(graph.value)]]));
    return "logged";
  }

  /**
   * Writes what was composed: whole records, in one call. Throws WANDB_LOG_NOT_WRITTEN; the records are then kept and go
   * out with the next call that succeeds.
   */
  commit(): void {
    this.#addConsole(this.#console.read());
    if (
      this.#summary.changed &&
      this.#world.clock.monotonic() - this.#summaryWritten >= SUMMARY_INTERVAL_MS
    ) {
      this.#composeSummary();
    }
    if (this.#pending.length === 0) return;
    this.#log?.append(this.#pending);
    this.#written += this.#pending.length;
    this.#pending = [];
  }

  /**
   * Also writes the row that is still open, though the next commit may say more of it, and resolves when all of it is on the
   * disk. Returns what `resumeRun` needs, but for the episodes.
   */
  async flush(): Promise<Omit<WandbState, "episodes">> {
    this.commit();
    const state = {
      ...({ format: 1, directory: this.#directory!.name, length: this.length } as const),
      ...{ rows: this.#rows.state(), time: this.#time, console: this.#console.state() },
    };
    const { open } = this.#rows;
    if (open !== null && this.#log !== null) {
      const items = itemsOf(this.#complete(open));
      const record = { kind: "history", step: open.step, items } as const;
      this.#log.lend([encodeRecord(this.#writer, this.#written + 1, record)]);
    }
    await this.#log?.sync();
    return state;
  }

  /** Writes the open row, the summary and the exit record, and closes the log. */
  async finishRun(exitCode: number): Promise<void> {
    const log = this.#log;
    if (log === null) return;
    this.#log = null;
    const runtime = Math.max(0, this.#world.clock.now() - this.#startTime);
    this.#addConsole([...this.#console.read(), ...this.#console.rest(this.#world.clock.now())]);
    this.#rows.close();
    // Not in a row of its own: a run that goes on behind an interruption would have another row in its place.
    if (!this.#table.isEmpty) this.#summary.update(this.#tableFields(this.#rows.position));
    this.#composeSummary([
      { key: "_runtime", json: stringifyExtended(microseconds(runtime)) },
      { key: ["_wandb", "runtime"], json: String(Math.floor(runtime)) },
    ]);
    this.#add({ kind: "exit", exitCode, runtime: Math.floor(runtime) });
    // Older official readers take the exit code only when this follows it.
    this.#add({ kind: "final" });
    try {
      log.append(this.#pending);
      await log.sync();
    } finally {
      this.#pending = [];
      log.close();
    }
  }

  #isSampled(globalStep: number, marked: boolean): boolean {
    const frequency = this.#options.log_frequency;
    return frequency > 0 && (marked || globalStep % frequency === 0);
  }

  #store(file: LoggedFile): void {
    this.#directory?.writeFile(file.path, file.bytes);
    this.#add({ kind: "files", paths: [file.path] });
  }

  #storeOwn(path: string, bytes: Uint8Array): void {
    this.#directory?.writeFile(path, bytes);
    this.#add({ kind: "files", paths: [path], type: "wandb" });
  }

  /** The episodes so far: a file of the run, and the artifact that W&B's page reads. */
  #tableFields(globalStep: number): Fields {
    const directory = this.#directory!;
    const { entity, project_name: project } = this.#options;
    const files = this.#table.files(String(globalStep));
    const made = tableArtifact(files, { directory, fs: this.#world.fs });
    const artifact = artifactRecord({
      ...{ runId: directory.id, entity, project, type: "run_table", seed: this.#seed },
      ...{ name: `run-${directory.id}-${TABLE_KEY}`, entries: made.entries },
    });
    this.#add(artifact);
    this.#store(files.shown);
    const value = { ...files.shown.value, ...made.linksTo(artifact) };
    return new Map([[TABLE_KEY, stringifyExtended(value)]]);
  }

  #addConsole(lines: ReturnType<ConsoleLines["read"]>): void {
    for (const { time, isError, text } of lines) {
      this.#add({ kind: "output", isError, time: timestamp(time), text: `${text}\n` });
    }
  }

  #compose(row: HistoryRow): void {
    const fields = this.#complete(row);
    this.#table.note(fields);
    for (const definition of this.#definitions.definitionsFor(row.fields.keys())) this.#add(definition);
    this.#add({ kind: "history", step: row.step, items: itemsOf(fields) });
    this.#summary.update(fields);
    this.#warnOfWidth(fields);
  }

  /** A row with W&B's own columns. */
  #complete(row: HistoryRow): Fields {
    const runtime = microseconds(Math.max(0, row.time - this.#startTime));
    return new Map([
      ...row.fields,
      ["_step", String(row.step)],
      ["_timestamp", stringifyExtended(row.time)],
      ["_runtime", stringifyExtended(runtime)],
    ]);
  }

  #composeSummary(more: readonly { key: string | readonly string[]; json: string }[] = []): void {
    this.#summaryWritten = this.#world.clock.monotonic();
    const own = new Set(more.map(({ key }) => key));
    const items = this.#summary.takeChanges().filter(({ key }) => !own.has(key));
    this.#add({ kind: "summary", items: [...items, ...more] });
  }

  #warnOfWidth(fields: Fields): void {
    let size = 0;
    let widest = "";
    for (const [key, json] of fields) {
      size += key.length + json.length;
      if (json.length > (fields.get(widest)?.length ?? -1)) widest = key;
    }
    if (size <= WIDE_ROW_BYTES || this.#wideKeys.has(widest)) return;
    this.#wideKeys.add(widest);
    this.#world.logger.warn(
      `W&B: a row has ${size} characters, most of them in '${widest}'; W&B recommends less than a megabyte and refuses more than ten`,
      { key: widest, size },
    );
  }

  #add(record: WandbRecord): void {
    this.#pending.push(encodeRecord(this.#writer, this.#written + this.#pending.length + 1, record));
  }
}

function itemsOf(fields: Fields): { key: string; json: string }[] {
  return Array.from(fields, ([key, json]) => ({ key, json }));
}

/** What makes this run different from others. */
function seedOf(run: RunIdentity, runDir: string): string {
  return [run.name, run.configHash, run.startTime, runDir].join("\n");
}

/** Differences of Unix times have no more digits than that. */
function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
