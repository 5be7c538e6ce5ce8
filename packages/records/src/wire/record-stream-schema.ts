import { COLUMN_NAMES, namedColumn } from "../columns/column-shapes.js";
import { MAX_SIDE, MAX_VALUE } from "../record/grid.js";
import { MODES, OUTCOMES, RUN_OUTCOMES } from "../record/parse-record.js";
import { NUMBER_WORDS, REFUSED_KEYS } from "../record/plain.js";
import { STREAM_VERSION } from "../record/record.js";
import { DTYPES } from "./dtype.js";

type Schema = { readonly [keyword: string]: unknown };

const reference = (name: string): Schema => ({ $ref: `#/definitions/${name}` });
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });
const text: Schema = { type: "string" };
const number = reference("number");
const count = reference("count");
const plain = reference("plain");
const grid = reference("grid");
const boolean = reference("boolean");
const bytes: Schema = listOf({
  anyOf: [{ type: "integer", minimum: 0, maximum: 255 }, { type: "boolean" }],
});

/** An object of these fields and no other; `?` marks those that may be left out. */
function objectOf(fields: { readonly [name: string]: Schema }): Schema {
  const names = Object.keys(fields);
  return {
    type: "object",
    required: names.filter((name) => !name.endsWith("?")),
    properties: Object.fromEntries(names.map((name) => [name.replace("?", ""), fields[name]])),
    additionalProperties: false,
  };
}

/** Names of the producer's own choice, with values of one kind. */
function mapOf(values: Schema): Schema {
  return { type: "object", propertyNames: reference("key"), additionalProperties: values };
}

function listOf(items: Schema, length?: number): Schema {
  return { type: "array", items, ...(length === undefined ? {} : { minItems: length, maxItems: length }) };
}

const corner: Schema = {
  type: "integer",
  minimum: Number.MIN_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
};

function record(type: string, fields: { readonly [name: string]: Schema }): Schema {
  return objectOf({ type: { const: type }, seq: count, ...fields });
}

const RECORDS: { readonly [name: string]: Schema } = {
  "run-start": record("run-start", {
    time: number,
    "run?": text,
    "config_hash?": text,
    "meta?": plain,
  }),
  "episode-start": record("episode-start", {
    episode: text,
    time: number,
    task_id: text,
    pair_index: reference("integer"),
    mode: { enum: MODES },
    initial: grid,
    "input?": grid,
    target: orNull(grid),
    "meta?": plain,
  }),
  step: record("step", {
    episode: text,
    step: count,
    time: number,
    "before?": grid,
    action: reference("action"),
    after: grid,
    reward: number,
    terminated: boolean,
    truncated: boolean,
    "info?": {
      description:
        "an object; `similarity` is a number, `success` a boolean, `metrics` a map of numbers, everything else is free",
    },
    "state?": plain,
  }),
  "episode-end": record("episode-end", {
    episode: text,
    time: number,
    outcome: { enum: OUTCOMES },
    totals: objectOf({
      steps: count,
      reward: number,
      final_similarity: orNull(number),
      best_similarity: orNull(number),
    }),
  }),
  metrics: record("metrics", {
    time: number,
    step: number,
    values: mapOf(number),
    "histograms?": mapOf(objectOf({ values: listOf(number), bins: listOf(number) })),
  }),
  batch: record("batch", { time: number, step: number, arrays: mapOf(listOf(number)) }),
  "run-end": record("run-end", {
    time: number,
    outcome: { enum: RUN_OUTCOMES },
    "accounting?": mapOf(
      objectOf({
        accepted: count,
        written: count,
        dropped: count,
        reasons: mapOf(count),
        "remarks?": mapOf(count),
      }),
    ),
  }),
};

const MESSAGES: { readonly [name: string]: Schema } = {
  hello: {
    type: "object",
    required: ["type", "version"],
    properties: {
      type: { const: "hello" },
      version: { type: "integer", minimum: 1, maximum: STREAM_VERSION },
      producer: text,
    },
  },
  flush: {
    type: "object",
    required: ["type", "id"],
    properties: { type: { const: "flush" }, id: reference("integer") },
  },
  ack: { type: "object", required: ["type"], properties: { type: { const: "ack" } } },
};

/** The head of a `steps` message, which a line of NDJSON cannot be. */
const STEPS_HEAD: Schema = record("steps", {
  records: count,
  shape: listOf({ type: "integer", minimum: 1 }, 4),
  "envs?": listOf(count),
  "time?": { type: "number" },
  "starts?": objectOf({
    "t?": listOf(count),
    "env?": listOf(count),
    "task?": listOf(count),
    "pair?": listOf(reference("integer")),
    "mode?": listOf({ enum: MODES }),
    "key?": listOf(orNull(text)),
    "meta?": listOf(plain),
  }),
  "tasks?": listOf(text),
  "operation_names?": { anyOf: [listOf(text), mapOf(text)] },
  raw: count,
  arrays: {
    type: "object",
    propertyNames: {
      anyOf: [
        { enum: COLUMN_NAMES.filter((name) => namedColumn(name) === null) },
        { pattern: "^(metrics|info)\\.(?!(__proto__|constructor|prototype)$)" },
      ],
    },
    additionalProperties: {
      type: "array",
      items: [{ enum: DTYPES }, listOf(count), { type: "integer", minimum: 0, multipleOf: 8 }],
      minItems: 3,
      maxItems: 3,
    },
  },
});

/**
 * JSON Schema (draft 7) of what a producer sends, as NDJSON. It says all that `parseMessage` asks for but three things that
 * a schema cannot: how many cells a grid of its shape has, that the lines of a grid of text are equally long, and that a histogram
 * has one edge more than counts. `info`, `state` and `meta` may be anything: what is wrong in them costs a value, never the record. `definitions.steps` is the head of the message that
 * only MessagePack has.
 *
 * `docs/record-stream.schema.json` is this, for other languages.
 */
export const RECORD_STREAM_SCHEMA: Schema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: `Episcope record stream, version ${STREAM_VERSION}: one message of a producer`,
  oneOf: [...Object.keys(RECORDS), ...Object.keys(MESSAGES)].map(reference),
  definitions: {
    ...RECORDS,
    ...MESSAGES,
    steps: STEPS_HEAD,
    number: { anyOf: [{ type: ["number", "boolean"] }, { enum: [...NUMBER_WORDS.keys()] }] },
    boolean: { anyOf: [{ type: "boolean" }, { enum: [0, 1] }] },
    integer: {
      anyOf: [
        { type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
        { type: "boolean" },
      ],
    },
    count: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    key: { not: { enum: [...REFUSED_KEYS] } },
    plain: {},
    grid: {
      anyOf: [
        objectOf({
          shape: listOf({ type: "integer", minimum: 1, maximum: MAX_SIDE }, 2),
          data: {
            type: "array",
            items: { anyOf: [{ type: "integer", minimum: 0, maximum: MAX_VALUE }, { type: "boolean" }] },
            minItems: 1,
            maxItems: MAX_SIDE ** 2,
          },
          "mask?": orNull({ ...bytes, minItems: 1, maxItems: MAX_SIDE ** 2 }),
        }),
        {
          type: "array",
          items: { type: "string", pattern: `^[0-9a-f.]{1,${MAX_SIDE}}$` },
          minItems: 1,
          maxItems: MAX_SIDE,
        },
      ],
    },
    action: objectOf({
      operation: reference("integer"),
      "name?": text,
      "selection?": {
        anyOf: [
          { type: "null" },
          objectOf({ kind: { const: "mask" }, mask: bytes }),
          objectOf({ kind: { const: "point" }, point: listOf(corner, 2) }),
          objectOf({ kind: { const: "bbox" }, bbox: listOf(corner, 4) }),
        ],
      },
    }),
  },
};
