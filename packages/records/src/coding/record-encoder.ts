import { CellBuffer, type CellChanges } from "../record/cell-buffer.js";
import { countCells, type Grid } from "../record/grid.js";
import type { EpisodeStartRecord, Selection, StepRecord, StreamRecord } from "../record/record.js";
import { ByteWriter } from "./byte-writer.js";
import { writeGrid, writeMask } from "./grid-encoding.js";
import {
  BODY,
  MAX_SEGMENT_RECORDS,
  SEGMENT_BYTES,
  SEGMENT_RECORDS,
  SEGMENT_START,
  SELECTION,
  STEP,
} from "./layout.js";
import { TimeEncoder } from "./time-encoding.js";
import { ValueEncoder } from "./value-encoder.js";

/**
 * Turns a sequence of records into bodies of frames. Records refer to those before them; every 64 steps a segment
 * begins that refers to nothing outside, so damage and random access reach no farther than a segment.
 */
export class RecordEncoder {
  readonly out: ByteWriter;
  readonly #values: ValueEncoder;
  readonly #time: TimeEncoder;
  /** The last grid of the sequence, in arrays of its own: the caller may use its arrays again. */
  #last: Grid | null = null;
  /** The cells of `#last`, those of the grid in hand, and its selection. */
  #lastCells = new CellBuffer();
  #nextCells = new CellBuffer();
  readonly #maskCells = new CellBuffer();
  #episode: string | null = null;
  #seq = -1;
  #step = -1;
  /** Of the types that `counts` names, and of all. */
  #segmentRecords = 0;
  #segmentAll = 0;
  #segmentBytes = 0;
  #fresh = true;

  constructor(out: ByteWriter = new ByteWriter()) {
    this.out = out;
    this.#values = new ValueEncoder(out);
    this.#time = new TimeEncoder(out);
  }

  /** Begins a new segment with the next record. */
  startSegment(): void {
    this.#fresh = true;
  }

  /** The grid that the next step begins with; null before the first. Belongs to the encoder. */
  get last(): Grid | null {
    return this.#last;
  }

  /** Cells of the target, as the last `episode-start` told. */
  get targetCells(): number {
    return this.#values.cells;
  }

  /** Goes on where another encoder has stopped. */
  adopt(last: Grid | null, targetCells: number): void {
    this.#values.cells = targetCells;
    if (last === null) this.#last = null;
    else {
      this.#nextCells.load(last.data);
      this.#keep(last);
    }
    this.#fresh = true;
  }

  /** A record that is lost: what comes next begins a segment, at the grid that the lost step has left. */
  pass(record: StreamRecord): void {
    if (record.type === "step") this.adopt(record.after, this.#values.cells);
    this.#fresh = true;
  }

  /** Appends the body of `record` to `out`. If it throws, `out` is as before and the next record begins a segment. */
  encode(record: StreamRecord): void {
    const start = this.out.length;
    const counts = record.type === "step" || record.type === "metrics" || record.type === "batch";
    if (
      this.#fresh ||
      this.#segmentBytes >= SEGMENT_BYTES ||
      this.#segmentAll >= MAX_SEGMENT_RECORDS ||
      (counts && this.#segmentRecords >= SEGMENT_RECORDS)
    ) {
      this.#reset();
    }
    try {
      this.#body(record);
    } catch (error) {
      this.out.length = start;
      this.#fresh = true;
      throw error;
    }
    this.#fresh = false;
    if (counts) this.#segmentRecords += 1;
    this.#segmentAll += 1;
    this.#segmentBytes += this.out.length - start;
  }

  #reset(): void {
    this.#fresh = true;
    this.#values.reset();
    this.#time.reset();
    this.#episode = null;
    this.#seq = -1;
    this.#step = -1;
    this.#segmentRecords = 0;
    this.#segmentAll = 0;
    this.#segmentBytes = 0;
  }

  #body(record: StreamRecord): void {
    const { out } = this;
    const values = this.#values;
    switch (record.type) {
      case "step":
        this.#stepBody(record);
        return;
      case "episode-start":
        this.#begin(BODY.episodeStart, record);
        this.#episodeStartBody(record);
        return;
      case "episode-end":
        this.#begin(BODY.episodeEnd, record);
        values.text(record.episode);
        values.text(record.outcome);
        values.value(record.totals);
        return;
      case "run-start":
        this.#begin(BODY.runStart, record);
        values.text(record.run);
        values.text(record.config_hash);
        values.value(record.meta);
        return;
      case "metrics":
        this.#begin(BODY.metrics, record);
        values.number(record.step);
        values.value(record.values);
        out.u8(record.histograms === undefined ? 0 : 1);
        if (record.histograms !== undefined) values.value(record.histograms);
        return;
      case "batch":
        this.#begin(BODY.batch, record);
        values.number(record.step);
        values.value(record.arrays);
        return;
      case "run-end":
        this.#begin(BODY.runEnd, record);
        values.text(record.outcome);
        values.value(record.accounting);
        return;
    }
  }

  /** Type, what a segment needs of the past, position and time. */
  #begin(type: number, record: StreamRecord): void {
    const { out } = this;
    if (this.#fresh) {
      out.u8(type | SEGMENT_START);
      out.varint(this.#values.cells);
      out.u8(this.#last === null ? 0 : 1);
      if (this.#last !== null) writeGrid(out, this.#last, null);
    } else out.u8(type);
    out.zigzag(record.seq - this.#seq - 1);
    this.#seq = record.seq;
    this.#time.write(record.time);
  }

  #episodeStartBody(record: EpisodeStartRecord): void {
    const { out } = this;
    const values = this.#values;
    values.text(record.episode);
    values.text(record.task_id);
    values.number(record.pair_index);
    values.text(record.mode);
    out.u8((record.input === undefined ? 0 : 1) | (record.target === null ? 0 : 2));
    writeGrid(out, record.initial, null);
    if (record.input !== undefined) writeGrid(out, record.input, record.initial);
    if (record.target !== null) writeGrid(out, record.target, record.initial);
    values.cells = record.target === null ? 0 : countCells(record.target);
    values.value(record.meta);
    this.#nextCells.load(record.initial.data);
    this.#keep(record.initial);
    this.#episode = record.episode;
    this.#step = -1;
  }

  #stepBody(record: StepRecord): void {
    const { out } = this;
    const values = this.#values;
    const { action, before, after, state } = record;
    const { selection, name } = action;
    this.#begin(BODY.step, record);
    const otherEpisode = record.episode !== this.#episode;
    out.u8(
      (otherEpisode ? STEP.episode : 0) |
        (before === undefined ? 0 : STEP.before) |
        (state === undefined ? 0 : STEP.state) |
        (name === undefined ? 0 : STEP.name) |
        (record.terminated ? STEP.terminated : 0) |
        (record.truncated ? STEP.truncated : 0) |
        (selectionCode(selection) << STEP.selectionShift),
    );
    if (otherEpisode) values.text(record.episode);
    out.zigzag(record.step - this.#step - 1);
    values.number(action.operation);
    if (name !== undefined) values.text(name);
    if (before !== undefined) writeGrid(out, before, this.#last);
    const base = before ?? this.#last;
    this.#nextCells.load(after.data);
    const cells =
      before === undefined && base !== null ? { before: this.#lastCells, after: this.#nextCells } : null;
    writeGrid(out, after, base, cells);
    if (selection !== undefined) this.#selection(selection, base, after, cells);
    values.number(record.reward);
    values.value(record.info);
    if (state !== undefined) values.value(state);
    this.#keep(after);
    this.#episode = record.episode;
    this.#step = record.step;
  }

  #selection(selection: Selection, before: Grid | null, after: Grid, cells: CellChanges | null): void {
    const { out } = this;
    if (selection.kind === "mask") {
      const base = before ?? after;
      this.#maskCells.load(selection.mask);
      writeMask(out, selection.mask, base.data.length, { before: base, after }, cells, this.#maskCells);
      return;
    }
    for (const index of selection.kind === "point" ? selection.point : selection.bbox) out.zigzag(index);
  }

  /** The grid whose cells were loaded becomes the last one. */
  #keep(grid: Grid): void {
    const cells = this.#nextCells;
    this.#nextCells = this.#lastCells;
    this.#lastCells = cells;
    const size = grid.data.length;
    const [rows, columns] = grid.shape;
    const data = cells.bytes.subarray(0, size);
    this.#last =
      grid.mask === undefined
        ? { shape: [rows, columns], data }
        : { shape: [rows, columns], data, mask: Uint8Array.from(grid.mask) };
  }
}

function selectionCode(selection: Selection | undefined): number {
  return selection === undefined ? SELECTION.none : SELECTION[selection.kind];
}
