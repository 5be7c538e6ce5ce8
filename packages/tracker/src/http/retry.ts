import { RequestRefused } from "./errors.js";
import type { HttpAnswer, HttpClient, HttpRequest } from "./http-client.js";
import type { Waiting } from "./waiting.js";

const LONGEST_MS = 60_000;
const JITTER = 0.25;
/** 4xx that say "not now" and not "no"; of 5xx only 501 says no. */
const RETRIED: ReadonlySet<number> = new Set([408, 425, 429]);

/** One try that failed and is followed by another. */
export interface FailedTry {
  /** From 1. */
  readonly attempt: number;
  readonly waitMs: number;
  /** For people: a status or the reason of the connection. Holds no secrets. */
  readonly reason: string;
}

export interface RetryOptions {
  /** Aborted when it is to be given up, waiting or not. */
  readonly signal: AbortSignal;
  readonly waiting: Waiting;
  /** Before the second try; doubled from try to try up to a minute, and up to a quarter longer by chance. */
  readonly firstDelayMs: number;
  /** Statuses that are tried again beside the usual ones. */
  readonly alsoRetried?: readonly number[];
  /** Default: Math.random. */
  readonly random?: () => number;
  onFailure?(failure: FailedTry): void;
}

/**
 * Sends a request, the same bytes each time, until there is an answer with a status of success. Waits as `Retry-After` says
 * where the server does. Throws RequestRefused at the first answer that another try would not change (statuses 3xx, 4xx and
 * 501, but for 408, 425 and 429), and rejects with the signal's reason when it aborts.
 */
export async function sendWithRetries(
  client: HttpClient,
  request: HttpRequest,
  options: RetryOptions,
): Promise<HttpAnswer> {
  const { signal, waiting, firstDelayMs, alsoRetried = [], random = Math.random } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    let reason: string;
    let asked: number | null = null;
    try {
      const answer = await client.send(request, signal);
      if (answer.status >= 200 && answer.status < 300) return answer;
      if (isFinal(answer.status) && !alsoRetried.includes(answer.status)) {
        throw new RequestRefused(request.url, answer.status, excerpt(answer.body));
      }
      reason = `status ${answer.status}`;
      asked = retryAfterMs(answer.headers["retry-after"]);
    } catch (error) {
      if (error instanceof RequestRefused || isMistake(error)) throw error;
      signal.throwIfAborted();
      reason = reasonOf(error);
    }
    const doubled = Math.min(LONGEST_MS, firstDelayMs * 2 ** (attempt - 1));
    const waitMs = asked ?? Math.min(LONGEST_MS, doubled * (1 + JITTER * random()));
    options.onFailure?.({ attempt, waitMs, reason });
    await waiting.wait(waitMs, signal, asked !== null);
  }
}

/** An address that is none, say: no network was asked, and no second try would differ. */
function isMistake(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return error instanceof TypeError || /^(ERR_INVALID_|ERR_OUT_OF_RANGE)/.test(String(code));
}

function isFinal(status: number): boolean {
  return status < 500 ? !RETRIED.has(status) : status === 501;
}

/** Seconds or a date; null where it is neither, or absent. */
export function retryAfterMs(header: string | undefined, now: number = Date.now()): number | null {
  if (header === undefined) return null;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** A server's word on why it refused, on one line. */
function excerpt(body: Uint8Array): string {
  const text = Buffer.from(body.subarray(0, 300)).toString("utf8").replaceAll(/\s+/g, " ").trim();
  return text.startsWith("<") || text === "{}" ? "" : text.slice(0, 200);
}

function reasonOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  if (name === "TimeoutError") return "no answer in time";
  // A message may hold the address with its query.
  return typeof code === "string" ? code : typeof name === "string" ? name : "no answer";
}
