import { createPluginContext } from "@episcope/core/testing";
import type { FileSystem } from "@episcope/records/store";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { afterEach, describe, expect, it } from "vitest";
import { createOutboxSink, OUTBOX_START, readOutbox, sendOutbox } from "../src/index.js";
import { immediateWaiting, type ScriptedServer, startScriptedServer } from "../src/testing.js";

const PATH = "/run/mine/outbox.ndjson";
const open: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** A sink whose rows are numbers; what it was told to write are lists of them. */
function openSink(
  fs: FileSystem,
  isOnline: boolean,
  origin = "http://127.0.0.1:9",
  resume: number | null = null,
) {
  const messages: string[] = [];
  const say = (message: string): void => void messages.push(message);
  const context = createPluginContext({
    ...{
      fs,
      paths: { runDir: "/run", episodeDir: String },
      logger: { debug: say, info: say, warn: say, error: say },
    },
    resume: resume === null ? null : { position: 0, state: { rows: resume, bytes: resume * 2 } },
  });
  const sink = createOutboxSink<number>({
    ...{
      context,
      title: "Mine",
      folder: "mine",
      accepts: ["step"],
      isOnline,
      waiting: immediateWaiting(),
      env: {},
    },
    ...{ finishTimeout: 1 },
    rowsOf: (item) => [item as unknown as number],
    send: (rows, to) => send(origin, rows, to.first, to.request),
  });
  const write = (...rows: readonly number[]): unknown => sink.write(rows as never, context.signal);
  return { sink, write, messages };
}

async function send(
  origin: string,
  rows: readonly number[],
  first: number,
  request: (request: { method: "POST"; url: string; body: string }) => Promise<unknown>,
): Promise<void> {
  await request({ method: "POST", url: `${origin}/${first}`, body: JSON.stringify(rows) });
}

async function serve(status = 200): Promise<{ readonly server: ScriptedServer; readonly rows: number[] }> {
  const rows: number[] = [];
  const server = await startScriptedServer({
    answer({ path, body }) {
      if (status === 200)
        for (const [index, row] of JSON.parse(Buffer.from(body).toString()).entries())
          rows[Number(path.slice(1)) + index] = row;
      return { status };
    },
  });
  open.push(server);
  return { server, rows };
}

describe("an outbox", () => {
  it("reaches the server in order, each row under its number", async () => {
    const { fs } = memoryDisk();
    const { server, rows } = await serve();
    const { sink, write, messages } = openSink(fs, true, server.origin);
    write(1, 2);
    write(3);
    await sink.close?.();
    expect([rows, messages]).toEqual([[1, 2, 3], ["Mine: 3 rows are at the server"]]);
  });

  it("is cut where a resumed run goes on, and the numbers go on there", async () => {
    const { fs } = memoryDisk();
    const first = openSink(fs, false);
    first.write(1, 2, 3, 4);
    await first.sink.close?.();
    const resumed = openSink(fs, false, undefined, 2);
    resumed.write(5);
    expect(await resumed.sink.flush?.()).toEqual({ rows: 3, bytes: 6 });
    expect(readOutbox(fs, PATH, OUTBOX_START).rows).toEqual([1, 2, 5]);
  });

  it("has no half rows, whatever a killed process left", async () => {
    const { fs } = memoryDisk({ [PATH]: '1\n2\n{"torn' });
    const { rows, next } = readOutbox(fs, PATH, OUTBOX_START);
    expect([rows, next]).toEqual([[1, 2], { rows: 2, bytes: 4 }]);
    expect(readOutbox(fs, PATH, next).rows).toEqual([]);
  });

  it("gives a row that is longer than a request whole, and not more than a thousand rows at once", () => {
    const wide = JSON.stringify("x".repeat(3_000_000));
    const { fs } = memoryDisk({ [PATH]: `${wide}\n`, "/many": "7\n".repeat(1_500) });
    expect(readOutbox(fs, PATH, OUTBOX_START).rows[0]).toHaveLength(3_000_000);
    expect(readOutbox(fs, "/many", OUTBOX_START).next.rows).toBe(1_000);
  });

  it("is left with its rows where the server refuses them, said with their number, and sent later", async () => {
    const { fs } = memoryDisk();
    const refusing = await serve(403);
    const { sink, write, messages } = openSink(fs, true, refusing.server.origin);
    write(1, 2);
    await sink.close?.();
    expect(messages.at(-1)).toMatch(/^Mine: 2 of 2 rows are not at the server, but kept in the run: .*403/);
    expect(refusing.server.requests).toHaveLength(1);
    const { server, rows } = await serve();
    const later = { fs, path: PATH, env: {}, timeout: 10, waiting: immediateWaiting() };
    const report = await sendOutbox<number>({
      ...later,
      send: (list, to) => send(server.origin, list, to.first, to.request),
    });
    expect([report, rows]).toEqual([{ rows: 2, isComplete: true, error: null }, [1, 2]]);
  });

  it("says which file could not be written", () => {
    const { fs } = memoryDisk({ "/run": "a file" });
    expect(() => openSink(fs, false)).toThrow(
      expect.objectContaining({ code: "TRACKER_OUTBOX_NOT_WRITTEN" }),
    );
  });
});
