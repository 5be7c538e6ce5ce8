// Has Python write a stream with `steps` messages (numpy, msgpack), reads it with the built package, and compares the records with
// those that Python says it stands for.
//
//   node tools/interop/steps-python.mjs --python PATH
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";
import {
  ColumnRecords,
  ColumnStream,
  decodeMessagePack,
  decodeNdjson,
  MessageSplitter,
} from "@episcope/records";

const { values } = parseArgs({ options: { python: { type: "string" } } });
if (values.python === undefined) {
  process.stderr.write("usage: steps-python.mjs --python PATH\n");
  process.exit(2);
}
const here = dirname(fileURLToPath(import.meta.url));
const directory = fs.mkdtempSync(join(tmpdir(), "episcope-steps-"));
try {
  const { status, stderr } = spawnSync(values.python, [join(here, "steps_python.py"), directory], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  const made = recordsOf(fs.readFileSync(join(directory, "steps.msgpack")));
  const told = fs
    .readFileSync(join(directory, "steps.ndjson"), "utf8")
    .trimEnd()
    .split("\n")
    .map(decodeNdjson);
  const wrong = told.findIndex((record, at) => !isDeepStrictEqual(made[at], record));
  const ok = wrong < 0 && made.length === told.length;
  process.stdout.write(`${ok ? "ok" : "NOT OK"}  ${made.length} records of columns\n`);
  if (!ok) {
    process.stdout.write(
      `record ${wrong} of ${told.length} differs:\n${show(made[wrong])}\n${show(told[wrong])}\n`,
    );
    process.exitCode = 1;
  }
} finally {
  fs.rmSync(directory, { recursive: true });
}

function recordsOf(bytes) {
  const stream = new ColumnStream();
  const maker = new ColumnRecords();
  return new MessageSplitter().push(bytes).flatMap((body) => {
    const message = decodeMessagePack(body);
    if (message.type === "steps")
      return [...maker.records(stream.open(message.columns, { seq: message.seq, records: message.records }))];
    return "seq" in message ? [message] : [];
  });
}

function show(record) {
  return JSON.stringify(record, (_, value) => (value instanceof Uint8Array ? Array.from(value) : value));
}
