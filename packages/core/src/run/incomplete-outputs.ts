import type { Accounting } from "@episcope/records";

/** What the config asked for: it is counted, and nothing is missing. */
const AS_ASKED: ReadonlySet<string> = new Set([
  "overflow",
  "sampled",
  "limit",
  "cleanup",
  "redaction",
  "given_up",
]);

/** An output, or the journal, that has not everything it accepted. */
export interface IncompleteOutput {
  /** Config key of its node; "journal". */
  readonly key: string;
  /** Entries that it may still get: `episcope resume RUN`. While the run is open also those that are on their way. */
  readonly waiting: number;
  /** Entries that were given up, by reason. */
  readonly lost: { readonly [reason: string]: number };
}

/** The outputs that are incomplete; what an overflow policy, a limit or a cleanup took on purpose is not missing. */
export function incompleteOutputs(accounting: { readonly [key: string]: Accounting }): IncompleteOutput[] {
  return Object.entries(accounting).flatMap(([key, { accepted, written, dropped, reasons }]) => {
    const waiting = accepted - written - dropped;
    const lost = Object.entries(reasons).filter(([reason]) => !AS_ASKED.has(reason));
    if (waiting === 0 && lost.length === 0) return [];
    return [{ key, waiting, lost: Object.fromEntries(lost) }];
  });
}

/** One line for each of them. */
export function incompleteLine({ key, waiting, lost }: IncompleteOutput, runDir: string): string {
  const parts = Object.entries(lost).map(([reason, count]) => `${count} given up (${reason})`);
  if (waiting === 0) return `${key} is incomplete: ${parts.join(", ")}.`;
  const waits = `${waiting} still to come`;
  return `${key} is incomplete: ${[waits, ...parts].join(", ")}. 'episcope resume ${runDir}' goes on with it.`;
}
