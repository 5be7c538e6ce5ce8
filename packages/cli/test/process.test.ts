import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outcomeOf, program, startProgram } from "./fixtures/program.js";
import { episodeRecords, episodesOf, ndjsonOf, recordsOf } from "./fixtures/streams.js";

const REAL_TASKS = join(import.meta.dirname, "../../../../shared/reference/arc-tasks");

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "episcope-cli-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function picturesOf(run: string): string[] {
  return readdirSync(run, { recursive: true })
    .map(String)
    .filter((name) => /^episode.*\.(svg|png)$/.test(name))
    .sort();
}

function expectSamePictures(names: readonly string[], a: string, b: string): void {
  for (const name of names)
    expect(readFileSync(join(a, name)).equals(readFileSync(join(b, name))), name).toBe(true);
}

/** Records without what a recorder gives anew. */
const contents = (ndjson: string) => recordsOf(ndjson).map(({ episode: _, seq: __, ...rest }) => rest);

describe("play --emit ndjson | record input=-", () => {
  const words = ["visualization=debug_verbose"];

  it("makes the run that play makes: the same records, the same pictures; replay draws them again", async () => {
    const [played, recorded] = await Promise.all([
      program(dir, "play", "episodes=1", ...words, "storage.run_name=played"),
      (async () => {
        const play = startProgram(dir, ["play", "episodes=1", "--emit", "ndjson"]);
        const record = startProgram(dir, ["record", "input=-", ...words, "storage.run_name=recorded"]);
        play.stdout?.pipe(record.stdin as Writable);
        return outcomeOf(record);
      })(),
    ]);
    expect([played.status, recorded.status]).toEqual([0, 0]);
    const [a, b] = [played.out.trim(), recorded.out.trim()];
    const replays = await Promise.all([a, b].map((run) => program(dir, "replay", run)));
    const [one, other] = replays.map(({ out }) =>
      contents(out).filter((record) => "step" in record || "initial" in record),
    );
    expect(other).toEqual(one);
    expect(one!.length).toBeGreaterThan(3);
    const pictures = picturesOf(a);
    expect(pictures.filter((name) => name.endsWith(".png")).length).toBeGreaterThan(3);
    expect(picturesOf(b)).toEqual(pictures);
    expectSamePictures(pictures, a, b);

    const again = join(dir, "again");
    for (const format of ["svg", "png"]) {
      const drawn = await program(dir, "replay", a, "--format", format, "--output", again);
      expect([drawn.status, drawn.out]).toEqual([0, `${again}\n`]);
    }
    expectSamePictures(pictures, a, again);
  });

  it("ends quietly where its reader goes away", async () => {
    const play = startProgram(dir, ["play", "--emit", "ndjson", "episodes=200"]);
    play.stdout?.once("data", () => play.stdout?.destroy());
    const [status, messages] = await Promise.all([
      once(play, "exit").then(([code]) => code as number | null),
      (async () => {
        let told = "";
        for await (const chunk of play.stderr as Readable) told += String(chunk);
        return told;
      })(),
    ]);
    expect([status, messages]).toEqual([0, ""]);
  });
});

describe("runs of the same moment", () => {
  it("get a directory each", async () => {
    const runs = await Promise.all(
      Array.from({ length: 8 }, () => program(dir, "play", "episodes=1", "visualization=debug_off")),
    );
    expect(runs.map(({ status }) => status)).toEqual(Array(8).fill(0));
    const directories = runs.map(({ out }) => out.trim());
    expect(new Set(directories).size).toBe(8);
    const verdict = await program(dir, "verify", ...directories);
    expect([verdict.status, verdict.out.match(/: intact, 1 episode,/g)?.length]).toEqual([0, 8]);
  });
});

/** A `record` that listens to a test, and the answers that it gives. */
function startRecording(...words: string[]) {
  const child = startProgram(dir, ["record", "visualization=debug_off", "--ack-fd=3", ...words], {
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const answers = createInterface({ input: child.stdio[3] as Readable })[Symbol.asyncIterator]();
  return {
    child,
    outcome: outcomeOf(child),
    send: (lines: readonly string[]) => void child.stdin?.write(lines.map((line) => `${line}\n`).join("")),
    answer: async () => JSON.parse(String((await answers.next()).value)) as Record<string, unknown>,
  };
}

describe("a recording that is killed", () => {
  const lines = ndjsonOf(episodeRecords());
  const flushed = lines.slice(0, 5);

  it("has every record up to the last flush; recover and verify are content with it", async () => {
    const { child, outcome, send, answer } = startRecording("storage.run_name=killed");
    send([...flushed, '{"type":"flush","id":1}']);
    expect(await answer()).toMatchObject({ type: "flushed", id: 1, seq: 3, dropped: 0 });
    send(lines.slice(5, 6));
    child.kill("SIGKILL");
    expect((await outcome).signal).toBe("SIGKILL");

    const run = join(dir, "outputs/dev_episodes/killed");
    const before = await program(dir, "replay", run, "--episode", "1");
    expect(before.status).toBe(0);
    const kept = recordsOf(before.out);
    expect(kept.length).toBeGreaterThanOrEqual(flushed.length - 1);
    expect(kept.slice(0, flushed.length - 1)).toEqual(recordsOf(flushed.slice(1).join("\n")));

    // The missing end of the episode is made up, which is no loss of a record.
    const recovered = await program(dir, "recover", run);
    expect([recovered.status, recovered.messages]).toEqual([0, ""]);
    const verdict = await program(dir, "verify", run);
    expect([verdict.status, verdict.out]).toEqual([0, expect.stringContaining("killed: intact, 1 episode,")]);
    const after = recordsOf((await program(dir, "replay", run, "--episode", "1")).out);
    expect(after.slice(0, kept.length)).toEqual(kept);
  });

  it.each(["SIGINT", "SIGTERM"] as const)("by %s closes its run first", async (signal) => {
    const { child, outcome, send, answer } = startRecording(`storage.run_name=${signal}`);
    send([...flushed, '{"type":"ack"}']);
    await answer();
    child.kill(signal);
    const ended = await outcome;
    expect(ended.signal).toBe(signal);
    const run = join(dir, "outputs/dev_episodes", signal);
    expect((await program(dir, "verify", run)).status).toBe(0);
    const records = episodesOf((await program(dir, "replay", run)).out);
    expect(records.at(-1)).toMatchObject({ type: "episode-end", outcome: "aborted" });
    expect(records).toHaveLength(flushed.length);
  });
});

describe("a socket", () => {
  it("takes one producer, answers it, and ends when it leaves", async () => {
    const child = startProgram(dir, [
      "record",
      "input=unix:wire.sock",
      "visualization=debug_off",
      "storage.run_name=socket",
    ]);
    const outcome = outcomeOf(child);
    await once(child.stderr as Readable, "data");
    const socket = connect(join(dir, "wire.sock"));
    const lines = ndjsonOf(episodeRecords());
    socket.write(`${[...lines, '{"type":"flush","id":5}'].join("\n")}\n`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(JSON.parse(answer.toString())).toMatchObject({ type: "flushed", id: 5, dropped: 0 });
    socket.end();
    const { status, out } = await outcome;
    expect(status).toBe(0);
    const replayed = await program(dir, "replay", out.trim());
    expect(episodesOf(replayed.out)).toEqual(recordsOf(lines.slice(1).join("\n")));
    expect(existsSync(join(dir, "wire.sock"))).toBe(false);
  });
});

describe("the real tasks", () => {
  it.skipIf(!existsSync(REAL_TASKS))(
    "of ARC play to the end: 63 of them (skipped where ../shared/reference/arc-tasks is absent)",
    async () => {
      const { status, out, messages } = await program(
        dir,
        "play",
        `task_dir='${REAL_TASKS}'`,
        "visualization=debug_minimal",
        "storage.max_episodes_per_run=1000",
      );
      expect(status).toBe(0);
      const solved = Number(/Played 63 episodes of 63 tasks, solved (\d+)\./.exec(messages)?.[1]);
      // Some are solved and some are not, so that episodes have stories.
      expect(solved).toBeGreaterThan(10);
      expect(solved).toBeLessThan(63);
      expect(picturesOf(out.trim())).toHaveLength(63);
      expect(await program(dir, "verify", out.trim())).toMatchObject({
        status: 0,
        out: expect.stringContaining("intact, 63 episodes"),
      });
    },
    300_000,
  );
});
