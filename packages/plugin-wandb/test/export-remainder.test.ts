import { createHash } from "node:crypto";
import * as nodeFs from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startWandbServer, WANDB_TEST_KEY } from "@episcope/testing/wandb-server";
import { immediateWaiting } from "@episcope/tracker/testing";
import { afterEach, describe, expect, it } from "vitest";
import { exportRemainder, syncWandbDirectory, type WandbSink } from "../src/index.js";
// Inside: environment and time of the sink are given here.
import { createWandbSink } from "../src/sink.js";
import {
  createWorld,
  episodeEnd,
  episodeStart,
  logPathOf,
  OPTIONS,
  picture,
  png,
  readLog,
  rowsOf,
  runEnd,
  START,
  step,
} from "./context.js";

const folder = mkdtempSync(join(tmpdir(), "episcope-wandb-remainder-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Ten rows with pictures, of which the server takes what comes in its first requests. */
async function partly(requests: number): Promise<{ sink: WandbSink; had: number; env: object }> {
  const world = createWorld({ fs: nodeFs, runDir: folder });
  const server = await startWandbServer({
    fault: (_, number) => (number >= requests ? { kind: "status", status: 403 } : null),
  });
  const env = { WANDB_BASE_URL: server.origin, WANDB_API_KEY: WANDB_TEST_KEY };
  const waiting = immediateWaiting();
  const sink = createWandbSink({ ...OPTIONS, log_frequency: 1 }, world.context, { env, waiting });
  const { signal } = world.context;
  await sink.write([episodeStart(1, 0)], signal);
  for (let index = 0; index < 10; index += 1) {
    await sink.write([step(index), picture(png(4 + index, 4), { global_step: index, step: index })], signal);
    await expect.poll(() => server.requests.length).toBeGreaterThan(Math.min(requests, index));
  }
  await sink.write([episodeEnd(1, 9), runEnd("finished")], signal);
  await sink.close?.();
  const had = server.rows(sink.directory.slice(-8)).length;
  await server.close();
  return { sink, had, env };
}

const recordsIn = (directory: string) => readLog(nodeFs, logPathOf(nodeFs, directory));
const stepsIn = (directory: string) => rowsOf(recordsIn(directory)).map((row) => Number(row["_step"]));

describe("what a server does not have yet", () => {
  it("is a run directory for the official client: the other rows and files, all else as it was", async () => {
    const { sink, had, env } = await partly(6);
    expect(had).toBeGreaterThan(0);
    expect(had).toBeLessThan(10);
    const { directory, rows, files } = exportRemainder(sink.directory, { fs: nodeFs, now: START + 60 });
    expect(rows).toBe(10 - had);
    expect(files).toBeGreaterThan(0);
    expect(directory).toMatch(new RegExp(`/wandb/offline-run-\\d{8}_\\d{6}-${sink.directory.slice(-8)}$`));
    expect(stepsIn(directory!)).toEqual(stepsIn(sink.directory).slice(had));
    const rest = recordsIn(directory!);
    expect(rest.map(({ num }) => num)).toEqual(rest.map((_, index) => index + 1));
    const without = (records: typeof rest) =>
      records
        .filter(({ kind }) => kind !== "history" && kind !== "files")
        .map(({ kind, body }) => [kind, ...body]);
    expect(without(rest)).toEqual(without(recordsIn(sink.directory)));
    const pictures = nodeFs.readdirSync(join(directory!, "files/media/images/pictures"));
    for (const name of pictures) {
      const bytes = nodeFs.readFileSync(join(directory!, "files/media/images/pictures", name));
      expect(name).toContain(createHash("sha256").update(bytes).digest("hex").slice(0, 20));
    }
    expect(pictures.length).toBeGreaterThan(0);
    expect(nodeFs.readdirSync(sink.directory)).toContain(`run-${sink.directory.slice(-8)}.wandb.synced`);
    for (const one of [sink.directory, directory!]) {
      const options = { fs: nodeFs, env: env as never, logger: console, waiting: immediateWaiting() };
      await expect(syncWandbDirectory(one, options)).rejects.toMatchObject({ code: "WANDB_HANDED_OVER" });
    }
    expect(() => exportRemainder(sink.directory, { fs: nodeFs, now: START + 70 })).toThrow(
      /has been exported/,
    );
  });

  it("is the run's own directory where nothing was uploaded", async () => {
    const { sink } = await partly(0);
    expect(exportRemainder(sink.directory, { fs: nodeFs, now: START })).toEqual({
      directory: null,
      rows: 0,
      files: 0,
    });
    expect(nodeFs.readdirSync(sink.directory).join()).not.toMatch(/synced|handed-over/);
  });
});
