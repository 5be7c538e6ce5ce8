/** Keys of a row and their values as extended JSON. A Map, because keys come from producers. */
export type Fields = ReadonlyMap<string, string>;

export interface HistoryRow {
  /** W&B's `_step`. */
  readonly step: number;
  /** Unix seconds. */
  readonly time: number;
  readonly fields: Fields;
}

interface OpenRow {
  readonly step: number;
  /** Global step that it was opened at. */
  readonly position: number;
  readonly time: number;
  readonly fields: Map<string, string>;
}

/** Plain data, to be kept in a file. */
export interface HistoryRowsState {
  readonly open: {
    readonly step: number;
    readonly position: number;
    readonly time: number;
    readonly fields: [string, string][];
  } | null;
  readonly held: { readonly position: number; readonly fields: [string, string][] } | null;
  readonly position: number;
  readonly lastStep: number;
}

/**
 * Puts together what belongs to one global step, and numbers the rows.
 *
 * 1. `_step` is the global step of the newest step seen, and grows from row to row. Where one step needs a second
 *    row, that row takes the next number, and the numbers meet again at the next gap that `log_frequency` leaves.
 * 2. A row is given out when a newer step begins, when a key would be written twice with different values, or at
 *    `close`; so at most one row is held in memory.
 * 3. Nothing that was added is ever left out or overwritten.
 */
export class HistoryRows {
  readonly #emit: (row: HistoryRow) => void;
  #open: OpenRow | null = null;
  #held: { readonly position: number; readonly fields: Fields } | null = null;
  #position = 0;
  #lastStep = -1;

  constructor(emit: (row: HistoryRow) => void) {
    this.#emit = emit;
  }

  /** What it holds, as plain data. */
  state(): HistoryRowsState {
    const plain = (fields: Fields): [string, string][] => [...fields];
    return {
      open: this.#open === null ? null : { ...this.#open, fields: plain(this.#open.fields) },
      held: this.#held === null ? null : { ...this.#held, fields: plain(this.#held.fields) },
      position: this.#position,
      lastStep: this.#lastStep,
    };
  }

  /** Goes on where a state was taken. */
  restore({ open, held, position, lastStep }: HistoryRowsState): void {
    this.#open = open === null ? null : { ...open, fields: new Map(open.fields) };
    this.#held = held === null ? null : { ...held, fields: new Map(held.fields) };
    this.#position = position;
    this.#lastStep = lastStep;
  }

  /** The row that is being put together; null where there is none. */
  get open(): HistoryRow | null {
    return this.#open;
  }

  /** Global step of the newest step seen. */
  get position(): number {
    return this.#position;
  }

  /**
   * Notes the fields of a step that needs no row of its own. They are used if something else is added for the same
   * step (it turns out to be an episode's last), and forgotten when the next step comes.
   */
  hold(globalStep: number, fields: Fields): void {
    this.#moveTo(globalStep);
    if (globalStep === this.#position) this.#held = { position: globalStep, fields };
  }

  /** Adds fields to the row of the current step, or to a new row where they contradict it. */
  add(globalStep: number, time: number, fields: Fields): void {
    this.#moveTo(globalStep);
    if (this.#open !== null && contradicts(this.#open.fields, fields)) this.close();
    const row = this.#open ?? this.#openRow(globalStep, time);
    for (const [key, json] of fields) row.fields.set(key, json);
  }

  /** Gives out the open row, if there is one. */
  close(): void {
    const row = this.#open;
    if (row === null) return;
    this.#open = null;
    this.#emit(row);
  }

  #moveTo(globalStep: number): void {
    if (globalStep <= this.#position) return;
    this.#position = globalStep;
    this.#held = null;
    // What was added before the first step belongs to it.
    if (this.#open !== null && this.#open.position < globalStep) this.close();
  }

  #openRow(globalStep: number, time: number): OpenRow {
    const step = Math.max(this.#position, this.#lastStep + 1);
    this.#lastStep = step;
    const held = this.#held?.position === globalStep ? this.#held.fields : [];
    this.#held = null;
    this.#open = { step, position: this.#position, time, fields: new Map(held) };
    return this.#open;
  }
}

function contradicts(row: Fields, fields: Fields): boolean {
  for (const [key, json] of fields) {
    const present = row.get(key);
    if (present !== undefined && present !== json) return true;
  }
  return false;
}
