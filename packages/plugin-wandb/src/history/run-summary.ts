import type { WandbItem } from "../format/wandb-records.js";
import type { Fields } from "./history-rows.js";

/** The last value of every key: nothing derives it from the rows later, so the log must hold it. */
export class RunSummary {
  readonly #values = new Map<string, string>();
  readonly #changed = new Set<string>();

  update(fields: Fields): void {
    for (const [key, json] of fields) {
      if (this.#values.get(key) === json) continue;
      this.#values.set(key, json);
      this.#changed.add(key);
    }
  }

  /** These stand in the log. */
  noteWritten(fields: Fields): void {
    for (const [key, json] of fields) {
      this.#values.set(key, json);
      this.#changed.delete(key);
    }
  }

  get changed(): boolean {
    return this.#changed.size > 0;
  }

  /** What changed since the last call. */
  takeChanges(): WandbItem[] {
    const items = [...this.#changed].map((key) => ({ key, json: this.#values.get(key)! }));
    this.#changed.clear();
    return items;
  }
}
