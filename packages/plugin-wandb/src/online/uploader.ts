import { join } from "node:path";
import type { Logger } from "@episcope/core";
import type { FileSystem } from "@episcope/records/store";
import { type Delivery, PositionFile, RequestRefused } from "@episcope/tracker";
import type { LoggedArtifact, LoggedRun } from "../format/decode-records.js";
import { uploadUnreadable } from "../format/errors.js";
import { LogTail } from "../format/log-tail.js";
import { uploadArtifact } from "./artifact-upload.js";
import { configYaml } from "./config-yaml.js";
import { LogReading } from "./log-reading.js";
import { RunView } from "./run-view.js";
import type { UploadBatch } from "./upload-batch.js";
import { emptyState, UPLOAD_STATE_FILE, type UploadState } from "./upload-state.js";
import { type RunPlace, WandbApi, type WandbServer } from "./wandb-api.js";

/** W&B takes two requests a second of a run. */
const PAUSE_MS = 500;
/** A run that says nothing for some minutes is shown as crashed. */
const HEARTBEAT_MS = 30_000;
const PUTS_AT_ONCE = 4;

export interface UploaderOptions {
  readonly fs: FileSystem;
  readonly logger: Logger;
  /** Absolute path of the W&B run directory. */
  readonly directory: string;
  readonly server: WandbServer;
  /** Whether anything of this run may be at the server: it is asked then. */
  readonly isKnown: boolean;
  /** Of a run that goes on: what of the log was not taken back. */
  readonly kept?: { readonly files: number; readonly artifacts: number };
  /** Sent behind everything that the log names. */
  artifact?(run: LoggedRun): LoggedArtifact;
  /** Milliseconds that never run backwards. */
  now(): number;
}

export interface UploadReport {
  readonly rows: number;
  readonly files: number;
  /** Paths below `files/` that the server refused, or that were gone. */
  readonly missing: readonly string[];
  /** The run's page; null before the server was reached. */
  readonly page: string | null;
  readonly isComplete: boolean;
}

/** Sends what stands in a W&B run directory to a server, in rounds. It only reads the log, and remembers what was confirmed. */
export class Uploader implements Delivery {
  readonly #options: UploaderOptions;
  readonly #api: WandbApi;
  readonly #view = new RunView();
  readonly #tail: LogTail;
  readonly #reading: LogReading;
  readonly #positions: PositionFile<UploadState>;
  /** Path of the official client's mark of a run that is whole at the server. */
  readonly #mark: string;
  #state: UploadState | null = null;
  #place: RunPlace | null = null;
  #batch: UploadBatch | null = null;
  #configSent: string | null = null;
  #summarySent: string | null = null;
  #sentAt = Number.NEGATIVE_INFINITY;
  #toldOfStop = false;

  constructor(options: UploaderOptions) {
    this.#options = options;
    this.#api = new WandbApi(options.server);
    const log = logPathOf(options.fs, options.directory);
    this.#mark = `${log}.synced`;
    this.#tail = new LogTail(options.fs, log);
    this.#reading = new LogReading(this.#tail, this.#view);
    this.#positions = new PositionFile(options.fs, join(options.directory, UPLOAD_STATE_FILE));
  }

  /** Bytes of the log that may be sent. */
  set limit(bytes: number) {
    this.#tail.limit = bytes;
  }

  get report(): UploadReport {
    const { history = 0, files = 0, missing = [], complete = false } = this.#state ?? {};
    const page = this.#place === null ? null : pageOf(this.#options.server.baseUrl, this.#place);
    return { rows: history, files, missing, page, isComplete: complete };
  }

  async send({ signal, last }: { readonly signal: AbortSignal; readonly last: boolean }): Promise<void> {
    if (!this.#reading.readHead()) {
      if (last) throw uploadUnreadable(this.#options.directory);
      return;
    }
    const state = this.#state ?? (await this.#begin(signal));
    if (!state.complete) await this.#sendRest(state, signal, last);
    const { artifact } = this.#options;
    if (!last || artifact === undefined) return;
    const run = this.#view.run!;
    const { runId: name, project, entity } = run;
    this.#place ??= await this.#api.upsertRun(
      { name, project, entity, config: this.#view.configText() },
      signal,
    );
    await this.#sendArtifact(artifact(run), state, signal);
    this.#positions.write(state);
  }

  async #sendRest(state: UploadState, signal: AbortSignal, last: boolean): Promise<void> {
    for (;;) {
      this.#batch ??= this.#reading.read(state);
      await this.#upsertIfChanged(signal);
      if (this.#batch.isEmpty && !this.#hasNews()) break;
      await this.#sendBatch(this.#batch, state, signal);
      this.#batch = null;
    }
    this.#batch = null;
    if (last && this.#view.exitCode !== null) await this.#complete(state, this.#view.exitCode, signal);
    else if (this.#options.now() - this.#sentAt >= HEARTBEAT_MS) await this.#stream({}, signal);
  }

  close(): void {
    this.#tail.close();
  }

  /** Registers the run and finds out what the server has of it. */
  async #begin(signal: AbortSignal): Promise<UploadState> {
    const run = this.#view.run!;
    const { baseUrl } = this.#options.server;
    const kept = this.#positions.read();
    const isOurs = kept?.format === 1 && kept.baseUrl === baseUrl && kept.run === run.runId;
    const state = isOurs ? kept : emptyState({ baseUrl, run: run.runId });
    const { files, artifacts } = this.#options.kept ?? { files: Infinity, artifacts: Infinity };
    state.files = Math.min(state.files, files);
    state.announced = Math.min(state.announced, files);
    state.artifacts = Math.min(state.artifacts ?? 0, artifacts);
    // A run that was resumed has no mark any more.
    state.complete &&= this.#options.fs.existsSync(this.#mark);
    const fields = {
      name: run.runId,
      project: run.project,
      entity: run.entity,
      config: this.#view.configText(),
    };
    if (!state.complete && (isOurs || this.#options.isKnown)) {
      const server = await this.#api.resumeStatus(fields, signal);
      this.#reading.expect(server);
      state.history = server?.history ?? 0;
      state.events = server?.events ?? 0;
      state.output = server?.output ?? 0;
      if (server === null) Object.assign(state, { files: 0, announced: 0, artifacts: 0 });
    }
    if (!state.complete) {
      const { displayName, group, jobType, notes, tags } = run;
      const code = this.#view.git;
      const more = {
        ...{ displayName, groupName: group, jobType, notes, tags: tags.length > 0 ? tags : null },
        ...{ commit: code?.commit ?? null, repo: code?.remote ?? null },
      };
      this.#place = await this.#api.upsertRun({ ...fields, ...more }, signal);
      this.#configSent = fields.config;
      this.#options.logger.info(`W&B: the run is uploaded to ${pageOf(baseUrl, this.#place)}`);
    }
    this.#state = state;
    return state;
  }

  /** A batch's rows go first, its files behind them, and the next request says that they are there. */
  async #sendBatch(batch: UploadBatch, state: UploadState, signal: AbortSignal): Promise<void> {
    if (batch.hasLines || this.#hasNews()) {
      const uploaded = this.#reading.filesBetween(state.announced, state.files);
      const summary = this.#view.summaryText();
      const files = { ...batch.streams(), ...this.#summaryPart(summary) };
      await this.#stream(
        { files, ...(uploaded.length > 0 ? { uploaded: present(uploaded, state) } : {}) },
        signal,
      );
      state.announced = state.files;
      this.#summarySent = summary;
      if (batch.cutRows > 0) {
        this.#options.logger.warn(
          `W&B: ${batch.cutRows} rows are wider than W&B takes; it got their step only`,
        );
        batch.cutRows = 0;
      }
      batch.confirm(state);
      this.#positions.write(state);
    }
    while (batch.files.length > 0) {
      const some = batch.files.slice(0, PUTS_AT_ONCE * 4);
      await this.#putFiles(new Map(some.map((path) => [path, null])), state, signal);
      batch.files.splice(0, some.length);
      state.files += some.length;
      this.#positions.write(state);
    }
    while (batch.artifacts.length > 0) {
      await this.#sendArtifact(batch.artifacts[0]!, state, signal);
      batch.artifacts.shift();
      state.artifacts = (state.artifacts ?? 0) + 1;
      this.#positions.write(state);
    }
  }

  async #sendArtifact(artifact: LoggedArtifact, state: UploadState, signal: AbortSignal): Promise<void> {
    const { fs, directory } = this.#options;
    try {
      await uploadArtifact(artifact, { api: this.#api, place: this.#place!, fs, directory, signal });
    } catch (error) {
      // One artifact less is no reason to leave the rows: a server may have none.
      if (signal.aborted) throw error;
      this.#miss(`artifact ${artifact.name}`, state, (error as Error).message);
    }
  }

  #hasNews(): boolean {
    const summary = this.#view.summaryText();
    return summary !== null && summary !== this.#summarySent;
  }

  #summaryPart(summary: string | null): object {
    return summary === null || summary === this.#summarySent
      ? {}
      : { "wandb-summary.json": { offset: 0, content: [summary] } };
  }

  async #upsertIfChanged(signal: AbortSignal): Promise<void> {
    const config = this.#view.configText();
    if (config === this.#configSent) return;
    const { run, project, entity } = this.#place!;
    await this.#api.upsertRun({ name: run, project, entity, config }, signal);
    this.#configSent = config;
  }

  async #complete(state: UploadState, exitCode: number, signal: AbortSignal): Promise<void> {
    const extra = new Map<string, Uint8Array | null>([
      ["config.yaml", Buffer.from(configYaml(this.#view.configValue()))],
      ["wandb-summary.json", Buffer.from(this.#view.summaryText() ?? "{}")],
    ]);
    const { environment } = this.#view;
    if (environment !== null) extra.set("wandb-metadata.json", Buffer.from(JSON.stringify(environment)));
    const console = this.#view.consoleText();
    if (console !== "") extra.set("output.log", Buffer.from(console));
    await this.#putFiles(extra, state, signal);
    const uploaded = [...this.#reading.filesBetween(state.announced, state.files), ...extra.keys()];
    await this.#stream({ uploaded: present(uploaded, state), complete: true, exitcode: exitCode }, signal);
    state.announced = state.files;
    state.complete = true;
    this.#positions.write(state);
    // The official client's own mark: `wandb sync` leaves the directory alone, which would append all rows again.
    this.#options.fs.writeFileSync(this.#mark, "");
  }

  async #stream(body: object, signal: AbortSignal): Promise<void> {
    const { server, logger, now } = this.#options;
    const since = now() - this.#sentAt;
    if (since < PAUSE_MS) await server.waiting.wait(PAUSE_MS - since, signal);
    const { stopped } = await this.#api.stream(this.#place!, body, signal);
    this.#sentAt = now();
    if (!stopped || this.#toldOfStop) return;
    this.#toldOfStop = true;
    logger.warn("W&B: somebody stopped this run on its page; it is recorded and uploaded all the same");
  }

  /** `files`: paths below `files/`, with their bytes where they do not stand there. */
  async #putFiles(
    files: ReadonlyMap<string, Uint8Array | null>,
    state: UploadState,
    signal: AbortSignal,
  ): Promise<void> {
    const { urls, headers } = await this.#api.createRunFiles(this.#place!, [...files.keys()], signal);
    const waiting = [...files];
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [path, given] = next;
        const url = urls.get(path);
        const bytes = given ?? this.#bytesOf(path);
        if (url === undefined || bytes === null) this.#miss(path, state);
        else await this.#put(path, url, bytes, headers, state, signal);
      }
    };
    await Promise.all(Array.from({ length: PUTS_AT_ONCE }, work));
  }

  async #put(
    path: string,
    url: string,
    bytes: Uint8Array,
    headers: { readonly [name: string]: string },
    state: UploadState,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.#api.putFile(url, bytes, headers, signal);
    } catch (error) {
      // One file less is no reason to leave the rows.
      if (!(error instanceof RequestRefused)) throw error;
      this.#miss(path, state, error.message);
    }
  }

  #bytesOf(path: string): Uint8Array | null {
    try {
      return this.#options.fs.readFileSync(join(this.#options.directory, "files", ...path.split("/")));
    } catch {
      return null;
    }
  }

  #miss(path: string, state: UploadState, reason = "the server gave no place for it, or it is gone"): void {
    if (state.missing.includes(path)) return;
    if (state.missing.length === 0) this.#options.logger.warn(`W&B: ${path} was not uploaded: ${reason}`);
    state.missing.push(path);
  }
}

function present(paths: readonly string[], { missing }: UploadState): readonly string[] {
  return paths.filter((path) => !missing.includes(path));
}

function logPathOf(fs: FileSystem, directory: string): string {
  const name = fs.readdirSync(directory).find((entry) => entry.endsWith(".wandb"));
  if (name === undefined) throw uploadUnreadable(directory);
  return join(directory, name);
}

/** W&B's own rule for where the pages of a server stand. */
export function pageOf(baseUrl: string, { entity, project, run }: RunPlace): string {
  const app = baseUrl.replace("://api.wandb.", "://wandb.").replace("://api.", "://app.");
  return `${app}/${[entity, project].map(encodeURIComponent).join("/")}/runs/${encodeURIComponent(run)}`;
}
