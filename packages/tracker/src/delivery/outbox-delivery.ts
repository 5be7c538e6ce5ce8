import type { FileSystem } from "@episcope/records/store";
import type { HttpAnswer, HttpClient, HttpRequest } from "../http/http-client.js";
import { type FailedTry, sendWithRetries } from "../http/retry.js";
import type { Waiting } from "../http/waiting.js";
import type { Delivery } from "./background-sender.js";
import { OUTBOX_START, type OutboxPosition, readOutbox } from "./outbox.js";
import { PositionFile } from "./position-file.js";

/** How rows reach a server. */
export interface Sending {
  /**
   * Number of the first of the rows in the run, from 0. Row i is the same whenever it is sent, so a server that is told the number
   * can leave out what it has.
   */
  readonly first: number;
  /** Sends a request until it is answered; rejects with TRACKER_REFUSED where another try would not help. */
  request(request: HttpRequest): Promise<HttpAnswer>;
}

export interface OutboxDeliveryOptions<Row> {
  readonly fs: FileSystem;
  /** Path of the outbox; what the server has stands beside it, in `<path>.position`. */
  readonly path: string;
  readonly client: HttpClient;
  readonly waiting: Waiting;
  /** Milliseconds before the second try. */
  readonly firstDelayMs: number;
  onFailure?(failure: FailedTry): void;
  send(rows: readonly Row[], to: Sending): Promise<void>;
}

/** Sends an outbox from where the server is. */
export class OutboxDelivery<Row> implements Delivery {
  readonly #options: OutboxDeliveryOptions<Row>;
  readonly #positions: PositionFile<OutboxPosition>;
  #position: OutboxPosition;

  constructor(options: OutboxDeliveryOptions<Row>) {
    this.#options = options;
    this.#positions = new PositionFile(options.fs, `${options.path}.position`);
    this.#position = this.#positions.read() ?? OUTBOX_START;
  }

  /** What the server has confirmed. */
  get position(): OutboxPosition {
    return this.#position;
  }

  async send({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { fs, path, client, waiting, firstDelayMs, onFailure, send } = this.#options;
    const retry = { signal, waiting, firstDelayMs, ...(onFailure === undefined ? {} : { onFailure }) };
    for (;;) {
      const { rows, next } = readOutbox(fs, path, this.#position);
      if (rows.length === 0) return;
      await send(rows as readonly Row[], {
        first: this.#position.rows,
        request: (request) => sendWithRetries(client, request, retry),
      });
      this.#position = next;
      this.#positions.write(next);
    }
  }
}
