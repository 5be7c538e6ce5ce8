import { join } from "node:path";
import type { PluginContext, Sink, SinkItem } from "@episcope/core";
import type { PlainValue } from "@episcope/records";
import { createHttpClient, HTTP_TRANSPORT } from "../http/http-client.js";
import { createWaiting, type Waiting } from "../http/waiting.js";
import { BackgroundSender } from "./background-sender.js";
import { closingBudgetMs } from "./closing-budget.js";
import { Outbox, type OutboxPosition } from "./outbox.js";
import { OutboxDelivery, type Sending } from "./outbox-delivery.js";

export interface OutboxSinkOptions<Row extends PlainValue> {
  readonly context: PluginContext;
  /** Of the tracker, for messages. */
  readonly title: string;
  /** Folder of `outbox.ndjson`, relative to the run directory. */
  readonly folder: string;
  /** Record types and picture types. */
  readonly accepts: readonly string[];
  /** False: nothing is sent, the rows stay in the outbox. */
  readonly isOnline: boolean;
  /** Seconds that closing may take to send what is left. Default: 30. */
  readonly finishTimeout?: number;
  /** Seconds before the second try. Default: 1. */
  readonly retryDelay?: number;
  /** Seconds between two rounds. Default: 5. */
  readonly interval?: number;
  /** Proxies. Default: the process's. */
  readonly env?: { readonly [name: string]: string | undefined };
  /** Default: real time. */
  readonly waiting?: Waiting;
  /** What is kept of an item. Only the item may decide, so that a resumed run makes the same rows again. */
  rowsOf(item: SinkItem): readonly Row[];
  send(rows: readonly Row[], to: Sending): Promise<void>;
}

/**
 * A sink that keeps rows in a file and sends them beside the program, each row at least once, in order, under a number of its own:
 * resumed runs and servers that were away included. Writing never waits for the network. Throws TRACKER_OUTBOX_NOT_WRITTEN.
 */
export function createOutboxSink<Row extends PlainValue>(options: OutboxSinkOptions<Row>): Sink {
  const { context, folder } = options;
  const path = join(context.paths.runDir, folder, "outbox.ndjson");
  const position = context.resume?.state as OutboxPosition | null | undefined;
  const known = position && context.fs.existsSync(path) ? position : undefined;
  const outbox = Outbox.open(context.fs, path, known);
  if (known === undefined) context.fs.rmSync(`${path}.position`, { force: true });
  return new OutboxSink(outbox, path, options);
}

class OutboxSink<Row extends PlainValue> implements Sink {
  readonly accepts: readonly string[];
  readonly #outbox: Outbox;
  readonly #options: OutboxSinkOptions<Row>;
  readonly #sending: {
    readonly sender: BackgroundSender;
    readonly delivery: OutboxDelivery<Row>;
  } | null;
  #unwritten: { readonly batch: readonly SinkItem[]; readonly rows: readonly Row[] } | null = null;
  #isTold = false;

  constructor(outbox: Outbox, path: string, options: OutboxSinkOptions<Row>) {
    this.#outbox = outbox;
    this.#options = options;
    this.accepts = options.accepts;
    this.#sending = options.isOnline ? this.#start(path) : null;
  }

  write(batch: readonly SinkItem[]): void {
    // A batch that comes again has been composed already.
    if (this.#unwritten?.batch !== batch) {
      this.#unwritten = { batch, rows: batch.flatMap((item) => this.#options.rowsOf(item)) };
    }
    this.#outbox.append(this.#unwritten.rows);
    this.#unwritten = null;
  }

  flush(): PlainValue {
    this.#outbox.sync();
    return { ...this.#outbox.position };
  }

  async close(): Promise<void> {
    const { context, title, finishTimeout = 30 } = this.#options;
    const { rows } = this.#outbox.position;
    this.#outbox.close();
    if (this.#sending === null) return;
    const { sender, delivery } = this.#sending;
    const end = await sender.finish(closingBudgetMs(finishTimeout, context.run.config));
    if (end.state === "complete") context.logger.info(`${title}: ${rows} rows are at the server`);
    else {
      const rest = rows - delivery.position.rows;
      const reason =
        end.state === "left" ? "the server was not reached in time" : (end.error as Error).message;
      context.logger.warn(
        `${title}: ${rest} of ${rows} rows are not at the server, but kept in the run: ${reason}`,
      );
    }
  }

  #start(path: string) {
    const {
      context,
      title,
      env = process.env,
      waiting = createWaiting(),
      retryDelay = 1,
      interval = 5,
      send,
    } = this.#options;
    const client = context.resolve(HTTP_TRANSPORT, () => createHttpClient({ env }));
    const delivery = new OutboxDelivery<Row>({
      ...{ fs: context.fs, path, client, waiting, firstDelayMs: retryDelay * 1000 },
      send,
      onFailure: ({ attempt, reason }) => {
        if (attempt < 3 || this.#isTold) return;
        this.#isTold = true;
        context.logger.warn(
          `${title}: the server does not answer (${reason}); what is logged is kept, and sent when it does`,
        );
      },
    });
    const sender = new BackgroundSender({
      ...{ delivery, waiting, intervalMs: interval * 1000 },
      onRefused: (error) =>
        context.logger.warn(`${title}: nothing more is sent: ${(error as Error).message}`),
    });
    context.signal.addEventListener("abort", () => sender.stop(), { once: true });
    sender.start();
    return { sender, delivery };
  }
}
