import type { Format, Renderer, Sink, SinkItem } from "@episcope/core";
import { createPluginContext, describeFormat, describeRenderer, describeSink } from "@episcope/core/testing";
import { VIEW_KINDS } from "@episcope/records";
import { createManualClock, sampleViews } from "@episcope/records/testing";
import { describe, expect, it } from "vitest";
// Inside: core exports no built-in plugin; configs name them.
import json from "../src/plugins/json.js";

describeFormat({ describe, it }, "json", () => json.create({ compression: false }, createPluginContext()));
describeFormat({ describe, it }, "json.gz", () => json.create({ compression: true }, createPluginContext()));
describeRenderer({ describe, it }, "text", () => textRenderer());
describeSink({ describe, it }, "memory", () => memorySink());

describe("the contract suites", () => {
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
    expect(await failures((runner) => describeSink(runner, "x", brittle))).toEqual(["the end"]);
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
