import { memoryDisk } from "@episcope/testing/memory-disk";
import { testConfig } from "@episcope/testing/run-config";
import { blank, painted, runOptions, target } from "@episcope/testing/small-run";
import { describe, expect, it } from "vitest";
import {
  type Artifact,
  definePlugin,
  openRun,
  type PictureSize,
  type Renderer,
  type Sink,
  type SinkItem,
} from "../src/index.js";

/** Writes the size that it was asked for. */
const sized = definePlugin({
  kind: "renderer",
  name: "sized",
  create: (): Renderer => ({
    mediaType: "text/plain",
    extension: "txt",
    kinds: ["step", "summary"],
    render: (view, size) =>
      Buffer.from(`${view.kind} ${size === undefined ? "natural" : `${size.width}x${size.height}`}`),
  }),
});

type Asked = Readonly<Record<string, PictureSize | undefined>>;

async function record(asked: Asked, formats: readonly string[]) {
  const items: Record<string, SinkItem[]> = {};
  const sinks = Object.entries(asked).map(([name, pictureSize]) => {
    items[name] = [];
    const write = (batch: readonly SinkItem[]): void => void items[name]!.push(...batch);
    return definePlugin({
      kind: "sink",
      name,
      create: (): Sink => ({ accepts: ["picture/txt"], pictureSize, write }),
    });
  });
  const config = testConfig({
    visualization: {
      debug_level: "verbose",
      output_formats: [...formats],
      renderers: { txt: { _target_: "sized" } },
    },
    logging: {
      formats: { json: { _target_: "json", enabled: false } },
      sinks: Object.fromEntries(Object.keys(asked).map((name) => [name, { _target_: name }])),
    },
  });
  const disk = memoryDisk();
  const options = runOptions(disk);
  const run = await openRun(config, { ...options, plugins: [...options.plugins!, sized, ...sinks] });
  const episode = run.startEpisode({ taskId: "t", initial: blank, target });
  episode.step({ action: { operation: 0 }, after: painted(1), reward: 0 });
  episode.step({ action: { operation: 0 }, after: painted(2), reward: 0 });
  await episode.end();
  await run.close();
  const pictures = (name: string): Artifact[] => items[name] as Artifact[];
  const texts = (name: string): string[] => pictures(name).map(({ bytes }) => Buffer.from(bytes).toString());
  return { disk, pictures, texts, run };
}

const small = { width: 320, height: 200 };
const ofAll = (size: string): string[] => [`step ${size}`, `step ${size}`, `summary ${size}`];

describe("the size of pictures", () => {
  it("is what each sink asked for, and that of a file the natural one", async () => {
    const asked = { a: small, b: { width: 800, height: 600 }, c: undefined, d: { ...small } };
    const { disk, texts, pictures } = await record(asked, ["txt"]);
    expect(texts("a")).toEqual(ofAll("320x200"));
    expect(texts("b")).toEqual(ofAll("800x600"));
    expect(texts("c")).toEqual(ofAll("natural"));
    expect(texts("d")).toEqual(texts("a"));
    expect(pictures("a").map(({ path }) => path)).toEqual([null, null, null]);
    expect(pictures("c")[0]!.path).toBe("episode_0001/step_000.txt");
    expect(disk.text("outputs/test/episode_0001/step_000.txt")).toBe("step natural");
  });

  it("is drawn for the sinks alone where no file is wanted", async () => {
    const { disk, texts, run } = await record({ a: small }, []);
    expect(texts("a")).toEqual(ofAll("320x200"));
    expect(disk.files().filter((file) => file.endsWith(".txt"))).toEqual([]);
    expect(run.stats().accounting["logging.sinks.a"]).toMatchObject({ written: 3, dropped: 0 });
  });
});
