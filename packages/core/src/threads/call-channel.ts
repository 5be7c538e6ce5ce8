import {
  type MessagePort,
  receiveMessageOnPort,
  type TransferListItem,
  type Worker,
} from "node:worker_threads";
import { workerEnded } from "../contract/errors.js";
import type { Logger } from "../contract/plugin.js";
import { type PackedError, packError, unpackError } from "./thread-errors.js";
import { createThreadLogger, type LogMessage } from "./thread-logger.js";

/** What goes to a thread: a request that is answered, or something to know. */
export type ToThread<Request, Notice> =
  | { readonly type: "call"; readonly id: number; readonly request: Request }
  | { readonly type: "notice"; readonly notice: Notice };

/** What comes from a thread: the answer to a request, something to know, or a line for the log. */
export type FromThread<News> =
  | { readonly type: "result"; readonly id: number; readonly value: unknown }
  | { readonly type: "error"; readonly id: number; readonly error: PackedError }
  | { readonly type: "news"; readonly news: News }
  | LogMessage;

/** A thread, or a port of its own; only the latter can be read synchronously. */
export type ChannelPort = MessagePort | Worker;

export interface CallChannelOptions {
  readonly port: ChannelPort;
  /** Gets what the thread logs. */
  readonly logger: Logger;
}

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** Told at once, before whoever awaits the promise is. */
  readonly onAnswer: ((isDone: boolean) => void) | undefined;
}

/**
 * The way to a thread and back, for whatever stands there. Calls are answered in any order. While the thread owes an answer
 * it keeps the process alive, else it does not.
 */
export class CallChannel<Request, Notice = never, News = never> {
  readonly #options: CallChannelOptions;
  readonly #calls: Map<number, PendingCall> = new Map();
  #onNews: (news: News) => void = () => {};
  #nextId = 0;
  /** What keeps the process alive beside calls. */
  #holds = 0;
  #ended: string | null = null;

  constructor(options: CallChannelOptions) {
    this.#options = options;
    options.port.on("message", (message: FromThread<News>) => this.#receive(message));
    options.port.unref();
  }

  /** Calls that have no answer yet. */
  get pending(): number {
    return this.#calls.size;
  }

  /** Why nothing is sent any more; null while it is. */
  get ended(): string | null {
    return this.#ended;
  }

  /** Says who is told of what the thread says without being asked. */
  listen(onNews: (news: News) => void): void {
    this.#onNews = onNews;
  }

  /** Keeps the process alive until `release`, for what is owed as news. */
  hold(): void {
    this.#holds += 1;
    this.#options.port.ref();
  }

  release(): void {
    this.#holds -= 1;
    this.#letGo();
  }

  /** Rejects with what was thrown there, or WORKER_ENDED. Throws if the request cannot be copied. */
  call<Result>(request: Request, onAnswer?: (isDone: boolean) => void): Promise<Result> {
    if (this.#ended !== null) return Promise.reject(workerEnded(this.#ended));
    const id = this.#nextId++;
    this.#post({ type: "call", id, request });
    this.#options.port.ref();
    return new Promise<Result>((resolve, reject) => {
      this.#calls.set(id, { resolve: resolve as (value: unknown) => void, reject, onAnswer });
    });
  }

  /** Sends what needs no answer. Throws if it cannot be copied. */
  tell(notice: Notice): void {
    if (this.#ended === null) this.#post({ type: "notice", notice });
  }

  /** Reads what has come, without a turn of the event loop; only where the port is one of its own. */
  receiveNow(): void {
    const port = this.#options.port as MessagePort;
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port))
      this.#receive(next.message as FromThread<News>);
  }

  /** Sends nothing more; calls without an answer are rejected with this reason. */
  end(reason: string): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) {
      call.onAnswer?.(false);
      call.reject(workerEnded(reason));
    }
  }

  #letGo(): void {
    if (this.#calls.size + this.#holds === 0) this.#options.port.unref();
  }

  #post(message: ToThread<Request, Notice>): void {
    this.#options.port.postMessage(message);
  }

  #receive(message: FromThread<News>): void {
    const { logger } = this.#options;
    if (message.type === "log") {
      logger[message.level](message.message, message.fields);
      return;
    }
    if (message.type === "news") {
      this.#onNews(message.news);
      return;
    }
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    this.#letGo();
    call?.onAnswer?.(message.type === "result");
    if (message.type === "result") call?.resolve(message.value);
    else call?.reject(unpackError(message.error));
  }
}

/** The other end of a channel, in the thread. */
export interface ServedChannel<Request, Notice, News> {
  /** Passes on what the plugins of the thread say. */
  readonly logger: Logger;
  /** Says something that nobody asked for. */
  send(news: News): void;
  /** Begins to answer. What `answer` throws reaches the caller as the error that it was. */
  serve(serving: {
    answer(request: Request): unknown;
    hear?(notice: Notice): void;
    /** Buffers of an answer that need not be copied. */
    transfer?(value: unknown): TransferListItem[];
  }): void;
}

/** `onSent` is called after each message, for a caller that waits by a word in shared memory. */
export function openServedChannel<Request, Notice = never, News = never>(
  port: MessagePort,
  onSent?: () => void,
): ServedChannel<Request, Notice, News> {
  const post = (message: FromThread<News>, transfer: TransferListItem[] = []): void => {
    port.postMessage(message, transfer);
    onSent?.();
  };
  return {
    logger: createThreadLogger(post),
    send: (news) => post({ type: "news", news }),
    serve: ({ answer, hear, transfer }) => {
      const reply = async (id: number, request: Request): Promise<void> => {
        try {
          const value = await answer(request);
          post({ type: "result", id, value }, transfer?.(value));
        } catch (error) {
          post({ type: "error", id, error: packError(error) });
        }
      };
      port.on("message", (message: ToThread<Request, Notice>) => {
        if (message.type === "notice") hear?.(message.notice);
        else void reply(message.id, message.request);
      });
    },
  };
}
