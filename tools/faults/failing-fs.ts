import nodeFs from "node:fs";
import { type FaultyFs, faultyFs } from "@episcope/testing/faulty-fs";

const CHANGING = new Set([
  "closeSync",
  "copyFileSync",
  "fdatasyncSync",
  "fsyncSync",
  "ftruncateSync",
  "mkdirSync",
  "openSync",
  "renameSync",
  "rmSync",
  "unlinkSync",
  "writeFileSync",
  "writeSync",
]);

/** True of the calls that a full or broken disk can refuse. */
export function changesDisk(call: string): boolean {
  return CHANGING.has(call);
}

/** The real file system, whose synchronous calls do as a rule says. */
export function failingFs(): FaultyFs {
  return faultyFs(nodeFs);
}
