import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { CleanupPolicy, Format, PluginContext, Renderer, Sink, SinkItem } from "@episcope/core";
import {
  createPluginContext,
  describeCleanupPolicy,
  describeFormat,
  describeHooks,
  describeRenderer,
  describeSink,
} from "@episcope/core/testing";
import { VIEW_KINDS } from "@episcope/records";
import { createManualClock, sampleViews } from "@episcope/records/testing";
import { describe, expect, it } from "vitest";
// Inside: core exports no built-in plugin; configs name them.
import { manual, oldestFirst, sizeBased } from "../src/plugins/cleanup-policies.js";
import json from "../src/plugins/json.js";

describeFormat({ describe, it }, "json", () => json.create({ compression: false }, createPluginContext()));
describeFormat({ describe, it }, "json.gz", () => json.create({ compression: true }, createPluginContext()));
describeRenderer({ describe, it }, "text", () => textRenderer());
describeSink({ describe, it }, "memory", () => memorySink());

describeSink({ describe, it }, "a sink that writes with node:fs", () => {
  const { paths } = createPluginContext();
  const write = (batch: readonly SinkItem[]) =>
    appendFileSync(join(paths.runDir, "mine.txt"), `${batch.length}\n`);
  return { accepts: ["step"], write };
});
for (const policy of [oldestFirst, sizeBased, manual])
  describeCleanupPolicy(
    { describe, it },
    policy.name,
    async () => (await policy.create({}, createPluginContext())) as CleanupPolicy,
  );
describeHooks({ describe, it }, "counts steps", ({ hooks }: PluginContext) => {
  let steps = 0;
  hooks.step.tap("count", () => {
    steps += 1;
  });
  hooks.draw.tap("count", ({ step }) => (step > 100 ? false : undefined));
  return { close: () => void steps };
});

describe("the contract suites", () => {
  it("find a cleanup policy that deletes what is open, what it was not given, too much, or for no reason", async () => {
    const plan = (step: object) => ({
      plan: () => [{ run: "run_a", episode: 1, what: "pictures", bytes: 1, reason: "old", ...step } as never],
    });
    const found = async (step: object) =>
      (await failures((runner) => describeCleanupPolicy(runner, "x", () => plan(step)))).filter((message) =>
        /^(run_|there is|what goes)/.test(message),
      );
    expect(await found({ run: "run_b", episode: 2 })).toEqual(["run_b/2 is still open"]);
    expect(await found({ run: "run_c" })).toEqual(["there is no run_c/1"]);
    expect(await found({ bytes: 1e9 })).toEqual([expect.stringContaining("but there are 1000")]);
    expect(await found({ reason: "" })).toEqual(["run_a/1 goes without a reason"]);
    expect(await found({ what: "everything" })).toEqual([expect.stringContaining("'everything'")]);
  });

  it("find a cleanup policy that cleans within the limit, changes its inventory, or rolls dice", async () => {
    const greedy: CleanupPolicy = {
      plan: ({ episodes }) =>
        episodes
          .filter(({ ended }) => ended !== null)
          .map(({ run, number }) => ({ run, episode: number, what: "episode", bytes: 500, reason: "greed" })),
    };
    expect(await failures((runner) => describeCleanupPolicy(runner, "x", () => greedy))).toHaveLength(1);
    const sorts: CleanupPolicy = {
      plan: ({ episodes }) => {
        (episodes as unknown[]).reverse();
        return [];
      },
    };
    expect(await failures((runner) => describeCleanupPolicy(runner, "x", () => sorts))).toEqual([
      expect.stringContaining("the inventory was changed"),
    ]);
    let calls = 0;
    const dice: CleanupPolicy = {
      plan: ({ totalBytes }, { maxBytes }) => {
        calls += 1;
        const step = { run: "run_a", episode: 1, what: "pictures" as const, bytes: calls, reason: "luck" };
        return totalBytes > maxBytes ? [step] : [];
      },
    };
    expect(await failures((runner) => describeCleanupPolicy(runner, "x", () => dice))).toHaveLength(1);
  });

  it("find hooks that fail, change what they hear, or answer with something else than yes and no", async () => {
    const suite = (tap: (context: PluginContext) => unknown) =>
      failures((runner) =>
        describeHooks(runner, "x", (context) => {
          tap(context);
          return undefined;
        }),
      );
    const fails = ({ hooks }: PluginContext) =>
      hooks.episodeEnd.tapPromise("x", () => Promise.reject(new Error("at the end")));
    expect(await suite(fails)).toEqual([expect.stringContaining("at the end")]);
    const changes = ({ hooks }: PluginContext) =>
      hooks.step.tap("x", ({ after }) => {
        after.data[0]! ^= 1;
      });
    expect(await suite(changes)).toEqual(["a record or a picture was changed"]);
    const talks = ({ hooks }: PluginContext) => hooks.draw.tap("x", () => "please" as never);
    expect(await suite(talks)).toEqual([expect.stringContaining("true, false or undefined")]);
    const wrong = await failures((runner) => describeHooks(runner, "x", () => ({ close: 3 }) as never));
    expect(wrong[0]).toContain("its close is no function");
  });

  it("find a sink that changes what it gets, one that cannot close unused, and a state that is no plain data", async () => {
    const changes = () => ({
      ...memorySink(),
      write: (batch: readonly SinkItem[]) => {
        for (const item of batch) Object.assign(item, { position: -1 });
      },
    });
    expect(await failures((runner) => describeSink(runner, "x", changes))).toEqual(["an item was changed"]);
    const unused = () => {
      let items = 0;
      return {
        ...memorySink(),
        write: (batch: readonly SinkItem[]) => {
          items += batch.length;
        },
        close: () => {
          if (items === 0) throw new Error("nothing to close");
        },
      };
    };
    expect(await failures((runner) => describeSink(runner, "x", unused))).toContain("nothing to close");
    const state = () => ({ ...memorySink(), flush: () => ({ at: new Date(0) }) as never });
    expect(await failures((runner) => describeSink(runner, "x", state))).toEqual(["it is no plain data"]);
    const writes = await failures((runner) =>
      describeSink(runner, "x", () => ({ accepts: ["step"] }) as never),
    );
    expect(writes[0]).toContain("it has no write()");
  });

  it("find a renderer that looks at the clock, one that changes its view, and one that draws nothing", async () => {
    let calls = 0;
    const render = (view: unknown) => {
      calls += 1;
      return Buffer.from(`${calls} ${JSON.stringify(view)?.length}`);
    };
    expect(
      await failures((runner) => describeRenderer(runner, "x", () => ({ ...textRenderer(), render }))),
    ).toHaveLength(2);
    const changes = textRenderer({
      render: (view) => {
        if (view.kind === "step") view.after.data[0]! ^= 1;
        return Uint8Array.of(1);
      },
    });
    expect(await failures((runner) => describeRenderer(runner, "x", () => changes))).toEqual([
      expect.stringContaining("was changed"),
    ]);
    const empty = textRenderer({ render: () => new Uint8Array(0) });
    expect(await failures((runner) => describeRenderer(runner, "x", () => empty))).toEqual([
      expect.stringContaining("nothing was drawn"),
    ]);
  });

  it("find a sink that accepts what does not exist, and one that fails on its last batch", async () => {
    const unknown = () => ({ ...memorySink(), accepts: ["steps"] });
    expect(await failures((runner) => describeSink(runner, "x", unknown))).toEqual([
      expect.stringContaining("'steps'"),
    ]);
    const brittle = () => ({
      ...memorySink(),
      write: (batch: readonly SinkItem[]) => {
        if (batch.some(({ type }) => type === "run-end")) throw new Error("the end");
      },
    });
    expect(await failures((runner) => describeSink(runner, "x", brittle))).toContain("the end");
  });

  it("find a format that cannot write an episode without an end", async () => {
    const format: Format = {
      extension: "txt",
      *encode({ records }) {
        const all = [...records()];
        if (all.at(-1)?.type !== "episode-end") throw new Error("no end");
        yield Uint8Array.of(all.length);
      },
    };
    expect(await failures((runner) => describeFormat(runner, "x", () => format))).toEqual(["no end"]);
  });
});

it("has a view of every kind", () => {
  expect(new Set(sampleViews().map(({ kind }) => kind))).toEqual(new Set(VIEW_KINDS));
});

it("has a clock that a test moves", () => {
  const clock = createManualClock(100);
  clock.advance(2.5);
  clock.setNow(50);
  expect([clock.now(), clock.monotonic()]).toEqual([50, 2500]);
});

/** Messages of the cases that fail. */
async function failures(define: (runner: Parameters<typeof describeSink>[0]) => void): Promise<string[]> {
  const cases: (() => void | Promise<void>)[] = [];
  define({ describe: (_name, body) => body(), it: (_name, run) => cases.push(run) });
  const messages: string[] = [];
  for (const run of cases) {
    try {
      await run();
    } catch (error) {
      messages.push((error as Error).message);
    }
  }
  return messages;
}

function textRenderer(overrides: Partial<Renderer> = {}): Renderer {
  return {
    mediaType: "text/plain",
    extension: "txt",
    kinds: ["step", "summary", "task"],
    render: (view) => Buffer.from(JSON.stringify(view)),
    ...overrides,
  };
}

function memorySink(): Sink {
  const items: SinkItem[] = [];
  return {
    accepts: [
      "run-start",
      "episode-start",
      "step",
      "episode-end",
      "metrics",
      "batch",
      "run-end",
      "picture/png",
    ],
    write: (batch) => {
      items.push(...batch);
    },
  };
}
