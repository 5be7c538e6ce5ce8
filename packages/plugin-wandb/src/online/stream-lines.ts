import type { LoggedRecord } from "../format/decode-records.js";
import { stringifyExtended } from "../format/extended-json.js";
import type { WandbItem } from "../format/wandb-records.js";
import { JsonTree } from "./json-tree.js";

/** Above it the server refuses a line. */
const MAX_LINE_BYTES = 10_383_360;

/** One row of `wandb-history.jsonl`. Too wide a row keeps its place, with nothing but W&B's own columns. */
export function historyLine(items: readonly WandbItem[]): { readonly line: string; readonly isCut: boolean } {
  const line = objectOf(items);
  if (Buffer.byteLength(line) <= MAX_LINE_BYTES) return { line, isCut: false };
  return { line: objectOf(items.filter(({ key }) => String(key).startsWith("_"))), isCut: true };
}

/** One line of `wandb-events.jsonl`. */
export function eventLine(record: Extract<LoggedRecord, { kind: "stats" }>, startTime: number): string {
  return objectOf([
    { key: "_wandb", json: "true" },
    { key: "_timestamp", json: stringifyExtended(record.time) },
    {
      key: "_runtime",
      json: stringifyExtended(Math.max(0, Math.round((record.time - startTime) * 1e6) / 1e6)),
    },
    ...record.items.map(({ key, json }) => ({ key: `system.${String(key)}`, json })),
  ]);
}

/** One line of `output.log` in the stream: UTC to the microsecond, without a zone. */
export function outputLine({ time, isError, text }: Extract<LoggedRecord, { kind: "output" }>): string {
  const whole = Math.floor(time);
  const micros = Math.min(999_999, Math.round((time - whole) * 1e6));
  const stamp = `${new Date(whole * 1000).toISOString().slice(0, 19)}.${String(micros).padStart(6, "0")}`;
  return `${isError ? "ERROR " : ""}${stamp} ${text.replace(/\r?\n$/, "")}`;
}

function objectOf(items: readonly WandbItem[]): string {
  if (items.every(({ key }) => typeof key === "string")) {
    return `{${items.map(({ key, json }) => `${JSON.stringify(key)}:${json}`).join(",")}}`;
  }
  const tree = new JsonTree();
  for (const item of items) tree.set(item);
  return String(tree);
}
