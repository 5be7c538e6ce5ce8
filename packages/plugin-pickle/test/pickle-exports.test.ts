import { gzipSync } from "node:zlib";
import { encodeEpisode, pickleExports } from "@episcope/plugin-pickle";
import { AWKWARD_EPISODE, asExported } from "@episcope/testing/exported-episodes";
import { describe, expect, it } from "vitest";

const bytesOf = (): Uint8Array =>
  Buffer.concat([...encodeEpisode({ number: 4, records: () => AWKWARD_EPISODE }, "hash")]);

describe("pickleExports", () => {
  it("gives back the records that a pickle was made of, compressed or not", () => {
    for (const bytes of [bytesOf(), gzipSync(bytesOf())]) {
      const read = pickleExports.read(bytes, "episode.pkl");
      expect(read).toMatchObject({ number: 4, configHash: "hash" });
      expect(asExported(read.records)).toEqual(asExported(AWKWARD_EPISODE));
    }
  });

  it("refuses what is none of ours: EXPORT_UNREADABLE", () => {
    const problems: readonly [Uint8Array, string][] = [
      [bytesOf().subarray(0, 90), "ends too early"],
      [Buffer.from("cos\nsystem\n(S'true'\ntR."), "no pickle"],
      [Buffer.from([0x80, 4, 0x5d, 0x2e]), "no dict"],
    ];
    for (const [bytes, problem] of problems) {
      expect(() => pickleExports.read(bytes, "x.pkl"), problem).toThrow(
        expect.objectContaining({ code: "EXPORT_UNREADABLE", message: expect.stringContaining(problem) }),
      );
    }
  });
});
