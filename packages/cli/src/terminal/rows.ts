import type { PlainValue } from "@episcope/records";
import { flagInvalid } from "./errors.js";
import type { ProgramIo } from "./io.js";
import { fittedTable } from "./table.js";

/** Rows with a value for each column, as a verb gathered them. */
export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (PlainValue | undefined)[])[];
}

/** Prints rows as a table, cut to the width of a terminal. */
export async function printRows({ columns, rows }: Rows, io: ProgramIo): Promise<void> {
  const cells = rows.map((row) => row.map(cellText));
  await io.out(fittedTable(columns, cells, io.stdoutIsTerminal ? io.columns : Number.POSITIVE_INFINITY));
}

/** One JSON object per row and line; unknown values are null. */
export async function printJson({ columns, rows }: Rows, io: ProgramIo): Promise<void> {
  for (const row of rows) {
    const object: Record<string, unknown> = {};
    for (const [at, column] of columns.entries()) object[column] = jsonValue(row[at]);
    await io.out(`${JSON.stringify(object)}\n`);
  }
}

/** Sorts by a column: numbers and texts of numbers by size, other texts by letters, unknown values last. */
export function sortRows({ columns, rows }: Rows, column: string, reverse: boolean): Rows {
  const at = columns.indexOf(column);
  if (at < 0) throw flagInvalid("--sort", column, "a column of the table", columns);
  const sorted = [...rows].sort((a, b) => order(a[at], b[at], reverse));
  return { columns, rows: sorted };
}

function order(a: PlainValue | undefined, b: PlainValue | undefined, reverse: boolean): number {
  const [isKnownA, isKnownB] = [isKnown(a), isKnown(b)];
  if (!isKnownA || !isKnownB) return Number(isKnownB) - Number(isKnownA);
  const sign = reverse ? -1 : 1;
  const [numberA, numberB] = [Number(a), Number(b)];
  if (!Number.isNaN(numberA) && !Number.isNaN(numberB)) return sign * (numberA - numberB);
  const [textA, textB] = [cellText(a), cellText(b)];
  return sign * (textA < textB ? -1 : textA > textB ? 1 : 0);
}

function isKnown(value: PlainValue | undefined): boolean {
  return value !== undefined && value !== null && !Number.isNaN(value);
}

function jsonValue(value: PlainValue | undefined): unknown {
  if (value === undefined || Number.isNaN(value)) return null;
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function cellText(value: PlainValue | undefined): string {
  if (!isKnown(value)) return "";
  if (typeof value === "number")
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  return typeof value === "string" ? value : JSON.stringify(value);
}
