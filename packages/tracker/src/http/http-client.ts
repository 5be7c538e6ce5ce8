import { Agent, type Dispatcher, EnvHttpProxyAgent, request as send } from "undici";
import { answerTooLarge } from "./errors.js";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute. What stands behind "?" may be a signature: no message of ours shows it. */
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | Uint8Array;
  /** Milliseconds from the first byte sent to the last one received. Default 60,000. */
  readonly timeoutMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; the first value where a name came twice. */
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array;
}

/** Sends one request, once. Redirects are answers like others: following a PUT as GET would lose the body. */
export interface HttpClient {
  /** Rejects where there is no whole answer: no route, reset, time-out, or an answer of more than 16 MiB. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** Ends idle connections; called once. */
  close(): Promise<void>;
}

export interface HttpClientOptions {
  /**
   * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` (or in lower case) are read from it. Certificates are Node's own affair:
   * `NODE_EXTRA_CA_CERTS` adds some.
   */
  readonly env: { readonly [name: string]: string | undefined };
}

const TIMEOUT_MS = 60_000;
const CONNECT_MS = 10_000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export function createHttpClient({ env }: HttpClientOptions): HttpClient {
  const dispatcher = createDispatcher(env);
  return {
    async send(request, signal) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(request.timeoutMs ?? TIMEOUT_MS)]);
      const answer = await send(request.url, {
        dispatcher,
        method: request.method,
        headers: { ...request.headers },
        body: request.body ?? null,
        signal: limit,
      });
      return {
        status: answer.statusCode,
        headers: firstValues(answer.headers),
        body: await readBody(answer.body, request.url),
      };
    },
    close: () => dispatcher.destroy(),
  };
}

function createDispatcher(env: HttpClientOptions["env"]): Dispatcher {
  const httpProxy = env["http_proxy"] || env["HTTP_PROXY"];
  const httpsProxy = env["https_proxy"] || env["HTTPS_PROXY"] || httpProxy;
  const noProxy = env["no_proxy"] || env["NO_PROXY"];
  const options = { connect: { timeout: CONNECT_MS }, keepAliveTimeout: 20_000 };
  if (!httpProxy && !httpsProxy) return new Agent(options);
  return new EnvHttpProxyAgent({
    ...options,
    // Empty, not left out: it would look at the process itself then.
    httpProxy: httpProxy ?? "",
    httpsProxy: httpsProxy ?? "",
    noProxy: noProxy ?? "",
  });
}

async function readBody(body: Dispatcher.ResponseData["body"], url: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > MAX_ANSWER_BYTES) throw answerTooLarge(url, MAX_ANSWER_BYTES);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function firstValues(headers: Dispatcher.ResponseData["headers"]): HttpAnswer["headers"] {
  const values: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) values[name] = first;
  }
  return values;
}
