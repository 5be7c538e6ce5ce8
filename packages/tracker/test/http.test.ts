import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createHttpClient, type HttpClient, sendWithRetries, shownUrl } from "../src/index.js";
import { type Fault, immediateWaiting, type ScriptedServer, startScriptedServer } from "../src/testing.js";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function serve(faults: readonly (Fault | null)[], body: string = "yes"): Promise<ScriptedServer> {
  const server = await startScriptedServer({
    answer: () => ({ body }),
    fault: (_, number) => faults[number] ?? null,
  });
  open.push(server);
  return server;
}

function client(env: { readonly [name: string]: string } = {}): HttpClient {
  const made = createHttpClient({ env });
  open.push(made);
  return made;
}

function post(server: ScriptedServer, more: { readonly timeoutMs?: number } = {}) {
  const waiting = immediateWaiting();
  const failures: string[] = [];
  const answer = sendWithRetries(
    client(),
    { method: "POST", url: `${server.origin}/rows?token=secret`, body: "row", ...more },
    {
      ...{ signal: new AbortController().signal, waiting, firstDelayMs: 1000, random: () => 0.5 },
      onFailure: ({ reason }) => failures.push(reason),
    },
  );
  return { answer, waiting, failures };
}

describe("a request", () => {
  it("is sent again, the same bytes, until it is answered; each wait is twice the last, up to a minute", async () => {
    const server = await serve(Array.from({ length: 8 }, () => ({ kind: "status", status: 503 }) as const));
    const { answer, waiting } = post(server);
    expect(Buffer.from((await answer).body).toString()).toBe("yes");
    expect(waiting.asked).toEqual([1125, 2250, 4500, 9000, 18_000, 36_000, 60_000, 60_000]);
    expect(new Set(server.requests.map(({ body }) => Buffer.from(body).toString()))).toEqual(
      new Set(["row"]),
    );
  });

  it("outlives resets, torn answers, and a server that never answers", async () => {
    const server = await serve([
      { kind: "reset" },
      { kind: "reset-after" },
      { kind: "torn-after" },
      { kind: "half-open" },
    ]);
    const { answer, failures } = post(server, { timeoutMs: 300 });
    expect((await answer).status).toBe(200);
    expect(failures).toHaveLength(4);
    expect(failures.at(-1)).toBe("no answer in time");
  });

  it("waits exactly as long as Retry-After says, in seconds or until a date", async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    const server = await serve([
      { kind: "status", status: 429, headers: { "retry-after": "70" } },
      { kind: "status", status: 503, headers: { "retry-after": date } },
    ]);
    const { answer, waiting } = post(server);
    await answer;
    expect(waiting.asked[0]).toBe(70_000);
    expect(waiting.asked[1]).toBeGreaterThan(3_500_000);
  });

  it.each([301, 400, 401, 403, 404, 409, 410, 413, 422, 501])(
    "is not sent again after %d",
    async (status) => {
      const server = await serve([{ kind: "status", status }]);
      await expect(post(server).answer).rejects.toMatchObject({ code: "TRACKER_REFUSED", status });
      expect(server.requests).toHaveLength(1);
    },
  );

  it("shows in no error what stands behind the address's question mark, nor a password in it", async () => {
    const server = await serve([{ kind: "status", status: 403 }]);
    await expect(post(server).answer).rejects.toSatisfy(
      (error: Error) => !JSON.stringify([error, error.message]).includes("secret"),
    );
    expect(shownUrl("https://user:secret@host/a?token=secret#secret")).toBe("https://host/a");
  });

  it("ends when its signal says so, waiting or not", async () => {
    const server = await serve([{ kind: "half-open" }]);
    const abort = new AbortController();
    const options = { signal: abort.signal, waiting: immediateWaiting(), firstDelayMs: 1 };
    const sent = sendWithRetries(client(), { method: "GET", url: server.origin }, options);
    await expect.poll(() => server.requests.length).toBe(1);
    abort.abort(new Error("enough"));
    await expect(sent).rejects.toThrow("enough");
  });

  it("is no reason to try again where its address is none", async () => {
    const options = { signal: new AbortController().signal, waiting: immediateWaiting(), firstDelayMs: 1 };
    await expect(sendWithRetries(client(), { method: "GET", url: "nowhere" }, options)).rejects.toThrow();
  });

  it("does not read an answer without end", async () => {
    const server = await serve([], "x".repeat(17 * 1024 * 1024));
    const url = `${server.origin}/`;
    await expect(client().send({ method: "GET", url }, new AbortController().signal)).rejects.toMatchObject({
      code: "TRACKER_ANSWER_INVALID",
    });
  });

  it("goes through the proxy that the environment names, but for the hosts of NO_PROXY", async () => {
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end("from the proxy");
    });
    proxy.on("connect", (request, socket) => {
      asked.push(`CONNECT ${request.url}`);
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const close = (): Promise<void> =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        proxy.closeAllConnections();
      });
    open.push({ close });
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const server = await serve([]);
    const signal = new AbortController().signal;
    const proxied = client({ HTTPS_PROXY: address, HTTP_PROXY: address, NO_PROXY: "127.0.0.1" });
    expect(
      Buffer.from((await proxied.send({ method: "GET", url: server.origin }, signal)).body).toString(),
    ).toBe("yes");
    // What the proxy says of a tunnel is the answer.
    expect((await proxied.send({ method: "GET", url: "https://tracker.invalid/x" }, signal)).status).toBe(
      502,
    );
    const plain = await proxied.send({ method: "GET", url: "http://tracker.invalid/x" }, signal);
    expect(Buffer.from(plain.body).toString()).toBe("from the proxy");
    expect(asked).toEqual(["CONNECT tracker.invalid:443", "GET http://tracker.invalid/x"]);
  });
});
