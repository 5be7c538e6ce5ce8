import type { LoggedRecord } from "../format/decode-records.js";
import { uploadDiverged } from "../format/errors.js";
import type { LogTail } from "../format/log-tail.js";
import type { WandbItem } from "../format/wandb-records.js";
import type { RunView } from "./run-view.js";
import { UploadBatch } from "./upload-batch.js";
import type { UploadState } from "./upload-state.js";
import type { ServerCounts } from "./wandb-api.js";

const HEAD_KINDS: readonly LoggedRecord["kind"][] = ["other", "run", "environment", "telemetry"];

const STREAM_OF: { readonly [kind: string]: "history" | "events" | "output" | undefined } = {
  history: "history",
  stats: "events",
  output: "output",
};

/** Reads a log from its beginning, tells the view of everything, and gives what the server does not have yet. */
export class LogReading {
  readonly #tail: LogTail;
  readonly #view: RunView;
  readonly #seen = { history: 0, events: 0, output: 0 };
  /** In the order of the log. */
  readonly #files: string[] = [];
  #artifacts = 0;
  #held: LoggedRecord | null = null;
  #server: ServerCounts | null = null;

  constructor(tail: LogTail, view: RunView) {
    this.#tail = tail;
    this.#view = view;
  }

  /** Reads what stands before the first row; false while the run's own record is not there. */
  readHead(): boolean {
    while (this.#held === null) {
      const record = this.#tail.next();
      if (record === null) break;
      if (HEAD_KINDS.includes(record.kind)) this.#view.apply(record);
      else this.#held = record;
    }
    return this.#view.run !== null;
  }

  /** What the server said that it has; the rows are compared with it while they are read. */
  expect(server: ServerCounts | null): void {
    this.#server = server;
  }

  /** As much as goes out together, read to the end of the log at most. Throws WANDB_UPLOAD_DIVERGED. */
  read(state: UploadState): UploadBatch {
    const batch = new UploadBatch(state);
    while (!batch.isFull) {
      const record = this.#held ?? this.#tail.next();
      this.#held = null;
      if (record === null) {
        this.#checkEnd();
        break;
      }
      this.#view.apply(record);
      this.#take(record, batch, state);
    }
    return batch;
  }

  /** Paths of the files from one place to another. */
  filesBetween(from: number, to: number): readonly string[] {
    return this.#files.slice(from, to);
  }

  #take(record: LoggedRecord, batch: UploadBatch, state: UploadState): void {
    if (record.kind === "files") {
      for (const path of record.paths) {
        if (this.#files.push(path) > state.files) batch.files.push(path);
      }
      return;
    }
    if (record.kind === "artifact") {
      this.#artifacts += 1;
      if (this.#artifacts > (state.artifacts ?? 0)) batch.artifacts.push(record.artifact);
      return;
    }
    const stream = STREAM_OF[record.kind];
    if (stream === undefined) return;
    this.#seen[stream] += 1;
    const number = this.#seen[stream];
    if (record.kind === "history" && number === this.#server?.history) this.#checkRow(record.items);
    if (number > state[stream]) batch.addRecord(record, this.#view.run?.startTime ?? 0);
  }

  #checkRow(items: readonly WandbItem[]): void {
    const theirs = this.#server?.lastStep ?? null;
    const ours = items.find(({ key }) => key === "_step")?.json;
    if (theirs === null || ours === undefined || Number(ours) === theirs) return;
    throw uploadDiverged(this.#view.run!.runId, `its last row has _step ${theirs}, ours ${ours}`);
  }

  #checkEnd(): void {
    const server = this.#server?.history ?? 0;
    if (this.#seen.history < server && this.#view.exitCode !== null) {
      throw uploadDiverged(this.#view.run!.runId, `it has ${server} rows, the log ${this.#seen.history}`);
    }
  }
}
