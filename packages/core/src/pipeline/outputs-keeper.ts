import type { EpisodeManager } from "@episcope/records/store";
import { toStorageError } from "@episcope/records/store";
import type { AsyncLogger, OutputProgress } from "../output/async-logger.js";
import type { OutputLog } from "../output/output-log.js";
import { OUTPUTS_FILE, outputsJson } from "../output/outputs-file.js";

/** Between two times that is kept how far the outputs have come. */
const SAVE_MS = 2_000;

export interface OutputsKeeperOptions {
  readonly manager: EpisodeManager;
  readonly asyncLogger: AsyncLogger;
  readonly log: Pick<OutputLog, "dir" | "write" | "forget" | "close">;
  /** Config keys of the nodes whose plugins tap `outgoing`. */
  readonly filters: readonly string[];
  /** Outputs of the run that are not open: they stay as they were. */
  readonly others?: ReadonlyMap<string, OutputProgress>;
  report(error: unknown, key: string): void;
}

/** Keeps in `outputs.json` how far the outputs of a run have come, and in the log what they may still have to read. */
export class OutputsKeeper {
  readonly #options: OutputsKeeperOptions;
  readonly #timer: NodeJS.Timeout;
  #saving: Promise<void> | null = null;
  #savedHead = -1;

  constructor(options: OutputsKeeperOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#saveOnce(), SAVE_MS).unref();
    this.#keep();
    // At once: what an output has opened by now, it finds again, however soon the process is killed.
    this.#saveOnce();
  }

  /** Hands what late outputs may have to read to the system. */
  write(): void {
    this.#options.log.write();
  }

  /** After the outputs are closed: what is left of the log is what somebody has still to read. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saving;
    const { log, asyncLogger, others } = this.#options;
    const isAwaited = [...(others?.values() ?? [])].some(({ waiting }) => waiting > 0);
    log.close(asyncLogger.waiting > 0 || isAwaited);
    this.#keep();
  }

  #saveOnce(): void {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = null;
    });
  }

  async #save(): Promise<void> {
    const { asyncLogger, log } = this.#options;
    const { head } = asyncLogger;
    const isIdle = head === this.#savedHead && asyncLogger.lanes.every((lane) => lane.pending === 0);
    if (isIdle) return;
    log.write();
    await asyncLogger.save();
    this.#savedHead = head;
    this.#keep();
    log.forget(asyncLogger.needed);
  }

  #keep(): void {
    const { manager, asyncLogger, log, filters, others = [], report } = this.#options;
    try {
      const saved = { log: log.dir, filters, outputs: new Map([...others, ...asyncLogger.progress()]) };
      manager.writeRunFile(OUTPUTS_FILE, outputsJson(manager.runDir, saved));
    } catch (error) {
      report(toStorageError(error, manager.runDir), "outputs");
    }
  }
}
