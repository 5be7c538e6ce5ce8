import type { Grid } from "../record/grid.js";
import { escapePlain, numberWord } from "../record/plain.js";
import type { Action, PlainValue, StepInfo, StreamRecord } from "../record/record.js";

/** How a wire writes what has several forms. */
export interface WireForms {
  /** Bytes of grids and masks: NDJSON needs lists, MessagePack takes them as they are. */
  bytes(bytes: Uint8Array): unknown;
  /** Another form for a grid; null = this one has none. */
  grid?(grid: Grid): unknown;
}

/** A record as plain data for the wire: what `parseRecord(…, {wire: true})` reads back. */
export function toWireForm(record: StreamRecord, forms: WireForms): Record<string, unknown> {
  switch (record.type) {
    case "run-start":
      return { ...record, time: num(record.time), meta: escapePlain(record.meta) };
    case "episode-start":
      return {
        ...record,
        time: num(record.time),
        initial: gridForm(record.initial, forms),
        ...(record.input === undefined ? {} : { input: gridForm(record.input, forms) }),
        target: record.target === null ? null : gridForm(record.target, forms),
        meta: escapePlain(record.meta),
      };
    case "step":
      return {
        ...record,
        time: num(record.time),
        ...(record.before === undefined ? {} : { before: gridForm(record.before, forms) }),
        action: actionForm(record.action, forms),
        after: gridForm(record.after, forms),
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

function gridForm(grid: Grid, forms: WireForms): unknown {
  return (
    forms.grid?.(grid) ?? {
      shape: grid.shape,
      data: forms.bytes(grid.data),
      ...(grid.mask === undefined ? {} : { mask: forms.bytes(grid.mask) }),
    }
  );
}

function actionForm(action: Action, forms: WireForms): Record<string, unknown> {
  const { selection } = action;
  if (selection?.kind !== "mask") return { ...action };
  return { ...action, selection: { kind: "mask", mask: forms.bytes(selection.mask) } };
}
