import type { SweepJob, SweepPlan } from "../sweep/plan-sweep.js";
import { describeFailure } from "./describe-error.js";
import type { ApplicationIo } from "./io.js";
import type { JobReturn } from "./job.js";

/** What the user of a sweep sees beside the log: failures as they happen, a line of progress, a table at the end. */
export class SweepReport {
  readonly #io: ApplicationIo;
  #total = 0;
  #running = 0;
  readonly #ended: JobReturn[] = [];

  constructor(io: ApplicationIo) {
    this.#io = io;
  }

  planned(plan: SweepPlan): void {
    this.#total = plan.batches.reduce((sum, { jobs }) => sum + jobs.length, 0);
  }

  started(_job: SweepJob): void {
    this.#running++;
    this.#progress();
  }

  ended(job: JobReturn): void {
    this.#running--;
    this.#ended.push(job);
    if (job.status === "failed") {
      this.#clear();
      this.#io.err(describeFailure(job, this.#io));
    }
    this.#progress();
  }

  /** The table stands where somebody looks, and where there is something to tell. */
  done(): void {
    this.#clear();
    const failed = this.#ended.filter(({ status }) => status === "failed").length;
    if (failed === 0 && this.#ended.length === this.#total && !this.#io.errIsTerminal) return;
    this.#io.err(sweepTable(this.#ended, this.#total));
  }

  #progress(): void {
    if (!this.#io.errIsTerminal) return;
    const failed = this.#ended.filter(({ status }) => status === "failed").length;
    const parts = [`${this.#ended.length} of ${this.#total} jobs`, `${this.#running} running`];
    if (failed > 0) parts.push(`${failed} failed`);
    this.#io.err(`\r\x1b[K${parts.join(", ")}`);
  }

  #clear(): void {
    if (this.#io.errIsTerminal) this.#io.err("\r\x1b[K");
  }
}

const MOST_ROWS = 50;

/** A row for each job, the failed ones first where there are too many for a glance. */
export function sweepTable(jobs: readonly JobReturn[], total: number): string {
  const sorted = [...jobs].sort((a, b) => (a.number ?? 0) - (b.number ?? 0));
  const failed = sorted.filter(({ status }) => status === "failed");
  const shown = sorted.length > MOST_ROWS ? failed.slice(0, MOST_ROWS) : sorted;
  const rows = shown.map((job) => [
    `#${job.number ?? 0}`,
    job.status === "failed" ? "failed" : "done",
    `${(job.milliseconds / 1000).toFixed(1)} s`,
    job.overrides.join(" "),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column < 3 ? cell.padEnd(widths[column]!) : cell))
      .join("  ")
      .trimEnd(),
  );
  const missing = total - jobs.length;
  const counts = [
    `${jobs.length - failed.length} done`,
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    ...(missing > 0 ? [`${missing} not finished`] : []),
  ];
  return `${[...lines, `${total} jobs: ${counts.join(", ")}`].join("\n")}\n`;
}
