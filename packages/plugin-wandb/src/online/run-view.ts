import type { LoggedMetric, LoggedRecord, LoggedRun } from "../format/decode-records.js";
import { parseExtended, stringifyExtended } from "../format/extended-json.js";
import { JsonTree } from "./json-tree.js";

/** What a log says of a run so far, but for its rows: name, config, summary, axes, machine, exit code. */
export class RunView {
  readonly #config = new JsonTree();
  readonly #summary = new JsonTree();
  readonly #metrics: LoggedMetric[] = [];
  #telemetry: { readonly [field: string]: unknown } = {};
  #environment: { readonly [field: string]: unknown } | null = null;
  #run: LoggedRun | null = null;
  #exitCode: number | null = null;
  #hasSummary = false;
  readonly #console: string[] = [];

  apply(record: LoggedRecord): void {
    switch (record.kind) {
      case "run":
        this.#run ??= record.run;
        for (const item of record.run.config) this.#config.set(item);
        return;
      case "config":
        for (const item of record.items) this.#config.set(item);
        return;
      case "summary":
        this.#hasSummary = true;
        for (const item of record.items) this.#summary.set(item);
        return;
      case "metric":
        if (!record.metric.isExpanded) this.#metrics.push(record.metric);
        return;
      case "telemetry":
        this.#telemetry = { ...this.#telemetry, ...record.value };
        return;
      case "environment":
        this.#environment = record.value;
        return;
      case "output":
        this.#console.push(record.text);
        return;
      case "exit":
        this.#exitCode = record.exitCode;
        return;
    }
  }

  /** Null before the log's head was read. */
  get run(): LoggedRun | null {
    return this.#run;
  }

  /** Null before the run's end, and for ever where its process was killed. */
  get exitCode(): number | null {
    return this.#exitCode;
  }

  /** What `wandb-metadata.json` holds; null where the log says nothing of the machine. */
  get environment(): { readonly [field: string]: unknown } | null {
    return this.#environment;
  }

  /** Where the log names a commit. */
  get git(): { readonly commit?: string; readonly remote?: string } | null {
    return (this.#environment?.["git"] as { commit?: string; remote?: string } | undefined) ?? null;
  }

  /** The whole summary as extended JSON; null before there is one. */
  summaryText(): string | null {
    return this.#hasSummary ? String(this.#summary) : null;
  }

  /** What was written to the console; empty where nothing was. At most as much as a run keeps of it. */
  consoleText(): string {
    return this.#console.join("");
  }

  /** The whole config as the server keeps it: each key's value one level down, and W&B's own part under `_wandb`. */
  configText(): string {
    const members = [...this.#config.entries()]
      .filter(([key]) => key !== OWN_KEY)
      .map(([key, value]) => `${JSON.stringify(key)}:{"value":${typeof value === "string" ? value : "{}"}}`);
    members.push(`"${OWN_KEY}":{"value":${stringifyExtended(this.#own())}}`);
    return `{${members.join(",")}}`;
  }

  /** The same as plain data. */
  configValue(): { readonly [key: string]: { readonly value: unknown } } {
    return parseExtended(this.configText()) as { [key: string]: { value: unknown } };
  }

  #own(): { [key: string]: unknown } {
    const own: { [key: string]: unknown } = { t: this.#telemetry, m: this.#definitions() };
    const codePath = this.#environment?.["codePath"];
    // The log's own item of it is for the official client, which makes the rest of this part as we do.
    if (codePath !== undefined) own["code_path"] = `code/${String(codePath)}`;
    const version = this.#telemetry["5"];
    if (version !== undefined) own["cli_version"] = version;
    if (this.#environment !== null) {
      own["e"] = { [String(this.#environment["writerId"] ?? "0")]: this.#environment };
    }
    return own;
  }

  /** As the official client writes them: by field numbers, and the axis as an index from 1 into the list. */
  #definitions(): object[] {
    const names = this.#metrics.map(({ name }) => name);
    return this.#metrics.map(({ name, glob, stepMetric, options }) => {
      const axis = stepMetric === null ? -1 : names.indexOf(stepMetric);
      return {
        ...(name === null ? { 2: glob } : { 1: name }),
        ...(axis < 0 ? {} : { 5: axis + 1 }),
        6: name === null ? options.filter((option) => option !== DEFINED) : options,
        7: [],
      };
    });
  }
}

/** Where the server keeps what is not the user's. */
const OWN_KEY = "_wandb";

/** The server's list says it of names only. */
const DEFINED = 3;
