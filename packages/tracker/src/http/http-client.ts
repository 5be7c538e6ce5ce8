import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { type ServiceToken, serviceToken } from "@episcope/core/plugin";
import { HttpsProxyAgent } from "https-proxy-agent";
import { answerTooLarge } from "./errors.js";
import { proxyFor } from "./proxy.js";

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

/** What trackers send through. Default: `createHttpClient` with the process's environment. */
export const HTTP_TRANSPORT: ServiceToken<HttpClient> = serviceToken("episcope.http-transport");

export interface HttpClientOptions {
  /**
   * `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` (or in lower case) are read from it. Certificates are Node's own affair:
   * `NODE_EXTRA_CA_CERTS` adds some.
   */
  readonly env: { readonly [name: string]: string | undefined };
}

const TIMEOUT_MS = 60_000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export function createHttpClient({ env }: HttpClientOptions): HttpClient {
  const agents = createAgents();
  return {
    async send(request, signal) {
      const limit = limited(signal, request.timeoutMs ?? TIMEOUT_MS);
      try {
        const answer = await exchange(request, limit.signal, agents, env);
        return {
          status: answer.statusCode ?? 0,
          headers: firstValues(answer.headers),
          body: await readBody(answer, request.url, limit.signal),
        };
      } finally {
        limit.release();
      }
    },
    close: async () => agents.destroy(),
  };
}

/**
 * A signal that aborts with another, or when time is up. Not `AbortSignal.any` with `AbortSignal.timeout`: what these give may be
 * collected while it is waited for (nodejs/node#57736), and a connection that says nothing is then waited for without end.
 */
function limited(signal: AbortSignal, ms: number): { readonly signal: AbortSignal; release(): void } {
  const limit = new AbortController();
  const abort = (): void => limit.abort(signal.reason);
  const timer = setTimeout(() => limit.abort(new DOMException("no answer in time", "TimeoutError")), ms);
  // What waits for the network keeps no program alive.
  timer.unref();
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  return {
    signal: limit.signal,
    release() {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    },
  };
}

interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
  /** Tunnels, by the proxy's address. */
  readonly tunnels: Map<string, HttpsProxyAgent<string>>;
  destroy(): void;
}

function createAgents(): Agents {
  const agents = {
    http: new http.Agent({ keepAlive: true }),
    https: new https.Agent({ keepAlive: true }),
    tunnels: new Map<string, HttpsProxyAgent<string>>(),
  };
  return {
    ...agents,
    destroy() {
      for (const agent of [agents.http, agents.https, ...agents.tunnels.values()]) agent.destroy();
    },
  };
}

/** Resolves when the head of the answer is there. */
function exchange(
  { method, url, headers = {}, body }: HttpRequest,
  signal: AbortSignal,
  agents: Agents,
  env: HttpClientOptions["env"],
): Promise<IncomingMessage> {
  const target = new URL(url);
  const proxy = proxyFor(target, env);
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const options = { method, signal, headers: { ...headers, ...length } };
  return new Promise((resolve, reject) => {
    const outgoing =
      target.protocol === "https:"
        ? https.request(target, { ...options, agent: proxy === null ? agents.https : tunnel(proxy, agents) })
        : http.request(proxy ?? target, {
            ...options,
            ...throughProxy(target, proxy, headers, length),
            agent: agents.http,
          });
    outgoing.on("response", resolve);
    outgoing.on("error", (error) => reject(signal.aborted ? signal.reason : error));
    outgoing.end(body);
  });
}

/** Without TLS a proxy is asked for the whole address. */
function throughProxy(
  target: URL,
  proxy: URL | null,
  headers: { readonly [name: string]: string },
  length: { readonly [name: string]: string },
): http.RequestOptions {
  if (proxy === null) return {};
  const own = proxy.username === "" ? {} : { "proxy-authorization": basic(proxy) };
  return { path: target.href, headers: { ...headers, ...length, ...own, host: target.host } };
}

function basic({ username, password }: URL): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

function tunnel(proxy: URL, { tunnels }: Agents): HttpsProxyAgent<string> {
  const known = tunnels.get(proxy.href) ?? new HttpsProxyAgent(proxy.href, { keepAlive: true });
  tunnels.set(proxy.href, known);
  return known;
}

async function readBody(answer: IncomingMessage, url: string, signal: AbortSignal): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of answer as AsyncIterable<Uint8Array>) {
      size += part.length;
      if (size > MAX_ANSWER_BYTES) throw answerTooLarge(url, MAX_ANSWER_BYTES);
      parts.push(part);
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
  return Buffer.concat(parts);
}

function firstValues(headers: IncomingMessage["headers"]): HttpAnswer["headers"] {
  const values: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) values[name] = first;
  }
  return values;
}
