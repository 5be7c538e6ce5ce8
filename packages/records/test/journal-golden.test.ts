import * as fs from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeNdjson, encodeNdjson } from "@episcope/records";
import { JournalReader } from "@episcope/records/store";
import { describe, expect, it } from "vitest";

const path = (name: string) => fileURLToPath(new URL(`golden/${name}`, import.meta.url));

/** The same records in both forms, and as the lines of the record stream; written once, never again. */
const lines = fs.readFileSync(path("journal-v1.ndjson"), "utf8").trimEnd().split("\n");

describe("files of format version 1", () => {
  for (const form of ["open", "sealed"]) {
    it(`are read as they were written, ${form}`, () => {
      using reader = new JournalReader(path(`journal-v1.${form}.epi`), { fs, key: null });
      expect([...reader.records()].map((record) => encodeNdjson(record))).toEqual(lines);
      expect(reader.problems).toEqual([]);
      expect(reader.episode).toBe(7);
      expect(reader.sealed).toBe(form === "sealed");
    });
  }

  it("hold lines of the record stream that are read and written alike", () => {
    for (const line of lines) expect(encodeNdjson(decodeNdjson(line))).toBe(line);
  });
});
