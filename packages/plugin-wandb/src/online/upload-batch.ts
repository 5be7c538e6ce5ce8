import type { LoggedArtifact, LoggedRecord } from "../format/decode-records.js";
import { eventLine, historyLine, outputLine } from "./stream-lines.js";
import type { UploadState } from "./upload-state.js";

/** Lines and bytes of one request; W&B takes ten times that. */
const MAX_LINES = 5_000;
const MAX_BYTES = 4 * 1024 * 1024;
/** Addresses that are asked for at once. */
const MAX_FILES = 50;

type Stream = "history" | "events" | "output";

const STREAM_FILES: { readonly [stream in Stream]: string } = {
  history: "wandb-history.jsonl",
  events: "wandb-events.jsonl",
  output: "output.log",
};

/** What is read from the log, not confirmed yet, and goes out together. */
export class UploadBatch {
  readonly #lines: { readonly [stream in Stream]: string[] } = { history: [], events: [], output: [] };
  readonly #offsets: { [stream in Stream]: number };
  readonly files: string[] = [];
  readonly artifacts: LoggedArtifact[] = [];
  #count = 0;
  #bytes = 0;
  /** Rows that were too wide. */
  cutRows = 0;

  /** `state`: the lines begin behind what the server has. */
  constructor(state: UploadState) {
    this.#offsets = { history: state.history, events: state.events, output: state.output };
  }

  get isFull(): boolean {
    return this.#count >= MAX_LINES || this.#bytes >= MAX_BYTES || this.files.length >= MAX_FILES;
  }

  get isEmpty(): boolean {
    return this.#count === 0 && this.files.length === 0 && this.artifacts.length === 0;
  }

  get hasLines(): boolean {
    return this.#count > 0;
  }

  addRecord(record: LoggedRecord, startTime: number): void {
    if (record.kind === "history") {
      const { line, isCut } = historyLine(record.items);
      if (isCut) this.cutRows += 1;
      this.#add("history", line);
    } else if (record.kind === "stats") this.#add("events", eventLine(record, startTime));
    else if (record.kind === "output") this.#add("output", outputLine(record));
  }

  /** The `files` part of a request. */
  streams(): { [file: string]: { readonly offset: number; readonly content: readonly string[] } } {
    const parts: ReturnType<UploadBatch["streams"]> = {};
    for (const stream of Object.keys(STREAM_FILES) as Stream[]) {
      const content = this.#lines[stream];
      if (content.length > 0) parts[STREAM_FILES[stream]] = { offset: this.#offsets[stream], content };
    }
    return parts;
  }

  /** The server has the lines. */
  confirm(state: UploadState): void {
    for (const stream of Object.keys(STREAM_FILES) as Stream[]) {
      state[stream] = this.#offsets[stream] + this.#lines[stream].length;
      this.#offsets[stream] = state[stream];
      this.#lines[stream].length = 0;
    }
    this.#count = 0;
    this.#bytes = 0;
  }

  #add(stream: Stream, line: string): void {
    this.#lines[stream].push(line);
    this.#count += 1;
    this.#bytes += line.length;
  }
}
