import type { Grid } from "../record/grid.js";
import { escapePlain, numberWord } from "../record/plain.js";
import type { Action, PlainValue, StepInfo, StreamRecord } from "../record/record.js";

/** How bytes of grids and masks are written: NDJSON needs arrays, MessagePack takes them as they are. */
export type BytesForm = (bytes: Uint8Array) => unknown;

/** A record as plain data for the wire: what `parseRecord(…, {wire: true})` reads back. */
export function toWireForm(record: StreamRecord, bytes: BytesForm): Record<string, unknown> {
  switch (record.type) {
    case "run-start":
      return { ...record, time: num(record.time), meta: escapePlain(record.meta) };
    case "episode-start":
      return {
        ...record,
        time: num(record.time),
        initial: gridForm(record.initial, bytes),
        ...(record.input === undefined ? {} : { input: gridForm(record.input, bytes) }),
        target: record.target === null ? null : gridForm(record.target, bytes),
        meta: escapePlain(record.meta),
      };
    case "step":
      return {
        ...record,
        time: num(record.time),
        ...(record.before === undefined ? {} : { before: gridForm(record.before, bytes) }),
        action: actionForm(record.action, bytes),
        after: gridForm(record.after, bytes),
        reward: num(record.reward),
        info: infoForm(record.info),
        ...(record.state === undefined ? {} : { state: escapePlain(record.state) }),
      };
    case "episode-end":
      return { ...record, time: num(record.time), totals: escapePlain({ ...record.totals }) };
    case "metrics":
      return {
        ...record,
        time: num(record.time),
        step: num(record.step),
        values: escapePlain(record.values),
        ...(record.histograms === undefined
          ? {}
          : { histograms: escapePlain(record.histograms as unknown as PlainValue) }),
      };
    case "batch":
      return {
        ...record,
        time: num(record.time),
        step: num(record.step),
        arrays: escapePlain(record.arrays),
      };
    case "run-end":
      return { ...record, time: num(record.time) };
  }
}

function num(value: number): number | string {
  return numberWord(value) ?? value;
}

function infoForm(info: StepInfo): unknown {
  return escapePlain(info as { readonly [key: string]: PlainValue });
}

function gridForm(grid: Grid, bytes: BytesForm): Record<string, unknown> {
  return {
    shape: grid.shape,
    data: bytes(grid.data),
    ...(grid.mask === undefined ? {} : { mask: bytes(grid.mask) }),
  };
}

function actionForm(action: Action, bytes: BytesForm): Record<string, unknown> {
  const { selection } = action;
  if (selection?.kind !== "mask") return { ...action };
  return { ...action, selection: { kind: "mask", mask: bytes(selection.mask) } };
}
