import { createPluginContext } from "@episcope/core/testing";
import { memoryDisk } from "@episcope/testing/memory-disk";
import { expect, it } from "vitest";
import { createOutboxSink, HTTP_TRANSPORT, type HttpClient, type HttpRequest } from "../src/index.js";
import { immediateWaiting } from "../src/testing.js";

it("a program's own transport carries what a tracker sends, and is not closed by it", async () => {
  const { fs } = memoryDisk();
  fs.mkdirSync("/run", { recursive: true });
  const requests: HttpRequest[] = [];
  let isClosed = false;
  const carrierPigeon: HttpClient = {
    send: async (request) => {
      requests.push(request);
      return { status: 200, headers: {}, body: new Uint8Array() };
    },
    close: async () => {
      isClosed = true;
    },
  };
  const context = createPluginContext({
    fs,
    paths: { runDir: "/run", episodeDir: String },
    services: [[HTTP_TRANSPORT, carrierPigeon]],
  });
  const sink = createOutboxSink<string>({
    ...{ context, title: "Mine", folder: "mine", accepts: ["step"], isOnline: true, env: {} },
    ...{ finishTimeout: 1, waiting: immediateWaiting() },
    rowsOf: () => ["a row"],
    send: async (rows, to) => {
      await to.request({ method: "POST", url: "https://tracker.invalid/rows", body: JSON.stringify(rows) });
    },
  });
  await sink.write([{}] as never, context.signal);
  await sink.flush?.();
  await sink.close?.();
  expect(requests).toMatchObject([{ url: "https://tracker.invalid/rows", body: '["a row"]' }]);
  expect(isClosed).toBe(false);
});
