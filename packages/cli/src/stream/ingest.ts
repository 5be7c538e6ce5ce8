import type { Run } from "@episcope/core";
import type { EpiscopeError } from "@episcope/errors";
import type { ErrorMessage, RecorderMessage, StepsMessage, StreamRecord } from "@episcope/records";
import { helloMissing } from "../terminal/errors.js";
import { printable } from "../terminal/table.js";
import { counted } from "../terminal/words.js";
import { encodeAnswer } from "./encode-answer.js";
import { ColumnIngest } from "./ingest-columns.js";
import type { Encoding, Incoming } from "./read-messages.js";
import { SeqCheck } from "./seq-check.js";

interface IngestOptions {
  /** Gets one line for each of the first refusals, and one for the rest of them. */
  reportRefusal(text: string): void;
  /** Where the producer hears `flushed`, `ack` and `error`; left out where it does not listen. */
  readonly answer?: (bytes: Uint8Array) => Promise<void>;
  /** Told of each record that the run accepted. */
  onRecord?(record: StreamRecord): void;
}

/** What of a stream is not in the run. */
export interface Refused {
  /** Whole messages. */
  readonly messages: number;
  /** Records of `steps` messages that were taken otherwise. */
  readonly records: number;
}

/** Refusals that are told one by one; a stream that is wrong throughout must not flood the terminal. */
const TOLD = 10;
/** Records between two looks at the queues: reading waits for them instead of losing pictures. */
const BREATH = 256;

/** Records a producer's stream. */
export async function ingest(
  messages: AsyncIterable<Incoming>,
  run: Run,
  options: IngestOptions,
): Promise<Refused> {
  const ingestion = new Ingestion(run, options);
  for await (const incoming of messages) {
    await ingestion.take(incoming);
    if (ingestion.isOver) break;
  }
  return ingestion.refused;
}

class Ingestion {
  readonly #run: Run;
  readonly #options: IngestOptions;
  readonly #columns: ColumnIngest;
  readonly #seqs = new SeqCheck();
  /** The producer turned out to speak a newer version: nothing more of it is read. */
  #newer: EpiscopeError | null = null;
  #isOver = false;
  #messages = 0;
  #records = 0;
  #told = 0;
  #greeted = false;
  #taken = 0;

  constructor(run: Run, options: IngestOptions) {
    this.#run = run;
    this.#options = options;
    this.#columns = new ColumnIngest((record, priority) => this.#offer(record, priority));
  }

  /** The run was closed, by a signal: what still comes is nobody's fault and is not read. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get refused(): Refused {
    return { messages: this.#messages, records: this.#records };
  }

  async take(incoming: Incoming): Promise<void> {
    if ("error" in incoming) {
      const { error } = incoming;
      const { seq } = error.fields;
      this.#columns.pass(error.code);
      this.#seqs.skip();
      this.#run.countRefused(error.code);
      if (error.code === "STREAM_VERSION_UNSUPPORTED") this.#newer = error;
      await this.#refuse(incoming, error, typeof seq === "number" ? { seq } : {});
      return;
    }
    const { message, encoding } = incoming;
    if (this.#newer !== null) {
      this.#run.countRefused(this.#newer.code);
      await this.#refuse(incoming, this.#newer);
      return;
    }
    this.#remark(incoming);
    if (!this.#greeted) {
      this.#greeted = true;
      if (message.type !== "hello") await this.#refuse(incoming, helloMissing(incoming.place));
    }
    switch (message.type) {
      case "hello":
        break;
      case "flush":
        await this.#answer({ type: "flushed", id: message.id, ...(await this.#run.flush()) }, encoding);
        break;
      case "ack":
        await this.#answer({ type: "ack", seq: (await this.#run.flush()).seq }, encoding);
        break;
      case "steps":
        await this.#takeSteps(message, incoming);
        break;
      default: {
        this.#columns.pass();
        const error = await this.#offer(message, 0);
        if (error !== undefined) await this.#refuse(incoming, error, { seq: message.seq });
      }
    }
  }

  async #offer(record: StreamRecord, priority: number): Promise<EpiscopeError | undefined> {
    const { error } = this.#run.record(record, { priority });
    if (error?.code === "RUN_CLOSED") {
      this.#isOver = true;
      return undefined;
    }
    if (error === undefined) this.#options.onRecord?.(record);
    this.#taken += 1;
    if (this.#taken % BREATH === 0) await this.#run.ready();
    return error;
  }

  /** What is wrong with a message that is taken. */
  #remark({ place, remarks, message }: Extract<Incoming, { readonly message: unknown }>): void {
    for (const { kind, message: what } of remarks) this.#run.remark({ kind, message: `${place}, ${what}` });
    if (!("seq" in message)) return;
    const remark = this.#seqs.next(message.seq, message.type === "steps" ? message.records : 1);
    if (remark !== null) this.#run.remark({ kind: remark.kind, message: `${place}, ${remark.message}` });
  }

  async #takeSteps(message: StepsMessage, incoming: Incoming): Promise<void> {
    const { seq } = message;
    const { missing, refusals, error } = await this.#columns.take(message);
    if (error !== undefined) {
      this.#run.countRefused(error.code);
      await this.#refuse(incoming, error, { seq });
      return;
    }
    if (missing > 0) {
      const were = missing === 1 ? "record is" : "records are";
      this.#tell(
        `Before ${incoming.place} of the input ${missing} ${were} missing: the episodes of \`steps\` messages that were open end there as aborted.`,
      );
    }
    for (const { env, t, records, error: cause } of refusals) {
      this.#records += records;
      this.#run.countRefused(cause.code, records);
      const where = `${incoming.place} of the input, environment ${env}, row ${t}`;
      this.#tell(`${where}: ${counted(records, "record")} refused: ${shown(cause)}`);
      const { code, message: text } = cause;
      await this.#answer({ type: "error", seq, t, env, records, code, message: text }, incoming.encoding);
    }
  }

  async #refuse(
    { place, line, encoding }: Incoming,
    error: EpiscopeError,
    where: Pick<ErrorMessage, "seq"> = {},
  ): Promise<void> {
    this.#messages += 1;
    this.#tell(`${place} of the input is refused: ${shown(error)}`);
    const { code, message } = error;
    await this.#answer(
      { type: "error", ...(line === undefined ? {} : { line }), ...where, code, message },
      encoding,
    );
  }

  #tell(text: string): void {
    this.#told += 1;
    if (this.#told <= TOLD) this.#options.reportRefusal(text);
    else if (this.#told === TOLD + 1) this.#options.reportRefusal("Further refusals are counted, not shown.");
  }

  async #answer(message: RecorderMessage, encoding: Encoding): Promise<void> {
    await this.#options.answer?.(encodeAnswer(message, encoding));
  }
}

function shown({ message, code }: EpiscopeError): string {
  return `${printable(message)} [${code}]`;
}
