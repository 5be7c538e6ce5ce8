import { createHttpClient } from "../http/http-client.js";
import { createWaiting, type Waiting } from "../http/waiting.js";
import { BackgroundSender } from "./background-sender.js";
import { OutboxDelivery, type OutboxDeliveryOptions } from "./outbox-delivery.js";

export interface SendOutboxOptions<Row> extends Pick<OutboxDeliveryOptions<Row>, "fs" | "path" | "send"> {
  /** Proxies. */
  readonly env: { readonly [name: string]: string | undefined };
  /** Seconds after which the rest is left. */
  readonly timeout: number;
  /** Default: real time. */
  readonly waiting?: Waiting;
}

export interface OutboxReport {
  /** Rows that the server has. */
  readonly rows: number;
  readonly isComplete: boolean;
  /** Why the rest was not sent; null where all was, or time was up. */
  readonly error: unknown;
}

const FIRST_DELAY_MS = 1_000;

/** Sends what an outbox holds, from where the server is; the sink that wrote it must be gone. */
export async function sendOutbox<Row>(options: SendOutboxOptions<Row>): Promise<OutboxReport> {
  const { fs, path, send, env, timeout, waiting = createWaiting() } = options;
  const client = createHttpClient({ env });
  const delivery = new OutboxDelivery<Row>({ fs, path, client, waiting, firstDelayMs: FIRST_DELAY_MS, send });
  const sender = new BackgroundSender({ delivery, waiting, intervalMs: FIRST_DELAY_MS });
  const end = await sender.finish(timeout * 1000);
  await client.close();
  return {
    rows: delivery.position.rows,
    isComplete: end.state === "complete",
    error: end.state === "refused" ? end.error : null,
  };
}
