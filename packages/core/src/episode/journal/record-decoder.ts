import { countCells, type Grid } from "../grid.js";
import type {
  Accounting,
  Action,
  EpisodeMode,
  EpisodeStartRecord,
  EpisodeTotals,
  Histogram,
  Outcome,
  PlainObject,
  RunEndRecord,
  Selection,
  StepInfo,
  StepRecord,
  StreamRecord,
} from "../record.js";
import { ByteReader } from "./byte-reader.js";
import { contentInvalid } from "./errors.js";
import { readGrid, readMask } from "./grid-encoding.js";
import { BODY, SEGMENT_START, SELECTION, STEP } from "./layout.js";
import { TimeDecoder } from "./time-encoding.js";
import { ValueDecoder } from "./value-decoder.js";

/** Turns bodies of frames back into records, in the order in which `RecordEncoder` made them. */
export class RecordDecoder {
  readonly #values = new ValueDecoder();
  readonly #time = new TimeDecoder();
  #last: Grid | null = null;
  #before: Grid | null = null;
  #episode: string | null = null;
  #seq = -1;
  #step = -1;
  #ready = false;

  /** Whether the next record can be decoded without beginning a segment. */
  get ready(): boolean {
    return this.#ready;
  }

  /** The grid before the record that was decoded last; null where that is unknown. */
  get before(): Grid | null {
    return this.#before;
  }

  /** The last grid of the sequence; null before the first. */
  get last(): Grid | null {
    return this.#last;
  }

  /** Says that a record is missing: the next that can be decoded begins a segment. */
  forget(): void {
    this.#ready = false;
    this.#last = null;
  }

  /** Throws JOURNAL_CONTENT_INVALID for a body that no encoder wrote. Nothing of `body` is kept. */
  decode(body: Uint8Array, start = 0, end: number = body.length): StreamRecord {
    const input = new ByteReader(body, start, end);
    const lead = input.u8();
    if (lead & SEGMENT_START) this.#startSegment(input);
    else if (!this.#ready) throw contentInvalid("the records that it refers to are missing");
    this.#ready = false;
    const seq = this.#seq + 1 + input.zigzag();
    const time = this.#time.read(input);
    this.#seq = seq;
    const record = this.#rest(lead & ~SEGMENT_START, seq, time, input);
    if (input.remaining !== 0) throw contentInvalid("it is longer than its content");
    this.#ready = true;
    return record;
  }

  #startSegment(input: ByteReader): void {
    this.#values.reset();
    this.#time.reset();
    this.#episode = null;
    this.#seq = -1;
    this.#step = -1;
    this.#values.cells = input.varint();
    this.#last = input.u8() === 0 ? null : readGrid(input, null);
  }

  #rest(type: number, seq: number, time: number, input: ByteReader): StreamRecord {
    const values = this.#values;
    switch (type) {
      case BODY.step:
        return this.#stepRecord(seq, time, input);
      case BODY.episodeStart:
        return this.#episodeStart(seq, time, input);
      case BODY.episodeEnd:
        return {
          type: "episode-end",
          seq,
          episode: values.text(input),
          time,
          outcome: values.text(input) as Outcome,
          totals: values.object(input) as unknown as EpisodeTotals,
        };
      case BODY.runStart:
        return {
          type: "run-start",
          seq,
          run: values.text(input),
          time,
          config_hash: values.text(input),
          meta: values.object(input),
        };
      case BODY.metrics: {
        const step = values.number(input);
        const numbers = values.object(input) as { readonly [name: string]: number };
        const histograms =
          input.u8() === 0 ? undefined : (values.object(input) as unknown as { [name: string]: Histogram });
        return {
          type: "metrics",
          seq,
          time,
          step,
          values: numbers,
          ...(histograms === undefined ? {} : { histograms }),
        };
      }
      case BODY.batch:
        return {
          type: "batch",
          seq,
          time,
          step: values.number(input),
          arrays: values.object(input) as unknown as { [name: string]: number[] },
        };
      case BODY.runEnd:
        return {
          type: "run-end",
          seq,
          time,
          outcome: values.text(input) as RunEndRecord["outcome"],
          accounting: values.object(input) as unknown as { [sink: string]: Accounting },
        };
      default:
        throw contentInvalid(`there is no record type ${type}`);
    }
  }

  #episodeStart(seq: number, time: number, input: ByteReader): EpisodeStartRecord {
    const values = this.#values;
    const episode = values.text(input);
    const task_id = values.text(input);
    const pair_index = values.number(input);
    const mode = values.text(input) as EpisodeMode;
    const flags = input.u8();
    const initial = readGrid(input, null);
    const given = flags & 1 ? readGrid(input, initial) : undefined;
    const target = flags & 2 ? readGrid(input, initial) : null;
    values.cells = target === null ? 0 : countCells(target);
    const meta: PlainObject = values.object(input);
    this.#before = null;
    this.#last = initial;
    this.#episode = episode;
    this.#step = -1;
    return {
      type: "episode-start",
      seq,
      episode,
      time,
      task_id,
      pair_index,
      mode,
      initial,
      ...(given === undefined ? {} : { input: given }),
      target,
      meta,
    };
  }

  #stepRecord(seq: number, time: number, input: ByteReader): StepRecord {
    const values = this.#values;
    const flags = input.u8();
    const episode = flags & STEP.episode ? values.text(input) : this.#episode;
    if (episode === null) throw contentInvalid("the episode of a step is missing");
    const step = this.#step + 1 + input.zigzag();
    const operation = values.number(input);
    const name = flags & STEP.name ? values.text(input) : undefined;
    const before = flags & STEP.before ? readGrid(input, this.#last) : undefined;
    const base = before ?? this.#last;
    const after = readGrid(input, base);
    const selection = readSelection(input, flags >> STEP.selectionShift, base ?? after, after);
    const action: Action = {
      operation,
      ...(name === undefined ? {} : { name }),
      ...(selection === undefined ? {} : { selection }),
    };
    const reward = values.number(input);
    const info = values.object(input) as StepInfo;
    const state = flags & STEP.state ? values.value(input) : undefined;
    this.#before = base;
    this.#last = after;
    this.#episode = episode;
    this.#step = step;
    return {
      type: "step",
      seq,
      episode,
      step,
      time,
      ...(before === undefined ? {} : { before }),
      action,
      after,
      reward,
      terminated: (flags & STEP.terminated) !== 0,
      truncated: (flags & STEP.truncated) !== 0,
      info,
      ...(state === undefined ? {} : { state }),
    };
  }
}

function readSelection(input: ByteReader, code: number, before: Grid, after: Grid): Selection | undefined {
  switch (code) {
    case SELECTION.mask:
      return { kind: "mask", mask: readMask(input, before.data.length, { before, after }) };
    case SELECTION.point:
      return { kind: "point", point: [input.zigzag(), input.zigzag()] };
    case SELECTION.bbox:
      return { kind: "bbox", bbox: [input.zigzag(), input.zigzag(), input.zigzag(), input.zigzag()] };
    default:
      return undefined;
  }
}
