import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ATTACK_ROWS } from "./families/attacks.js";
import { CONFIG_ATTACK_ROWS } from "./families/attacks-config.js";
import { CONCURRENCY_ROWS } from "./families/concurrency.js";
import { DISK_ROWS } from "./families/disk.js";
import { INPUT_ROWS } from "./families/input.js";
import { PROCESS_ROWS } from "./families/process.js";
import { QUEUE_ROWS } from "./families/queue.js";
import { TRACKER_ROWS } from "./families/tracker.js";
import { type Figure, holds, type Outcome, type Row } from "./row.js";

const ROWS: readonly Row[] = [
  ...PROCESS_ROWS,
  ...DISK_ROWS,
  ...QUEUE_ROWS,
  ...INPUT_ROWS,
  ...CONCURRENCY_ROWS,
  ...ATTACK_ROWS,
  ...CONFIG_ATTACK_ROWS,
  ...TRACKER_ROWS,
];

/** Runs the rows that the words name, or all; gives the exit status. */
export async function runMatrix(
  words: readonly string[],
  place: { readonly childDirectory: string; readonly root: string },
): Promise<number> {
  const short = words.includes("--short");
  const wanted = words.filter((word) => word !== "--short");
  const unknown = wanted.filter((word) => !ROWS.some(({ id }) => id === word));
  if (unknown.length > 0) {
    const ids = ROWS.map(({ id }) => id).join(", ");
    process.stderr.write(`no row named ${unknown.join(", ")}; there are ${ids}, and the flag --short\n`);
    return 2;
  }
  const counts = { ok: 0, failed: 0, notRun: 0, notBuilt: 0 };
  for (const row of ROWS) {
    if (wanted.length > 0 && !wanted.includes(row.id)) continue;
    const started = performance.now();
    const outcome = await runRow(row, short, place);
    const seconds = (performance.now() - started) / 1000;
    counts[report(row, outcome, seconds)] += 1;
  }
  const { ok, failed, notRun, notBuilt } = counts;
  process.stdout.write(
    `\nfault rows: ${ok} ok, ${failed} failed, ${notRun} not run here, ${notBuilt} not built yet\n`,
  );
  return failed > 0 ? 1 : 0;
}

async function runRow(
  row: Row,
  short: boolean,
  { childDirectory, root }: { readonly childDirectory: string; readonly root: string },
): Promise<Outcome | { readonly error: unknown }> {
  const made: string[] = [];
  try {
    return await row.run({
      short,
      root,
      scratch() {
        const dir = mkdtempSync(join(tmpdir(), "episcope-fault-"));
        made.push(dir);
        return dir;
      },
      child: (name) => join(childDirectory, `${name}.mjs`),
    });
  } catch (error) {
    return { error };
  } finally {
    for (const dir of made) rmSync(dir, { recursive: true, force: true });
  }
}

function report(
  row: Row,
  outcome: Outcome | { readonly error: unknown },
  seconds: number,
): "ok" | "failed" | "notRun" | "notBuilt" {
  const name = `${row.id.padEnd(4)}${row.fault}`;
  if ("error" in outcome) {
    const { error } = outcome;
    line("FAIL", `${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return "failed";
  }
  if ("notBuilt" in outcome) {
    line("--", `${name}: not built yet: ${outcome.notBuilt}`);
    return "notBuilt";
  }
  if ("notRun" in outcome) {
    line("--", `${name}: not run here: ${outcome.notRun}`);
    return "notRun";
  }
  let good = true;
  for (const figure of outcome.figures) {
    const fine = holds(figure);
    good &&= fine;
    line(fine ? "ok" : "FAIL", `${name}: ${describe(figure)}`);
  }
  if (outcome.note !== undefined) line("", `    ${outcome.note}`);
  line("", `    ${row.id} took ${seconds.toFixed(1)} s`);
  return good ? "ok" : "failed";
}

function describe({ what, value, limit, unit, holds: side = "at most" }: Figure): string {
  const shown = (number: number) =>
    `${Number.isInteger(number) ? number.toLocaleString("en") : number.toPrecision(3)}${unit === undefined ? "" : ` ${unit}`}`;
  const sign = side === "at most" ? "<=" : side === "at least" ? ">=" : "=";
  return `${what}: ${shown(value)} (limit ${sign} ${shown(limit)})`;
}

function line(verdict: string, text: string): void {
  process.stdout.write(`${verdict.padEnd(5)}${text}\n`);
}
