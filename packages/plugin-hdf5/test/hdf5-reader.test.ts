import { createHdf5Format, openHdf5Reader } from "@episcope/plugin-hdf5";
import type { EpisodeRecord } from "@episcope/records";
import { paintingEpisode, resizingEpisode } from "@episcope/records/testing";
import { AWKWARD_EPISODE, asExported } from "@episcope/testing/exported-episodes";
import { describe, expect, it } from "vitest";

async function bytesOf(records: readonly EpisodeRecord[]): Promise<Uint8Array> {
  const format = createHdf5Format({ level: 4, run: "run_1", configHash: "hash" });
  const pieces: Uint8Array[] = [];
  for await (const piece of format.encode({ number: 4, records: () => records })) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe("openHdf5Reader", () => {
  it.each([
    ["every kind of value", AWKWARD_EPISODE],
    ["grids of one shape", paintingEpisode()],
    ["grids of several", resizingEpisode()],
    ["no steps", [AWKWARD_EPISODE[0]!, AWKWARD_EPISODE.at(-1)!]],
    ["no end", AWKWARD_EPISODE.slice(0, 3)],
  ])("gives back the records that a file was made of: %s", async (_what, records) => {
    const reader = await openHdf5Reader();
    const read = reader.read(await bytesOf(records), "episode.h5");
    expect(read).toMatchObject({ number: 4, configHash: "hash" });
    expect(asExported(read.records)).toEqual(asExported(records));
  });

  it("refuses what is none of ours: EXPORT_UNREADABLE", async () => {
    const reader = await openHdf5Reader();
    const good = await bytesOf(paintingEpisode());
    for (const bytes of [good.subarray(0, 2000), Buffer.from("no HDF5"), new Uint8Array(0)]) {
      expect(() => reader.read(bytes, "x.h5")).toThrow(
        expect.objectContaining({ code: "EXPORT_UNREADABLE" }),
      );
    }
    expect(asExported(reader.read(good, "x.h5").records)).toEqual(asExported(paintingEpisode()));
  });
});
