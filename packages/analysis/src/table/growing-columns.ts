import type { StepColumn, StepTable } from "./step-table.js";

type Columns = Pick<StepTable, StepColumn>;
/** One step, a number per column. */
export type StepCells = { readonly [Name in StepColumn]: number };

const FIRST_ROWS = 1024;

/** The columns of a table that is being made: each doubles when it is full. */
export class GrowingColumns {
  #columns: Columns = columnsOf(FIRST_ROWS);
  #capacity = FIRST_ROWS;
  #rows = 0;

  get rows(): number {
    return this.#rows;
  }

  push(cells: StepCells): void {
    if (this.#rows === this.#capacity) this.#grow();
    const at = this.#rows++;
    const columns = this.#columns;
    columns.step[at] = cells.step;
    columns.operation[at] = cells.operation;
    columns.reward[at] = cells.reward;
    columns.similarity[at] = cells.similarity;
    columns.changed[at] = cells.changed;
    columns.wrong[at] = cells.wrong;
    columns.selected[at] = cells.selected;
    columns.state[at] = cells.state;
    columns.flags[at] = cells.flags;
  }

  /** The columns at their true length. */
  finish(): Columns & { readonly rows: number } {
    return { ...resized(this.#columns, this.#rows), rows: this.#rows };
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#columns = resized(this.#columns, this.#capacity);
  }
}

function columnsOf(rows: number): Columns {
  return {
    step: new Uint32Array(rows),
    operation: new Uint16Array(rows),
    reward: new Float64Array(rows),
    similarity: new Float64Array(rows),
    changed: new Uint16Array(rows),
    wrong: new Uint16Array(rows),
    selected: new Uint16Array(rows),
    state: new Uint32Array(rows),
    flags: new Uint8Array(rows),
  };
}

function resized(old: Columns, rows: number): Columns {
  const columns = columnsOf(rows);
  for (const name of Object.keys(columns) as StepColumn[]) {
    columns[name].set(old[name].length > rows ? old[name].subarray(0, rows) : old[name]);
  }
  return columns;
}
