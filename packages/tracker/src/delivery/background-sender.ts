import type { Waiting } from "../http/waiting.js";

/** What is sent, one round after the other. */
export interface Delivery {
  /**
   * Sends what is there and not yet sent, and resolves when the server has it. `last`: nothing will be added, so say goodbye.
   * Rejects where it makes no sense to go on, and with the signal's reason when time is up.
   */
  send(options: { readonly signal: AbortSignal; readonly last: boolean }): Promise<void>;
}

export type SendingEnd =
  /** The server has everything. */
  | { readonly state: "complete" }
  /** Time was up: the rest is on the disk. */
  | { readonly state: "left" }
  /** The server will not have it. */
  | { readonly state: "refused"; readonly error: unknown };

export interface BackgroundSenderOptions {
  readonly delivery: Delivery;
  readonly waiting: Waiting;
  /** Between the starts of two rounds. */
  readonly intervalMs: number;
  /** Called once, when a round is refused; nothing is sent after it. */
  onRefused?(error: unknown): void;
}

/** Runs a delivery beside the program, which never waits for it but in `finish`. */
export class BackgroundSender {
  readonly #options: BackgroundSenderOptions;
  readonly #abort = new AbortController();
  #finishing = false;
  #refused: { readonly error: unknown } | null = null;
  #loop: Promise<void> | null = null;

  constructor(options: BackgroundSenderOptions) {
    this.#options = options;
  }

  /** The first round begins at once. */
  start(): void {
    this.#loop ??= this.#run();
  }

  /** Sends the rest and resolves within `budgetMs`, whatever the network does. Never rejects. */
  async finish(budgetMs: number): Promise<SendingEnd> {
    this.#finishing = true;
    this.start();
    this.#options.waiting.hurry();
    const timer = setTimeout(() => this.#abort.abort(), budgetMs);
    const complete = await this.#loop!.then(
      () => this.#round(true),
      () => false,
    );
    clearTimeout(timer);
    if (this.#refused !== null) return { state: "refused", error: this.#refused.error };
    return { state: complete ? "complete" : "left" };
  }

  /** Stops at once; the rest is left. */
  stop(): void {
    this.#finishing = true;
    this.#abort.abort();
  }

  async #run(): Promise<void> {
    const { waiting, intervalMs } = this.#options;
    while (!this.#finishing && this.#refused === null) {
      const started = performance.now();
      await this.#round(false);
      if (this.#finishing || this.#refused !== null) return;
      await waiting
        .wait(Math.max(0, intervalMs - (performance.now() - started)), this.#abort.signal)
        .catch(() => undefined);
    }
  }

  async #round(last: boolean): Promise<boolean> {
    const { signal } = this.#abort;
    if (this.#refused !== null || signal.aborted) return false;
    try {
      await this.#options.delivery.send({ signal, last });
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.#refused = { error };
      this.#options.onRefused?.(error);
      return false;
    }
  }
}
