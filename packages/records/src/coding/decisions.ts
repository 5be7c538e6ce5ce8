import type { RecordType } from "../record/record.js";
import type { KeyStepReason } from "../view/view.js";
import type { ByteReader } from "./byte-reader.js";
import type { ByteWriter } from "./byte-writer.js";
import { contentInvalid } from "./errors.js";
import { reasonBits, reasonsOf } from "./key-reasons.js";
import { DECISION } from "./layout.js";

/** What was decided about a record when it arrived: it stands beside the record, and no reader decides it again. */
export interface Decisions {
  /** Steps of the run before this one, whatever their episodes; of other records the last step's, null before the first. */
  readonly global_step: number | null;
  /** As the producer gave it; default 0. */
  readonly priority: number;
  /** Why the step is a key step; empty for ordinary steps and other records. */
  readonly key: readonly KeyStepReason[];
  /**
   * Of a step: whether its picture is drawn. Of an `episode-end`: whether the picture of the last step, which had been an
   * ordinary one until then, is drawn at this place. Null: was not decided, the run's config says it.
   */
  readonly draw: boolean | null;
}

/** Numbers of records by their type; a type that is left out has none. */
export type RecordCounts = { readonly [Type in RecordType]?: number };

/** In the order of their numbers in a file, from 1. */
export const RECORD_TYPES: readonly RecordType[] = [
  "run-start",
  "episode-start",
  "step",
  "episode-end",
  "metrics",
  "batch",
  "run-end",
];

export const NOTHING_DECIDED: Decisions = { global_step: null, priority: 0, key: [], draw: null };

/** `lost` are records that were lost between the one before and this one. */
export function writeDecisions(
  out: ByteWriter,
  position: number,
  { global_step, priority, key, draw }: Decisions,
  lost: RecordCounts | null,
): void {
  out.u8(
    (key.length > 0 ? DECISION.key : 0) |
      (priority !== 0 ? DECISION.priority : 0) |
      (draw === true ? DECISION.draw : draw === false ? DECISION.noDraw : 0) |
      (global_step === null ? DECISION.noGlobalStep : 0) |
      (lost === null ? 0 : DECISION.lost),
  );
  if (global_step !== null) out.zigzag(position - global_step);
  if (key.length > 0) out.varint(reasonBits(key));
  if (priority !== 0) out.f64(priority);
  if (lost !== null) writeCounts(out, lost);
}

export function readDecisions(
  input: ByteReader,
  position: number,
): { readonly decisions: Decisions; readonly lost: RecordCounts | null } {
  const flags = input.u8();
  const global_step = flags & DECISION.noGlobalStep ? null : position - input.zigzag();
  const key = flags & DECISION.key ? reasonsOf(input.varint()) : NOTHING_DECIDED.key;
  const priority = flags & DECISION.priority ? input.f64() : 0;
  const draw = flags & DECISION.draw ? true : flags & DECISION.noDraw ? false : null;
  const lost = flags & DECISION.lost ? readCounts(input) : null;
  return { decisions: { global_step, priority, key, draw }, lost };
}

export function writeCounts(out: ByteWriter, counts: RecordCounts): void {
  for (const type of RECORD_TYPES) out.varint(counts[type] ?? 0);
}

export function readCounts(input: ByteReader): RecordCounts {
  const counts: { [Type in RecordType]?: number } = {};
  for (const type of RECORD_TYPES) {
    const count = input.varint();
    if (count > 0) counts[type] = count;
  }
  return counts;
}

/** Adds `more` to a copy of `counts`. */
export function addCounts(counts: RecordCounts, more: RecordCounts): RecordCounts {
  const sum: { [Type in RecordType]?: number } = { ...counts };
  for (const type of RECORD_TYPES) {
    const count = (counts[type] ?? 0) + (more[type] ?? 0);
    if (count > 0) sum[type] = count;
  }
  return sum;
}

/** The type of a record by the first byte of its body. Throws JOURNAL_CONTENT_INVALID. */
export function recordTypeOf(lead: number): RecordType {
  const type = RECORD_TYPES[(lead & 0x7f) - 1];
  if (type === undefined) throw contentInvalid(`there is no record type ${lead & 0x7f}`);
  return type;
}
