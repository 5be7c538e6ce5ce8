import type { EpisodeManager } from "@episcope/records/store";
import { toStorageError } from "@episcope/records/store";
import type { AsyncLogger, OutputProgress } from "../output/async-logger.js";
import { OUTPUTS_FILE, outputsJson } from "../output/outputs-file.js";

/** Between two times that is kept how far the outputs have come. */
const SAVE_MS = 2_000;

export interface OutputsKeeperOptions {
  readonly manager: EpisodeManager;
  readonly asyncLogger: AsyncLogger;
  /** Hands to the system what outputs may have got already. */
  beforeSave?(): void;
  /** Told of the position below which no output needs anything more. */
  onPassed?(position: number): void;
  /** Config keys of the nodes whose plugins tap `outgoing`. */
  readonly filters: readonly string[];
  /** Outputs of the run that are not open: they stay as they were. */
  readonly others?: ReadonlyMap<string, OutputProgress>;
  report(error: unknown, key: string): void;
}

/** Keeps in `outputs.json` how far the outputs of a run have come. */
export class OutputsKeeper {
  readonly #options: OutputsKeeperOptions;
  readonly #timer: NodeJS.Timeout;
  #saving: Promise<void> | null = null;
  #savedHead = -1;

  constructor(options: OutputsKeeperOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#saveOnce(), SAVE_MS).unref();
    options.manager.onMove(() => this.#keep());
    this.#keep();
    // At once: what an output has opened by now, it finds again, however soon the process is killed.
    this.#saveOnce();
  }

  /** Whether some output may still get something, in another run of it. */
  get isAwaited(): boolean {
    const { asyncLogger, others = [] } = this.#options;
    return asyncLogger.waiting > 0 || [...others].some(([, { waiting }]) => waiting > 0);
  }

  /** After the outputs are closed. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saving;
    this.#keep();
  }

  #saveOnce(): void {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = null;
    });
  }

  async #save(): Promise<void> {
    const { asyncLogger, beforeSave, onPassed } = this.#options;
    const { head } = asyncLogger;
    const isIdle = head === this.#savedHead && asyncLogger.lanes.every((lane) => lane.pending === 0);
    if (isIdle) return;
    beforeSave?.();
    await asyncLogger.save();
    this.#savedHead = head;
    this.#keep();
    onPassed?.(asyncLogger.needed);
  }

  #keep(): void {
    const { manager, asyncLogger, filters, others = [], report } = this.#options;
    try {
      const outputs = new Map([...others, ...asyncLogger.progress()]);
      manager.writeRunFile(OUTPUTS_FILE, outputsJson({ outputs, filters }));
    } catch (error) {
      report(toStorageError(error, manager.runDir), "outputs");
    }
  }
}
