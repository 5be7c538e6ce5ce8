import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ScriptedRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly body: Uint8Array;
}

export interface ScriptedAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  /** Plain data goes out as JSON. Default: `{}`. */
  readonly body?: string | Uint8Array | object | null;
}

/** What goes wrong with one request. `…-after`: the server has taken it all the same. */
export type Fault =
  | { readonly kind: "status"; readonly status: number; readonly headers?: ScriptedAnswer["headers"] }
  | { readonly kind: "reset" | "reset-after" }
  /** No answer ever comes, and the connection stays. */
  | { readonly kind: "half-open" | "half-open-after" }
  /** The answer comes byte by byte, `ms` apart. */
  | { readonly kind: "slow-after"; readonly ms: number }
  /** Half an answer, then the connection is gone. */
  | { readonly kind: "torn-after" };

export interface ScriptedServerOptions {
  /** What a server would do; called for each request that arrives whole and is taken. */
  answer(request: ScriptedRequest): ScriptedAnswer | Promise<ScriptedAnswer>;
  /** What goes wrong with the request; null: nothing. `number` counts all requests from 0. */
  fault?(request: ScriptedRequest, number: number): Fault | null;
  /** Default: one that is free. */
  readonly port?: number;
}

export interface ScriptedServer {
  /** "http://127.0.0.1:PORT" */
  readonly origin: string;
  readonly port: number;
  /** Everything that arrived, what a fault met included. */
  readonly requests: readonly ScriptedRequest[];
  /** Ends the connections too. */
  close(): Promise<void>;
}

/** A server on the loopback interface that answers, and fails, as a test says. */
export async function startScriptedServer(options: ScriptedServerOptions): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    void readRequest(incoming)
      .then((request) => {
        requests.push(request);
        return respond(options, request, options.fault?.(request, requests.length - 1) ?? null, outgoing);
      })
      .catch((error: unknown) => {
        if (!outgoing.headersSent) outgoing.writeHead(599).end(String(error));
        else outgoing.destroy();
      });
  });
  const port = await listen(server, options.port ?? 0);
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

async function readRequest(incoming: IncomingMessage): Promise<ScriptedRequest> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return {
    method: incoming.method ?? "GET",
    path: incoming.url ?? "/",
    headers: incoming.headers,
    body: Buffer.concat(parts),
  };
}

async function respond(
  options: ScriptedServerOptions,
  request: ScriptedRequest,
  fault: Fault | null,
  outgoing: ServerResponse,
): Promise<void> {
  if (fault?.kind === "status") return write(outgoing, { status: fault.status, ...headersOf(fault) });
  if (fault?.kind === "reset") return void outgoing.destroy();
  if (fault?.kind === "half-open") return;
  const answer = await options.answer(request);
  if (fault?.kind === "reset-after") return void outgoing.destroy();
  if (fault?.kind === "half-open-after") return;
  if (fault?.kind === "slow-after") return writeSlowly(outgoing, answer, fault.ms);
  if (fault?.kind === "torn-after") {
    outgoing.writeHead(200, { "content-length": "100" });
    outgoing.write("{");
    setImmediate(() => outgoing.destroy());
    return;
  }
  write(outgoing, answer);
}

function headersOf({ headers }: { readonly headers?: ScriptedAnswer["headers"] }): ScriptedAnswer {
  return headers === undefined ? {} : { headers };
}

function write(outgoing: ServerResponse, answer: ScriptedAnswer): void {
  const body = bytesOf(answer.body);
  outgoing.writeHead(answer.status ?? 200, { "content-length": body.length, ...answer.headers });
  outgoing.end(body);
}

async function writeSlowly(outgoing: ServerResponse, answer: ScriptedAnswer, ms: number): Promise<void> {
  const body = bytesOf(answer.body);
  outgoing.writeHead(answer.status ?? 200, { "content-length": body.length, ...answer.headers });
  for (const byte of body) {
    outgoing.write(Uint8Array.of(byte));
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (outgoing.destroyed) return;
  }
  outgoing.end();
}

function bytesOf(body: ScriptedAnswer["body"]): Buffer {
  if (body === undefined || body === null) return Buffer.from("{}");
  if (typeof body === "string") return Buffer.from(body);
  return body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
}
