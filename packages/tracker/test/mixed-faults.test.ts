import { randomNumbers } from "@episcope/records/testing";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { afterEach, describe, expect, it } from "vitest";
// Inside: rows are put into an outbox without a sink.
import { Outbox } from "../src/delivery/outbox.js";
import { createHttpClient, type HttpClient, OutboxDelivery } from "../src/index.js";
import { type Fault, immediateWaiting, type ScriptedServer, startScriptedServer } from "../src/testing.js";

const FAULTS = 200;
const ROUNDS = 60;
const ROWS = 25;
/** A server that answers is far below it; one that does not is waited for so long. */
const TIMEOUT_MS = 100;
const PATH = "/run/mine/outbox.ndjson";

type Trouble = Fault | { readonly kind: "no name" };

const TROUBLES: readonly Trouble[] = [
  { kind: "status", status: 429 },
  { kind: "status", status: 429, headers: { "retry-after": "7" } },
  { kind: "status", status: 500 },
  { kind: "status", status: 502 },
  { kind: "status", status: 503 },
  { kind: "reset" },
  { kind: "reset-after" },
  { kind: "half-open" },
  { kind: "half-open-after" },
  { kind: "slow-after", ms: 30 },
  { kind: "torn-after" },
  { kind: "no name" },
];

let server: ScriptedServer | null = null;
afterEach(() => server?.close());

describe("two hundred faults of every kind, one after another", () => {
  it.each([1, 2, 3])("cost no row and double none (seed %i)", async (seed) => {
    const random = randomNumbers(seed);
    const met = new Map<string, number>();
    let left = FAULTS;
    const trouble = (): Trouble | null => {
      if (left === 0 || random() < 0.1) return null;
      left -= 1;
      const chosen = TROUBLES[Math.floor(random() * TROUBLES.length)]!;
      const name = chosen.kind === "status" ? `status ${chosen.status}` : chosen.kind;
      met.set(name, (met.get(name) ?? 0) + 1);
      return chosen;
    };

    let next: Fault | null = null;
    const stored = new Map<number, string>();
    let changed = 0;
    let repeated = 0;
    server = await startScriptedServer({
      fault: () => next,
      answer({ path, body }) {
        const first = Number(path.slice(1));
        for (const [index, row] of (JSON.parse(Buffer.from(body).toString()) as string[]).entries()) {
          const known = stored.get(first + index);
          if (known !== undefined) repeated += 1;
          if (known !== undefined && known !== row) changed += 1;
          stored.set(first + index, row);
        }
        return {};
      },
    });
    const { origin } = server;
    const real = createHttpClient({ env: {} });
    const client: HttpClient = {
      send(request, signal) {
        const chosen = trouble();
        next = chosen === null || chosen.kind === "no name" ? null : chosen;
        if (chosen?.kind !== "no name") return real.send({ ...request, timeoutMs: TIMEOUT_MS }, signal);
        return Promise.reject(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }));
      },
      close: () => real.close(),
    };

    const { fs } = memoryDisk();
    const outbox = Outbox.open(fs, PATH);
    const deliver = () =>
      new OutboxDelivery<string>({
        ...{ fs, path: PATH, client, waiting: immediateWaiting(), firstDelayMs: 1000 },
        async send(rows, { first, request }) {
          await request({ method: "POST", url: `${origin}/${first}`, body: JSON.stringify(rows) });
        },
      });
    let delivery = deliver();
    const { signal } = new AbortController();
    for (let round = 0; round < ROUNDS; round += 1) {
      outbox.append(Array.from({ length: ROWS }, (_, index) => `row ${round * ROWS + index}`));
      // Every now and then the process is another one.
      if (random() < 0.2) delivery = deliver();
      await delivery.send({ signal });
    }
    await client.close();

    expect([left, met.size]).toEqual([0, TROUBLES.length - 1]);
    const missing = Array.from({ length: ROUNDS * ROWS }, (_, index) => index).filter(
      (index) => stored.get(index) !== `row ${index}`,
    );
    expect([missing, stored.size]).toEqual([[], ROUNDS * ROWS]);
    expect(changed).toBe(0);
    // The server was told of rows again, and could tell by their numbers.
    expect(repeated).toBeGreaterThan(0);
  });
});
