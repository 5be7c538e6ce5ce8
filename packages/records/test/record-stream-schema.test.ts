import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EpiscopeError } from "@episcope/errors";
import {
  encodeNdjson,
  encodeSteps,
  parseMessage,
  RECORD_STREAM_SCHEMA,
  type StepColumns,
} from "@episcope/records";
import { sampleEpisodes } from "@episcope/records/testing";
import { Ajv } from "ajv";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { stream } from "./arbitrary-records.js";
import { type Head, partsOf, smallColumns } from "./steps-fixtures.js";
import { Scenario } from "./vectorised-environments.js";

vi.setConfig({ testTimeout: 60_000 });

// Numbers of JSON may be too large for doubles: 1e400 is read as Infinity.
const ajv = new Ajv({ strictNumbers: false, allowUnionTypes: true });
const validates = ajv.compile(RECORD_STREAM_SCHEMA as object);
const page = fileURLToPath(new URL("../../../docs/record-stream.schema.json", import.meta.url));

/** What stands in for a part of a message. */
const REPLACEMENTS: readonly string[] = [
  ...["null", "true", "0", "-1", "1.5", "16", "256", "65", "1e300", "1e400", "9007199254740993"],
  ...['""', '"NaN"', '"-0"', '"\\\\NaN"', '"success"', "[]", "[1,2]", "[1,2,3,4]", '["a"]', "{}"],
  ...[
    '{"__proto__":1}',
    '{"constructor":1}',
    '{"a":{"prototype":[]}}',
    '{"a":1}',
    '{"shape":[1,1],"data":[3]}',
  ],
  ...['["00300","0.3a0"]', '["01","0"]', '["0g"]', '["0A"]', '["0\\n"]'],
  ...['{"kind":"point","point":[0,-1]}', '{"kind":"mask","mask":[]}', '{"kind":"bbox","bbox":[1]}'],
];
const KEYS = [
  "extra",
  "__proto__",
  "mask",
  "name",
  "state",
  "selection",
  "similarity",
  "before",
  "meta",
  "bins",
];

/** Paths of all parts of plain data. */
function* pathsOf(
  value: unknown,
  path: readonly (string | number)[] = [],
): Generator<readonly (string | number)[]> {
  yield path;
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) yield* pathsOf(member, [...path, key]);
}

/** The part at `path` replaced, left out, or given one key more; own keys only, `__proto__` too. */
function mutated(value: unknown, path: readonly (string | number)[], change: string, kind: number): unknown {
  if (path.length === 0) {
    if (kind !== 2 || typeof value !== "object" || value === null || Array.isArray(value))
      return JSON.parse(change);
    const [key, text] = [KEYS[change.length % KEYS.length]!, change];
    return JSON.parse(
      `{${JSON.stringify(value).slice(1, -1)}${Object.keys(value).length > 0 ? "," : ""}"${key}":${text}}`,
    );
  }
  const [key, ...rest] = path;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
    ? [...value]
    : { ...(value as object) };
  if (rest.length === 0 && kind === 1) {
    if (Array.isArray(copy)) copy.splice(Number(key), 1);
    else delete copy[key!];
  } else
    (copy as Record<string, unknown>)[key!] = mutated(
      (value as Record<string, unknown>)[key!],
      rest,
      change,
      kind,
    );
  return copy;
}

function refusal(message: unknown): string | null {
  try {
    parseMessage(message);
    return null;
  } catch (error) {
    if (error instanceof EpiscopeError) return error.message;
    throw error;
  }
}

/** What the schema's comment says that a schema cannot say. */
const BEYOND = /is no text of \d+ characters|entries, \d+x\d+ needs|edges for|nested deeper/;

function expectAgreement(message: unknown): void {
  const refused = refusal(message);
  const valid = validates(message);
  if (refused !== null && BEYOND.test(refused)) return;
  expect(valid, `${refused ?? "accepted"}: ${JSON.stringify(message).slice(0, 600)}`).toBe(refused === null);
}

describe("the JSON Schema of the record stream", () => {
  it("takes every record that there is, and the control messages", () => {
    for (const { records } of sampleEpisodes()) {
      for (const record of records) expect(validates(JSON.parse(encodeNdjson(record)))).toBe(true);
    }
    fc.assert(
      fc.property(stream, fc.constantFrom("data", "text"), (records, grids) => {
        for (const record of records) {
          expect(
            validates(JSON.parse(encodeNdjson(record, { grids }))),
            JSON.stringify(validates.errors?.slice(-3)),
          ).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
    for (const message of [
      { type: "hello", version: 1, producer: "p" },
      { type: "flush", id: 3 },
      { type: "ack" },
    ]) {
      expectAgreement(message);
      expect(validates(message)).toBe(true);
    }
    for (const message of [{ type: "hello", version: 2 }, { type: "flush" }, { type: "nope" }, {}, 3, null]) {
      expectAgreement(message);
      expect(validates(message)).toBe(false);
    }
  });

  it("agrees with the parser on records of which any part is changed, left out or added", () => {
    const pool = sampleEpisodes().flatMap(({ records }) => records.slice(0, 6));
    let refusals = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          fc.constantFrom(...pool),
          stream.filter((records) => records.length > 0).map(([first]) => first!),
        ),
        fc.nat(),
        fc.constantFrom(...REPLACEMENTS),
        fc.nat(2),
        fc.constantFrom("data", "text"),
        (record, place, change, kind, grids) => {
          const message: unknown = JSON.parse(encodeNdjson(record, { grids }));
          // Cells are many and alike: few of them are enough.
          const paths = [...pathsOf(message)].filter((path) => !(Number(path.at(-1)) > 3));
          const changed = mutated(message, paths[place % paths.length]!, change, kind);
          if (refusal(changed) !== null) refusals += 1;
          expectAgreement(changed);
        },
      ),
      { numRuns: 2000 },
    );
    // Most changes are faults: a schema that takes everything would not pass.
    expect(refusals).toBeGreaterThan(700);
  });

  it("says what the head of a `steps` message is", () => {
    const validatesHead = ajv.compile({ ...RECORD_STREAM_SCHEMA, oneOf: [{ $ref: "#/definitions/steps" }] });
    const headOf = (columns: StepColumns): Head =>
      partsOf(encodeSteps(columns, { seq: 3 }).bytes.subarray(4)).head;
    for (const selection of ["mask", "point", "bbox", "none"] as const) {
      const options = { seed: 5, environments: 3, height: 4, width: 5, lots: 3, maxRows: 6, selection };
      for (const { columns } of new Scenario({ ...options, withBefore: true }).lots())
        expect(validatesHead(headOf(columns)), JSON.stringify(validatesHead.errors)).toBe(true);
    }
    const wrong: ((head: Head) => void)[] = [
      (head) => delete head["seq"],
      (head) => Object.assign(head, { extra: 1 }),
      (head) => Object.assign(head, { shape: [2, 2, 2] }),
      (head) => Object.assign(head.starts, { mode: ["eval"] }),
      (head) => Object.assign(head.arrays, { rewards: ["f32", [2, 2], 0] }),
      (head) => Object.assign(head.arrays, { reward: ["float", [2, 2], 0] }),
      (head) => Object.assign(head.arrays, { reward: ["f32", [2, 2], 4] }),
      (head) => Object.assign(head.arrays, { "info.constructor": ["f32", [2, 2], 0] }),
    ];
    for (const change of wrong) {
      const head = headOf(smallColumns());
      change(head);
      expect(validatesHead(head), change.toString()).toBe(false);
    }
  });

  it("stands in the docs for other languages", () => {
    expect(JSON.parse(readFileSync(page, "utf8"))).toEqual(JSON.parse(JSON.stringify(RECORD_STREAM_SCHEMA)));
  });
});
