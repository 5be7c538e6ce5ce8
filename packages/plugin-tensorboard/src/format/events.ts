import type { Histogram } from "@episcope/records";
import { bytesField, doubleField, floatField, messageField, packedDoubles, varintField } from "./protobuf.js";

/**
 * Messages of an event file. Field numbers are facts of TensorBoard's public definitions (`event.proto`, `summary.proto`, and
 * `plugin_data.proto` of its hparams plugin).
 */

/** When and where an event is drawn. */
export interface EventPlace {
  /** Unix seconds. */
  readonly time: number;
  readonly step: number;
}

/** One value of an event, written. */
export type SummaryValue = Uint8Array;

/** The first event of every file. */
export function versionEvent(time: number): Uint8Array {
  return Buffer.concat([doubleField(1, time), bytesField(3, "brain.Event:2")]);
}

export function summaryEvent({ time, step }: EventPlace, values: readonly SummaryValue[]): Uint8Array {
  const summary = values.map((value) => bytesField(1, value));
  return Buffer.concat([
    doubleField(1, time),
    varintField(2, Math.max(0, Math.floor(step))),
    messageField(5, ...summary),
  ]);
}

export function scalarValue(tag: string, value: number): SummaryValue {
  return Buffer.concat([bytesField(1, tag), floatField(2, value)]);
}

/** `png`: the file as it is. */
export function imageValue(
  tag: string,
  png: Uint8Array,
  [width, height]: readonly [number, number],
): SummaryValue {
  const RGBA = 4;
  const image = [varintField(1, height), varintField(2, width), varintField(3, RGBA), bytesField(4, png)];
  return Buffer.concat([bytesField(1, tag), messageField(4, ...image)]);
}

/** Sum and squares are those of the bins' middles: the numbers themselves are not known. */
export function histogramValue(tag: string, { values, bins }: Histogram): SummaryValue {
  const middles = values.map((_, index) => (bins[index]! + bins[index + 1]!) / 2);
  const total = (power: number): number =>
    values.reduce((sum, count, index) => sum + count * middles[index]! ** power, 0);
  const histogram = [
    ...[doubleField(1, bins[0]!), doubleField(2, bins.at(-1)!)],
    ...[doubleField(3, total(0)), doubleField(4, total(1)), doubleField(5, total(2))],
    ...[packedDoubles(6, bins.slice(1)), packedDoubles(7, values)],
  ];
  return Buffer.concat([bytesField(1, tag), messageField(5, ...histogram)]);
}

/** Shown as Markdown. */
export function textValue(tag: string, text: string): SummaryValue {
  const STRING = 7;
  const shape = messageField(2, messageField(2, varintField(1, 1)));
  const tensor = messageField(8, varintField(1, STRING), shape, bytesField(8, text));
  return Buffer.concat([bytesField(1, tag), metadata("text"), tensor]);
}

export type Hyperparameter = number | string | boolean;

/** The row of a run in the table of hyper-parameters. */
export function hparamsStartValue(
  parameters: ReadonlyMap<string, Hyperparameter>,
  { name, startTime }: { readonly name: string; readonly startTime: number },
): SummaryValue {
  const entries = [...parameters].map(([key, value]) =>
    messageField(1, bytesField(1, key), messageField(2, protobufValue(value))),
  );
  const start = messageField(3, ...entries, bytesField(4, name), doubleField(5, startTime));
  return Buffer.concat([bytesField(1, "_hparams_/session_start_info"), metadata("hparams", start)]);
}

export function hparamsEndValue(succeeded: boolean, time: number): SummaryValue {
  const end = messageField(4, varintField(1, succeeded ? 1 : 2), doubleField(2, time));
  return Buffer.concat([bytesField(1, "_hparams_/session_end_info"), metadata("hparams", end)]);
}

/** What the table's columns are. */
export function hparamsExperimentValue(
  parameters: ReadonlyMap<string, Hyperparameter>,
  metrics: readonly string[],
  time: number,
): SummaryValue {
  const TYPES = { string: 1, boolean: 2, number: 3 } as const;
  const columns = [...parameters].map(([key, value]) =>
    messageField(4, bytesField(1, key), varintField(4, TYPES[typeof value as keyof typeof TYPES])),
  );
  const shown = metrics.map((tag) => messageField(5, messageField(1, bytesField(2, tag))));
  const experiment = messageField(2, doubleField(3, time), ...columns, ...shown);
  return Buffer.concat([bytesField(1, "_hparams_/experiment"), metadata("hparams", experiment)]);
}

function metadata(plugin: string, content?: Uint8Array): Uint8Array {
  const fields = [bytesField(1, plugin), ...(content === undefined ? [] : [bytesField(2, content)])];
  return messageField(9, messageField(1, ...fields));
}

/** `google.protobuf.Value`. */
function protobufValue(value: Hyperparameter): Uint8Array {
  if (typeof value === "number") return doubleField(2, value);
  return typeof value === "string" ? bytesField(3, value) : varintField(4, value ? 1 : 0);
}
